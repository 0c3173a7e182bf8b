"""What revascularisations cannot say on one page, and what is asked about."""

from protocol.partial_dates import PartialDate, days_between, is_after
from protocol.revascularisation import fell
from protocol.words import T
from visits.crfs.base import INCOMPLETE_DATE, Contradiction, Values


def _fell(v: Values) -> bool:
    """Say whether the ABI fell enough to be a reason, in whole hundredths."""
    return fell(int(v["rev_abi_ref"] * 100), int(v["rev_abi_pre"] * 100))


CONTRADICTIONS = (
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

WARNINGS = (
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
        lambda v: v["rev_side"] == v["target_limb"] and "FP" in v["rev_vessels"] and v["rev_edge_mm"] is None,
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
    # Asked for once the event is told: until then the page is being filled.
    Contradiction(
        "REV.rev_docs.missing",
        ("rev_docs", "rev_narrative"),
        lambda v: v["rev_docs"] is None,
        T(
            "Source documents missing: upload them, or give the reason why there are none.",
            "缺少源文件：请上传，或填写缺失原因。",
        ),
        cells=("rev_docs: missing",),
        may_be_blank=("rev_docs",),
        answered_by_reason="rev_docs",
    ),
)
