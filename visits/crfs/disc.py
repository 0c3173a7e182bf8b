"""DISC: Discharge."""

from protocol.codelists import ATREG, NY, RUTH, VITAL
from protocol.words import T
from visits.crfs.base import Contradiction, Crf, Section
from visits.items import CodeItem, DateItem, IntItem, Range, Unusual


class Discharge(Crf):
    """Discharge, or death in hospital."""

    form = "DISC"
    title = T("Discharge", "出院")

    disc_date = DateItem(
        T("Discharge date (or date of in-hospital death)", "出院日期(院内死亡填死亡日期)"),
        "R!",
        sdtm="HO.HOENDTC",
    )
    disc_admit_date = DateItem(T("Admission date", "入院日期"), "R", sdtm="HO.HOSTDTC")
    disc_vital = CodeItem(
        T("Vital status at discharge", "出院时生存状态"), VITAL, "R!", soft=Unusual("U"), sdtm="SS[SURVSTAT]"
    )
    disc_rutherford = CodeItem(
        T("Rutherford category, target limb", "靶肢Rutherford分级"),
        RUTH,
        "R",
        show_if="disc_vital=A",
        sdtm="RS[RUTHCAT]",
    )
    disc_at_regimen = CodeItem(
        T("Antithrombotic regimen at discharge", "出院抗栓方案"),
        ATREG,
        "R!",
        soft=Unusual("NONE", "SAPT"),
        show_if="disc_vital=A",
        sdtm="FA[ATREG]",
    )
    disc_dapt_months = IntItem(
        T("Planned DAPT duration", "计划双抗疗程"),
        "C",
        unit="months",
        hard=Range(0, 60),
        soft=Range(1, 12),
        show_if="disc_at_regimen in (DAPT,TRIP)",
        sdtm="FA[DAPTPLAN]",
    )
    disc_new_event = CodeItem(T("Event since procedure (AE, REV, AMP)", "术后是否发生事件"), NY, "R!")

    layout = (
        Section(T("Discharge", "出院"), ("disc_date", "disc_admit_date")),
        Section(
            T("State and treatment", "状态与治疗"),
            ("disc_vital", "disc_rutherford", "disc_at_regimen", "disc_dapt_months", "disc_new_event"),
        ),
    )

    contradictions = (
        Contradiction(
            "DISC.disc_admit_date",
            ("disc_admit_date", "disc_date"),
            lambda v: v["disc_admit_date"] > v["disc_date"],
            T("Admission after discharge.", "入院日期晚于出院日期。"),
            cells=("disc_admit_date: ≤ disc_date",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_disc"
