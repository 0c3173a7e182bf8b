"""REV: Revascularisation event."""

from protocol.codelists import CDREAS, EDGE, NY, PERCTYPE, REVKIND, REVVES, RUTH, SIDE, SUCC, SURGTYPE
from protocol.partial_dates import PartialDate, days_between, is_after
from protocol.revascularisation import fell
from protocol.words import T
from visits.crfs import across
from visits.crfs.base import INCOMPLETE_DATE, Contradiction, Crf, Section, Values
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


def _fell(v: Values) -> bool:
    """Say whether the ABI fell enough to be a reason, in whole hundredths."""
    return fell(int(v["rev_abi_ref"] * 100), int(v["rev_abi_pre"] * 100))


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
        Section(T("Position", "部位"), ("rev_tl_lesion", "rev_edge", "rev_edge_mm")),
        Section(T("Technique", "技术"), ("rev_perc_types", "rev_surg_type", "rev_byp_tl")),
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

    contradictions = (
        Contradiction(
            "EC-097",
            ("rev_tl_occluded", "rev_pre_sten_pct"),
            lambda v: (v["rev_tl_occluded"] == "Y") != (v["rev_pre_sten_pct"] == 100),
            T("Occlusion and stenosis disagree.", "闭塞与狭窄率不一致。"),
            cells=("rev_tl_occluded: Y ⇔ rev_pre_sten_pct=100",),
        ),
        Contradiction(
            "REV.rev_edge_mm",
            ("rev_edge_mm", "rev_edge"),
            lambda v: (v["rev_edge_mm"] == 0) != (v["rev_edge"] == "IN"),
            T('A distance of 0 mm must equal "within treated segment".', '距离为0 mm须与"治疗段内"一致。'),
            cells=("rev_edge_mm: 0 ⇔ rev_edge=IN",),
        ),
        Contradiction(
            "REV.rev_abi_pre_date",
            ("rev_abi_pre_date", "rev_date"),
            lambda v: is_after(v["rev_abi_pre_date"], v["rev_date"]) is True,
            T('ABI "just before" is dated after the procedure.', '"术前"ABI日期晚于手术日期。'),
            cells=("rev_abi_pre_date: ≤ rev_date",),
        ),
    )

    warnings = (
        Contradiction(
            "REV.rev_date",
            ("rev_date",),
            lambda v: not PartialDate.of(v["rev_date"]).complete,
            INCOMPLETE_DATE,
            cells=("rev_date: incomplete",),
        ),
        Contradiction(
            "REV.rev_abi_pre_date.old",
            ("rev_abi_pre_date", "rev_date"),
            lambda v: days_between(v["rev_abi_pre_date"], v["rev_date"])[0] > 30,
            T("ABI measured more than 30 days before the procedure.", "ABI测量距手术超过30天。"),
            cells=("rev_abi_pre_date: > 30 d before",),
        ),
        Contradiction(
            "EC-098",
            ("rev_ruth_pre", "rev_reasons"),
            lambda v: v["rev_ruth_pre"] == "0" and not {"CLAU", "REST", "TISS"}.isdisjoint(v["rev_reasons"]),
            T("Symptom reason with Rutherford 0.", "以症状为原因但Rutherford为0级。"),
            cells=("rev_ruth_pre: 0 with a symptom reason",),
        ),
        Contradiction(
            "EC-099",
            ("rev_reasons", "rev_abi_ref", "rev_abi_pre"),
            lambda v: "ABI" in v["rev_reasons"] and not _fell(v),
            T("ABI-drop reason not supported by the ABI values.", "以ABI下降为原因,但数值不支持。"),
        ),
        Contradiction(
            "EC-100",
            ("rev_edge_mm", "rev_tl_lesion"),
            lambda v: 25 <= v["rev_edge_mm"] <= 35,
            T(
                "Distance close to the 30 mm limit: attach images for CEC.",
                "距离接近30mm界限,请上传影像供裁定。",
            ),
            cells=("rev_edge_mm: 25–35 (near the 30 mm limit)",),
        ),
        Contradiction(
            "EC-101",
            ("rev_pre_sten_pct", "rev_edge_mm", "rev_tl_lesion"),
            lambda v: v["rev_edge_mm"] <= 30 and v["rev_pre_sten_pct"] < 50,
            T(
                "Target lesion treated with < 50 % stenosis: confirm indication.",
                "靶病变狭窄<50%仍行治疗,请确认指征。",
            ),
            limit_of=("rev_pre_sten_pct",),
        ),
        Contradiction(
            "EC-137",
            ("rev_edge_mm", "rev_side", "rev_vessels", "target_limb"),
            lambda v: (
                v["rev_side"] == v["target_limb"] and "FP" in v["rev_vessels"] and v["rev_edge_mm"] is None
            ),
            T(
                "Distance to the device edge unknown: CEC decides TLR.",
                "距器械边缘距离不详,由裁定委员会判定TLR。",
            ),
            cells=("rev_edge_mm: blank (CEC decides)",),
            may_be_blank=("rev_edge_mm",),
        ),
        Contradiction(
            "REV.rev_narrative",
            ("rev_narrative",),
            lambda v: len(v["rev_narrative"]) < 30,
            T("Narrative shorter than 30 characters.", "事件描述少于30个字符。"),
            cells=("rev_narrative: < 30 characters",),
        ),
    )

    class Meta(Crf.Meta):
        db_table = "crf_rev"
