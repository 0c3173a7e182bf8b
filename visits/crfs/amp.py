"""AMP: Amputation."""

from protocol.codelists import AMPCAUSE, AMPLVL, NY, SIDE
from protocol.words import T
from visits.crfs.base import Crf, Section
from visits.items import CodeItem, Derived, PartialDateItem, RefItem, Unusual


class Amputation(Crf):
    """One amputation of either limb."""

    form = "AMP"
    title = T("Amputation", "截肢")
    repeating = True

    amp_date = PartialDateItem(T("Date", "截肢日期"), "R!", sdtm="PR.PRSTDTC")
    amp_side = CodeItem(T("Limb", "肢体"), SIDE, "R!", sdtm="PR.PRLAT")
    amp_level = CodeItem(T("Level", "截肢平面"), AMPLVL, "R!", sdtm="PR.PRLOC")
    amp_planned = CodeItem(
        T("Planned before index procedure", "是否术前已计划"), NY, "R!", sdtm="SUPPPR[PLANFL]"
    )
    amp_cause = CodeItem(T("Cause", "原因"), AMPCAUSE, "R!", soft=Unusual("TRAU", "TUM"), sdtm="PR.PRINDC")
    amp_is_major = Derived(T("Major amputation", "是否大截肢"), sdtm="FA[MAJAMP]")
    amp_target_limb = Derived(T("Target limb", "是否靶肢"), sdtm="FA[TLIMB]")
    amp_ae_ref = RefItem(T("Related AE", "对应不良事件"), "page:AE", "R", sdtm="RELREC")

    layout = (
        Section(T("Amputation", "截肢"), ("amp_date", "amp_side", "amp_level", "amp_planned", "amp_cause")),
        Section(T("Assessment", "判定"), ("amp_is_major", "amp_target_limb", "amp_ae_ref")),
    )

    class Meta(Crf.Meta):
        db_table = "crf_amp"
