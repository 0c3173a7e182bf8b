"""AE: Adverse event / SAE."""

from typing import Any

from protocol.clinical import Bleeding, adverse_event_class, barc
from protocol.codelists import AEACN, AEOUT, AEREL, AESEV, AESI, BARC, BLCRIT, MITYPE, NY, SAECRIT, SIDE
from protocol.words import T
from visits.crfs import ae_rules
from visits.crfs.base import Crf, Section, Values
from visits.items import (
    CodeItem,
    DateTimeItem,
    DecItem,
    Derived,
    IntItem,
    MultiCodeItem,
    PartialDateItem,
    Range,
    RefItem,
    TextItem,
    Unusual,
)


def _barc(v: Values, dossier: Any) -> str | None:
    """Return the BARC type of a bleeding event, None for every other one."""
    if "BLEED" not in (v.get("ae_aesi") or ()):
        return None
    bleeding = Bleeding(
        fatal=v.get("ae_outcome") == "FAT",
        critical_site=v.get("bl_critical"),
        hb_before=v.get("bl_hb_before"),
        hb_nadir=v.get("bl_hb_nadir"),
        red_cell_units=v.get("bl_rbc_units"),
        intervention=v.get("bl_intervention"),
        vasoactive=v.get("bl_vasoactive"),
        actionable=v.get("bl_actionable"),
    )
    return barc(bleeding)


