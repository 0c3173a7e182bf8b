"""REV: Revascularisation event."""

from protocol.codelists import CDREAS, EDGE, NY, PERCTYPE, REVKIND, REVVES, RUTH, SIDE, SUCC, SURGTYPE
from protocol.words import T
from visits.crfs import across, rev_rules
from visits.crfs.base import Crf, Section
from visits.items import (
    CodeItem,
    DateItem,
    DecItem,
    Derived,
    FileItem,
    IntItem,
    MultiCodeItem,
    PartialDateItem,
    Range,
    RefItem,
    TextItem,
    Unusual,
)


class Revascularisation(Crf):
    """One revascularisation: a session, a limb and a target lesion."""

    form = "REV"
    title = T("Revascularisation event", "血运重建事件")
    repeating = True

    rev_no = Derived(T("Event number", "事件编号"), identity=True, sdtm="PR.PRSPID")
    rev_date = PartialDateItem(T("Date of procedure", "手术日期"), "R!", sdtm="PR.PRSTDTC")
    rev_kind = CodeItem(T("Kind", "类型"), REVKIND, "R!", sdtm="PR.PRCAT")
    rev_side = CodeItem(T("Limb", "肢体"), SIDE, "R!", sdtm="PR.PRLAT")
    rev_separate = CodeItem(
        T("Separate session from index procedure", "是否与研究手术为不同手术"),
        NY,
        "C!",
        soft=Unusual("Y"),
        show_if="rev_date=proc_date",
        sdtm="SUPPPR[SEPSESS]",
    )
    rev_vessels = MultiCodeItem(
        T("Vessels treated", "处理血管"), REVVES, "C!", show_if="rev_kind<>DIAG", sdtm="PR.PRLOC"
    )
    rev_tl_lesion = RefItem(
        T("Target lesion concerned, or nearest one", "涉及的(或最近的)靶病变"),
        "lesion",
        "C",
        show_if="rev_side=target limb and (rev_vessels contains FP or rev_byp_tl=Y)",
        sdtm="PR.PRLNKID",
    )
    rev_edge = CodeItem(
        T("Position relative to index device(s)", "相对研究器械的位置"),
        EDGE,
        "C",
        show_if="rev_side=target limb and rev_vessels contains FP",
        sdtm="SUPPPR[EDGEPOS]",
    )
    rev_edge_mm = IntItem(
        T("Distance from nearest device edge", "距最近器械边缘距离"),
        "C",
        unit="mm",
        hard=Range(0, 400),
        show_if="rev_side=target limb and rev_vessels contains FP",
        sdtm="SUPPPR[EDGEDIST]",
    )
    rev_perc_types = MultiCodeItem(
        T("Percutaneous techniques", "腔内技术"),
        PERCTYPE,
        "C",
        show_if="rev_kind in (PERC,HYB)",
        sdtm="PR.PRTRT",
    )
    rev_surg_type = CodeItem(
        T("Surgical technique", "手术方式"), SURGTYPE, "C", show_if="rev_kind in (SURG,HYB)", sdtm="PR.PRTRT"
    )
    rev_byp_tl = CodeItem(
        T("Bypass excludes or bypasses the target lesion", "旁路是否跨越靶病变"),
        NY,
        "C",
        show_if="rev_surg_type=BYP",
        sdtm="SUPPPR[BYPTL]",
    )
    rev_pre_sten_pct = IntItem(
        T("Stenosis before treatment", "术前狭窄率"),
        "C",
        unit="%",
        hard=Range(0, 100),
        soft=Range(50),
        show_if="rev_kind<>DIAG and rev_tl_lesion present",
        sdtm="CV[PCTDIAST]",
    )
    rev_pre_psvr = DecItem(
        T("PSVR before treatment", "术前PSVR"),
        4,
        2,
        "O",
        unit="ratio",
        hard=Range("0.10", 30),
        soft=Range("2.4"),
        show_if="rev_tl_lesion present",
        sdtm="CV[PSVR]",
    )
    rev_tl_occluded = CodeItem(
        T("Target lesion occluded before treatment", "术前靶病变是否闭塞"),
        NY,
        "C",
        show_if="rev_kind<>DIAG and rev_tl_lesion present",
        sdtm="CV[OCCL]",
    )
    rev_thrombosis = CodeItem(
        T("Acute or subacute thrombosis", "急性或亚急性血栓"),
        NY,
        "C",
        soft=Unusual("Y"),
        show_if="rev_tl_lesion present",
        sdtm="CE.CEOCCUR",
    )
    rev_reasons = MultiCodeItem(
        T("Reason(s)", "原因"),
        CDREAS,
        "C!",
        exclusive=("PLAN", "IMG", "UNK"),
        soft=Unusual("IMG", "UNK"),
        show_if="rev_kind<>DIAG",
        sdtm="PR.PRINDC",
    )
    rev_ruth_pre = CodeItem(
        T("Rutherford just before", "术前Rutherford分级"),
        RUTH,
        "C",
        show_if="rev_kind<>DIAG",
        sdtm="RS[RUTHCAT]",
    )
    rev_abi_ref = Derived(
        T("Reference ABI (first post-index)", "参考ABI(术后首次)"),
        across.reference_abi,
        reads_dossier=True,
        unit="ratio",
    )
    rev_abi_pre = DecItem(
        T("ABI just before", "术前ABI"),
        3,
        2,
        "R",
        unit="ratio",
        hard=Range(0, "3.00"),
        soft=Range("0.20", "1.40"),
        show_if="rev_kind<>DIAG and rev_side=target limb",
        sdtm="VS[ABI]",
    )
    rev_abi_pre_date = DateItem(
        T("Date of that ABI", "该ABI日期"), "C", show_if="rev_abi_pre present", sdtm="VS.VSDTC"
    )
    rev_tbi_pre = DecItem(
        T("TBI just before", "术前TBI"),
        3,
        2,
        "O",
        unit="ratio",
        hard=Range(0, "2.00"),
        show_if="rev_kind<>DIAG and rev_side=target limb",
        sdtm="VS[TBI]",
    )
    rev_urgent = CodeItem(
        T("Urgent (unplanned, < 24 h)", "是否急诊手术"),
        NY,
        "C",
        show_if="rev_kind<>DIAG",
        sdtm="SUPPPR[URGENT]",
    )
    rev_outcome = CodeItem(
        T("Result", "结果"), SUCC, "C", soft=Unusual("F"), show_if="rev_kind<>DIAG", sdtm="SUPPPR[OUTCOME]"
    )
    rev_final_pct = IntItem(
        T("Final residual stenosis", "最终残余狭窄"),
        "C",
        unit="%",
        hard=Range(0, 100),
        soft=Range(hi=30),
        show_if="rev_kind in (PERC,HYB)",
        sdtm="CV[RESIDFIN]",
    )
    rev_hospital = TextItem(T("Performed at", "实施医院"), 80, "R", sdtm="SUPPPR[HOSP]")
    rev_is_tlr = Derived(
        T("Target lesion revascularisation (site)", "靶病变血运重建(中心判定)"),
        across.is_tlr,
        reads_dossier=True,
        codelist=NY,
        sdtm="FA[TLRFL]",
    )
    rev_is_tvr = Derived(
        T("Target vessel revascularisation (site)", "靶血管血运重建"),
        across.is_tvr,
        reads_dossier=True,
        codelist=NY,
        sdtm="FA[TVRFL]",
    )
    rev_cd_site = Derived(
        T("Clinically driven (site algorithm)", "临床驱动(算法判定)"),
        across.clinically_driven,
        reads_dossier=True,
        codelist=NY,
        sdtm="FA[CDFL]",
    )
    rev_narrative = TextItem(T("Narrative", "事件描述"), 2000, "R")
    rev_docs = FileItem(T("Source documents", "源文件"), "R")

    layout = (
        Section(
            T("Procedure", "手术"),
            ("rev_no", "rev_date", "rev_kind", "rev_side", "rev_separate", "rev_vessels"),
        ),
        Section(T("Technique", "技术"), ("rev_perc_types", "rev_surg_type", "rev_byp_tl")),
        Section(T("Position", "部位"), ("rev_tl_lesion", "rev_edge", "rev_edge_mm")),
        Section(
            T("Lesion before treatment", "术前病变"),
            ("rev_pre_sten_pct", "rev_pre_psvr", "rev_tl_occluded", "rev_thrombosis"),
        ),
        Section(
            T("Indication", "适应证"),
            ("rev_reasons", "rev_ruth_pre", "rev_abi_ref", "rev_abi_pre", "rev_abi_pre_date", "rev_tbi_pre"),
        ),
        Section(T("Result", "结果"), ("rev_urgent", "rev_outcome", "rev_final_pct", "rev_hospital")),
        Section(T("Site assessment", "中心判定"), ("rev_is_tlr", "rev_is_tvr", "rev_cd_site")),
        Section(T("Narrative", "描述"), ("rev_narrative", "rev_docs")),
    )

    contradictions = rev_rules.CONTRADICTIONS
    warnings = rev_rules.WARNINGS

    class Meta(Crf.Meta):
        db_table = "crf_rev"
