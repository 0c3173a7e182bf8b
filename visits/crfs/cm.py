"""CM: Medications."""

from protocol.codelists import CMCLASS, CMFREQ, NY
from protocol.partial_dates import is_before
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DecItem, PartialDateItem, Range, RefItem, TextItem


class Medication(Crf):
    """One drug, from its first dose to its last."""

    form = "CM"
    title = T("Medications", "合并用药")
    repeating = True

    cm_class = CodeItem(T("Class", "药物类别"), CMCLASS, "R!", sdtm="CM.CMCAT")
    cm_name = TextItem(T("Drug name", "药物名称"), 80, "R!", sdtm="CM.CMTRT")
    cm_dose = DecItem(T("Dose per intake", "单次剂量"), 8, 3, "R", hard=Range(above=0), sdtm="CM.CMDOSE")
    cm_unit = TextItem(T("Unit", "剂量单位"), 12, "R", screened=False, sdtm="CM.CMDOSU")
    cm_freq = CodeItem(T("Frequency", "频次"), CMFREQ, "R", sdtm="CM.CMDOSFRQ")
    cm_start = PartialDateItem(T("Start date", "开始日期"), "R", sdtm="CM.CMSTDTC")
    cm_ongoing = CodeItem(T("Ongoing", "是否持续"), NY, "R!", sdtm="CM.CMENRF")
    cm_end = PartialDateItem(T("End date", "结束日期"), "C", show_if="cm_ongoing=N", sdtm="CM.CMENDTC")
    cm_stop_reason = TextItem(
        T("Reason stopped", "停药原因"), 100, "C", show_if="cm_ongoing=N", sdtm="SUPPCM[STOPREAS]"
    )
    cm_periproc = CodeItem(
        T("Peri-procedural loading", "围术期负荷剂量"),
        NY,
        "O",
        show_if="cm_class in (ASA,P2Y12)",
        sdtm="SUPPCM[LOADFL]",
    )
    cm_ae_ref = RefItem(T("Given for AE", "对应不良事件"), "page:AE", "O", sdtm="RELREC")

    layout = (
        Section(T("Drug", "药物"), ("cm_class", "cm_name")),
        Section(T("Dose", "剂量"), ("cm_dose", "cm_unit", "cm_freq")),
        Section(T("Period", "用药时间"), ("cm_start", "cm_ongoing", "cm_end", "cm_stop_reason")),
        Section(T("Occasion", "用药情形"), ("cm_periproc", "cm_ae_ref")),
    )

    contradictions = (
        Contradiction(
            "EC-128",
            ("cm_end", "cm_start"),
            lambda v: is_before(v["cm_end"], v["cm_start"]) is True,
            T("Medication ends before it starts.", "药物结束日期早于开始日期。"),
            cells=("cm_end: ≥ cm_start",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_cm"