class AdverseEvent(Crf):
    """One adverse event, serious or not (ISO 14155:2020)."""

    form = "AE"
    title = T("Adverse event / SAE", "不良事件")
    repeating = True

    ae_term = TextItem(T("Event", "不良事件名称"), 200, "R!", sdtm="AE.AETERM")
    ae_start = PartialDateItem(T("Onset date", "开始日期"), "R!", sdtm="AE.AESTDTC")
    ae_end = PartialDateItem(
        T("End date", "结束日期"), "C", show_if="ae_outcome in (REC,RECS,FAT)", sdtm="AE.AEENDTC"
    )
    ae_outcome = CodeItem(T("Outcome", "转归"), AEOUT, "R!", soft=Unusual("UNK"), sdtm="AE.AEOUT")
    ae_severity = CodeItem(T("Severity", "严重程度"), AESEV, "R!", sdtm="AE.AESEV")
    ae_ctcae = IntItem(
        T("CTCAE grade (version in Study config)", "CTCAE分级"),
        "O",
        unit="grade",
        hard=Range(1, 5),
        sdtm="AE.AETOXGR",
    )
    ae_rel_proc = CodeItem(T("Relation to procedure", "与手术相关性"), AEREL, "R!", sdtm="AE.AERLPRC")
    ae_rel_device = CodeItem(
        T("Relation to study device", "与研究器械相关性"), AEREL, "R!", sdtm="AE.AEREL; AE.AERLDEV"
    )
    ae_rel_drug = CodeItem(
        T("Relation to paclitaxel", "与紫杉醇相关性"),
        AEREL,
        "R",
        soft=Unusual("1", "2", "3"),
        sdtm="SUPPAE[RELDRUG]",
    )
    ae_rel_antithr = CodeItem(
        T("Relation to antithrombotic therapy", "与抗栓治疗相关性"), AEREL, "R", sdtm="SUPPAE[RELANTI]"
    )
    ae_action = MultiCodeItem(
        T("Action taken", "采取的措施"),
        AEACN,
        "R",
        exclusive=("NONE",),
        sdtm="AE.AEACNOTH (DEVREM also AE.AEACNDEV)",
    )
    ae_serious = CodeItem(T("Serious", "是否严重"), NY, "R!", sdtm="AE.AESER")
    ae_sae_crit = MultiCodeItem(
        T("Seriousness criteria", "严重性标准"),
        SAECRIT,
        "C!",
        show_if="ae_serious=Y",
        sdtm="AE.AESDTH and others (INT → AESINTV)",
    )
    ae_hosp_admit = PartialDateItem(
        T("Admission date", "入院日期"), "C", show_if="ae_sae_crit contains HOSP", sdtm="HO.HOSTDTC"
    )
    ae_hosp_disch = PartialDateItem(
        T("Discharge date", "出院日期"), "O", show_if="ae_sae_crit contains HOSP", sdtm="HO.HOENDTC"
    )
    ae_anticipated = CodeItem(
        T("Anticipated (investigator brochure/IFU)", "是否预期"),
        NY,
        "C",
        soft=Unusual("N"),
        show_if="ae_serious=Y and ae_rel_device>0",
        sdtm="AE.AEUNANT (inverted)",
    )
    ae_aware_dt = DateTimeItem(
        T("Site aware at", "研究中心获知时间"), "C", show_if="ae_serious=Y", sdtm="SUPPAE[AWAREDTC]"
    )
    ae_report_dt = DateTimeItem(
        T("Reported to sponsor at", "上报申办者时间"), "C", show_if="ae_serious=Y", sdtm="SUPPAE[REPDTC]"
    )
    ae_class = Derived(
        T("ISO class (AE, ADE, SAE, SADE, USADE)", "ISO分类"),
        lambda v, dossier: adverse_event_class(
            v.get("ae_serious"), v.get("ae_rel_device"), v.get("ae_anticipated")
        ),
        sdtm="SUPPAE[ISOCLS]",
    )
    ae_aesi = MultiCodeItem(
        T("Events of special interest", "特别关注事件(可多选)"),
        AESI,
        "R!",
        exclusive=("NONE",),
        sdtm="SUPPAE[AESI1..n]",
    )
    ae_limb = CodeItem(
        T("Limb", "肢体"), SIDE, "C!", show_if="ae_aesi contains any of (ALI,TLTHR,ACC)", sdtm="AE.AELAT"
    )
    ae_dd_ref = RefItem(T("Related device deficiency", "对应器械缺陷"), "page:DD", "O", sdtm="RELREC")
    bl_site = TextItem(
        T("Bleeding site", "出血部位"), 60, "C", show_if="ae_aesi contains BLEED", sdtm="AE.AELOC"
    )
    bl_hb_before = IntItem(
        T("Hb before", "出血前血红蛋白"),
        "C",
        unit="g/L",
        hard=Range(20, 250),
        show_if="ae_aesi contains BLEED",
        sdtm="LB[HGB]",
    )
    bl_hb_nadir = IntItem(
        T("Hb nadir", "最低血红蛋白"),
        "C",
        unit="g/L",
        hard=Range(10, 250),
        show_if="ae_aesi contains BLEED",
        sdtm="LB[HGB]",
    )
    bl_rbc_units = DecItem(
        T("Red-cell units", "输红细胞单位"),
        4,
        1,
        "C",
        unit="U",
        hard=Range(0, 50),
        soft=Range(hi=10),
        show_if="ae_aesi contains BLEED",
        sdtm="FA[RBCUNIT]",
    )
    bl_intervention = CodeItem(
        T("Surgery or embolisation for control", "是否手术或栓塞止血"),
        NY,
        "C",
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BLSURG]",
    )
    bl_vasoactive = CodeItem(
        T("Vasoactive agents", "是否使用血管活性药"),
        NY,
        "C",
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BLVASO]",
    )
    bl_critical = CodeItem(
        T("Critical site (separates BARC 3c from 3b)", "关键部位出血"),
        BLCRIT,
        "C",
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BLCRIT]",
    )
    bl_actionable = CodeItem(
        T("Led to evaluation, treatment or admission", "是否导致检查/治疗/住院"),
        NY,
        "C",
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BLACT]",
    )
    bl_barc_inv = CodeItem(
        T("BARC type (investigator)", "BARC分型(研究者)"),
        BARC,
        "C",
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BARC]",
    )
    bl_barc = Derived(
        T("BARC type (derived)", "BARC分型(推导)"),
        _barc,
        codelist=BARC,
        show_if="ae_aesi contains BLEED",
        sdtm="FA[BARCDRV]",
    )
    mi_type = CodeItem(
        T("MI type (4th universal definition)", "心梗分型"),
        MITYPE,
        "C",
        show_if="ae_aesi contains MI",
        sdtm="FA[MITYPE]",
    )
    mi_trop_peak = DecItem(
        T("Peak troponin / ULN", "肌钙蛋白峰值/正常上限"),
        8,
        2,
        "C",
        unit="xULN",
        hard=Range(0, 100000),
        soft=Range(above=1),
        show_if="ae_aesi contains MI",
        sdtm="FA[TROPXULN]",
    )
    ae_rrt = CodeItem(
        T("New renal replacement therapy", "新开始肾脏替代治疗"),
        NY,
        "C",
        soft=Unusual("Y"),
        show_if="ae_aesi contains AKI",
        sdtm="FA[RRT]",
    )
    ae_narrative = TextItem(T("Narrative", "事件描述"), 4000, "C", show_if="ae_serious=Y")

    layout = (
        Section(T("Event", "事件"), ("ae_term", "ae_start", "ae_outcome", "ae_end")),
        Section(T("Severity", "严重程度"), ("ae_severity", "ae_ctcae")),
        Section(
            T("Relation", "相关性"),
            ("ae_rel_proc", "ae_rel_device", "ae_rel_drug", "ae_rel_antithr", "ae_action"),
        ),
        Section(
            T("Seriousness and reporting", "严重性与上报"),
            (
                "ae_serious",
                "ae_sae_crit",
                "ae_hosp_admit",
                "ae_hosp_disch",
                "ae_anticipated",
                "ae_aware_dt",
                "ae_report_dt",
                "ae_class",
            ),
        ),
        Section(T("Special interest", "特别关注"), ("ae_aesi", "ae_limb", "ae_dd_ref")),
        Section(
            T("Bleeding", "出血"),
            (
                "bl_site",
                "bl_hb_before",
                "bl_hb_nadir",
                "bl_rbc_units",
                "bl_intervention",
                "bl_vasoactive",
                "bl_critical",
                "bl_actionable",
                "bl_barc_inv",
                "bl_barc",
            ),
        ),
        Section(
            T("Myocardial infarction and kidney", "心肌梗死与肾脏"), ("mi_type", "mi_trop_peak", "ae_rrt")
        ),
        Section(T("Narrative", "描述"), ("ae_narrative",)),
    )

    contradictions = ae_rules.CONTRADICTIONS
    warnings = ae_rules.WARNINGS

    class Meta(Crf.Meta):
        db_table = "crf_ae"
