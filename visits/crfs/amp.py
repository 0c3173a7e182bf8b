"""AMP: Amputation."""

from typing import Any

from protocol.codelists import AMPCAUSE, AMPLVL, NY, SIDE
from protocol.partial_dates import PartialDate
from protocol.revascularisation import is_major
from protocol.words import T
from visits.crfs import across
from visits.crfs.base import INCOMPLETE_DATE, Contradiction, Crf, Section, Values
from visits.items import CodeItem, Derived, PartialDateItem, RefItem, Unusual


def _is_major(v: Values, dossier: Any) -> str | None:
    if v.get("amp_level") is None:
        return None
    return "Y" if is_major(v["amp_level"]) else "N"


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
    amp_is_major = Derived(T("Major amputation", "是否大截肢"), _is_major, codelist=NY, sdtm="FA[MAJAMP]")
    amp_target_limb = Derived(
        T("Target limb", "是否靶肢"), across.on_target_limb, reads_dossier=True, codelist=NY, sdtm="FA[TLIMB]"
    )
    amp_ae_ref = RefItem(T("Related AE", "对应不良事件"), "page:AE", "R", sdtm="RELREC")

    layout = (
        Section(T("Amputation", "截肢"), ("amp_date", "amp_side", "amp_level", "amp_planned", "amp_cause")),
        Section(T("Assessment", "判定"), ("amp_is_major", "amp_target_limb", "amp_ae_ref")),
    )

    warnings = (
        Contradiction(
            "AMP.amp_date",
            ("amp_date",),
            lambda v: not PartialDate.of(v["amp_date"]).complete,
            INCOMPLETE_DATE,
            cells=("amp_date: incomplete",),
        ),
        Contradiction(
            "AMP.amp_planned",
            ("amp_planned", "amp_is_major"),
            lambda v: v["amp_planned"] == v["amp_is_major"] == "Y",
            T("Major amputation planned before the index procedure.", "大截肢为术前已计划。"),
            cells=("amp_planned: Y with major level",),
        ),
        Contradiction(
            "EC-105",
            ("amp_ae_ref", "amp_is_major"),
            lambda v: v["amp_is_major"] == "Y" and v["amp_ae_ref"] is None,
            T("Major amputation without an SAE.", "大截肢无对应SAE。"),
            cells=("amp_ae_ref: missing",),
            may_be_blank=("amp_ae_ref",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_amp"
