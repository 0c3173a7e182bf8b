"""DD: Device deficiency."""

from datetime import timedelta

from protocol.codelists import DDTYPE, NY
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, DateTimeItem, RefItem, TextItem, Unusual

ONE_DAY = timedelta(hours=24)


class DeviceDeficiency(Crf):
    """One deficiency of a device, whether or not it harmed the subject."""

    form = "DD"
    title = T("Device deficiency", "器械缺陷")
    repeating = True

    dd_date = DateItem(T("Date", "发生日期"), "R!", sdtm="DE.DESTDTC")
    dd_device = RefItem(T("Device", "器械编号"), "device", "R!", sdtm="DE.SPDEVID")
    dd_type = CodeItem(T("Type", "类型"), DDTYPE, "R!", sdtm="DE.DECAT")
    dd_desc = TextItem(T("Description", "描述"), 1000, "R!", sdtm="DE.DETERM (first 200; rest SUPPDE)")
    dd_led_to_ae = CodeItem(T("Led to an AE", "是否导致不良事件"), NY, "R!", sdtm="RELREC")
    dd_could_sae = CodeItem(
        T("Could have led to an SAE", "是否可能导致SAE"), NY, "R!", soft=Unusual("Y"), sdtm="SUPPDE[POTSAE]"
    )
    dd_device_kept = CodeItem(
        T("Device retained", "器械是否保留"), NY, "R", soft=Unusual("N"), sdtm="DT.DTDECOD"
    )
    dd_aware_dt = DateTimeItem(T("Site aware at", "获知时间"), "R!", sdtm="SUPPDE[AWAREDTC]")
    dd_report_dt = DateTimeItem(
        T("Reported at", "上报时间"), "C", show_if="dd_could_sae=Y", sdtm="SUPPDE[REPDTC]"
    )

    layout = (
        Section(T("Deficiency", "缺陷"), ("dd_date", "dd_device", "dd_type", "dd_desc")),
        Section(T("Consequence", "后果"), ("dd_led_to_ae", "dd_could_sae")),
        Section(T("Reporting", "上报"), ("dd_device_kept", "dd_aware_dt", "dd_report_dt")),
    )

    contradictions = (
        Contradiction(
            "DD.dd_report_dt",
            ("dd_report_dt", "dd_aware_dt"),
            lambda v: v["dd_report_dt"] < v["dd_aware_dt"],
            T("Reported before the site was aware.", "上报时间早于获知时间。"),
            cells=("dd_report_dt: ≥ dd_aware_dt",),
        ),
    )

    warnings = (
        Contradiction(
            "DD.dd_report_dt.late",
            ("dd_report_dt", "dd_aware_dt"),
            lambda v: v["dd_report_dt"] - v["dd_aware_dt"] > ONE_DAY,
            T("Reported later than 24 h.", "上报超过24小时。"),
            cells=("dd_report_dt: > 24 h after aware",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_dd"
