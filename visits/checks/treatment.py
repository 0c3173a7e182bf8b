"""Checks of the devices against the plan of the cohort, and against the lesion that they were used in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from visits.checks.check import Finding, check
from visits.checks.devices import devices, its, used
from visits.checks.lesion import is_no_target, reading_of, treatment_of, treatments
from visits.checks.reading import Reading

NOT_FLOW_LIMITING = ("0", "A", "B")
RESIDUAL_FOR_STENT = 30


def _no_record_of(r: Reading, kind: str) -> Iterator[Finding]:
    """Ask for the devices of the planned cohort where one was introduced and none is recorded."""
    if r.value("pr.planned_cohort") == kind and r.value("pr.study_dev_introduced") == "Y" and not r.of(kind):
        yield from r.on("PR", "planned_cohort", "study_dev_introduced")


@check(
    "EC-069",
    severity="S",
    reads="pr.planned_cohort pr.study_dev_introduced dcb",
    en="DCB cohort without a DCB record.",
    zh="DCB组无药物涂层球囊使用记录。",
)
def no_balloon_recorded(r: Reading) -> Iterator[Finding]:
    """Ask where a balloon was planned and introduced, and none is recorded."""
    return _no_record_of(r, "DCB")


@check(
    "EC-070",
    severity="S",
    reads="pr.planned_cohort pr.study_dev_introduced des",
    en="DES cohort without a DES record.",
    zh="DES组无药物洗脱支架使用记录。",
)
def no_stent_recorded(r: Reading) -> Iterator[Finding]:
    """Ask where a stent was planned and introduced, and none is recorded."""
    return _no_record_of(r, "DES")


def _uncovered(r: Reading, kind: str) -> Iterator[Finding]:
    """Yield the target lesions that are longer than their devices; without any record EC-069/070 ask."""
    pages = r.of(kind)
    if r.value("pr.planned_cohort") != kind or not pages:
        return
    prefix = kind.lower()
    for lesion in r.dossier.target_lesions():
        there = [page for page in pages if page.get(f"{prefix}_lesion") == lesion.identity]
        lengths = [page.get(f"{prefix}_len_mm") for page in there if used(page)]
        needed = lesion.get("lesion_length_mm")
        if needed is None or None in lengths:
            continue
        covered = sum(lengths) - sum(page.get(f"{prefix}_overlap_mm") or 0 for page in there)
        if covered < needed:
            read = [(page, f"{prefix}_len_mm") for page in there]
            yield r.finding(lesion, "lesion_length_mm", also=["pr.planned_cohort", *read], covered_mm=covered)


@check(
    "EC-071",
    severity="S",
    reads="pr.planned_cohort des.des_len_mm des.des_overlap_mm des.des_outcome des.des_lesion "
    "les.lesion_length_mm les.is_target les.lesion_no les.les_reader",
    on="les",
    en="DES length does not cover the lesion.",
    zh="DES长度未覆盖整个病变。",
)
def stents_shorter_than_the_lesion(r: Reading) -> Iterator[Finding]:
    """Ask about a target lesion that is longer than its stents."""
    return _uncovered(r, "DES")


@check(
    "EC-072",
    severity="S",
    reads="pr.planned_cohort dcb.dcb_len_mm dcb.dcb_overlap_mm dcb.dcb_outcome dcb.dcb_lesion "
    "les.lesion_length_mm les.is_target les.lesion_no les.les_reader",
    on="les",
    en="DCB length does not cover the lesion.",
    zh="DCB长度未覆盖整个病变。",
)
def balloons_shorter_than_the_lesion(r: Reading) -> Iterator[Finding]:
    """Ask about a target lesion that is longer than its balloons."""
    return _uncovered(r, "DCB")


def _crossed_over(r: Reading, planned: str, kind: str) -> Iterator[Finding]:
    """Yield the plan of a cohort in which a device of the other was used."""
    there = [page for page in r.of(kind) if used(page)]
    if r.value("pr.planned_cohort") == planned and there:
        yield from r.on("PR", "planned_cohort", also=[(page, its(page, "outcome")) for page in there])


@check(
    "EC-073",
    severity="S",
    reads="pr.planned_cohort des.des_outcome",
    en="DES used in the DCB cohort: cross-over deviation created.",
    zh="DCB组使用了DES,已生成交叉偏离。",
    deviation=("TRT", "MIN"),
)
def stent_in_the_balloon_cohort(r: Reading) -> Iterator[Finding]:
    """Ask where a stent was used in the balloon cohort."""
    return _crossed_over(r, "DCB", "DES")


@check(
    "EC-074",
    severity="S",
    reads="pr.planned_cohort dcb.dcb_outcome",
    en="DCB used in the DES cohort: deviation created.",
    zh="DES组使用了DCB,已生成偏离。",
    deviation=("TRT", "MIN"),
)
def balloon_in_the_stent_cohort(r: Reading) -> Iterator[Finding]:
    """Ask where a balloon was used in the stent cohort."""
    return _crossed_over(r, "DES", "DCB")


@check(
    "EC-076",
    severity="S",
    reads="dcb.dcb_diam_mm dcb.dcb_lesion les.rvd_mm les.lesion_no les.les_reader",
    en="DCB diameter does not match the vessel.",
    zh="DCB直径与参考血管直径不匹配。",
)
def balloon_does_not_match_the_vessel(r: Reading) -> Iterator[Finding]:
    """Ask about a balloon more than 1 mm narrower or wider than the vessel."""
    return _unlike_the_vessel(r, "DCB", Decimal(-1), Decimal(1))


@check(
    "RNG-DES.des_diam_mm.rvd-S",
    severity="S",
    reads="des.des_diam_mm des.des_lesion les.rvd_mm les.lesion_no les.les_reader",
    en="Stent diameter outside the reference vessel diameter to 2 mm above it.",
    zh="支架直径不在参考血管直径至其加2mm范围内。",
)
def stent_does_not_match_the_vessel(r: Reading) -> Iterator[Finding]:
    """Ask about a stent narrower than the vessel, or more than 2 mm wider."""
    return _unlike_the_vessel(r, "DES", Decimal(0), Decimal(2))


def _unlike_the_vessel(r: Reading, kind: str, lo: Decimal, hi: Decimal) -> Iterator[Finding]:
    """Yield the devices whose diameter differs from the vessel by less than `lo` or more than `hi`."""
    for page in r.of(kind):
        lesion = reading_of(r, page.get(its(page, "lesion")))
        diameter, vessel = page.get(its(page, "diam_mm")), lesion.get("rvd_mm") if lesion else None
        if diameter is not None and vessel is not None and not lo <= diameter - vessel <= hi:
            yield r.finding(page, its(page, "diam_mm"), also=[(lesion, "rvd_mm")])


@check(
    "EC-079",
    severity="S",
    reads="bms.bms_reason bms.bms_lesion prl.postdev_resid_pct prl.prl_lesion prl.prl_reader",
    en="BMS for residual stenosis but residual ≤ 30 %.",
    zh="因残余狭窄植入BMS,但残余狭窄≤30%。",
)
def stented_without_residual_stenosis(r: Reading) -> Iterator[Finding]:
    """Ask about a stent for a residual stenosis of 30 % or less."""
    for page in r.of("BMS"):
        treated = treatment_of(r, page.get("bms_lesion"))
        residual = treated.get("postdev_resid_pct") if treated else None
        if page.get("bms_reason") == "RES" and residual is not None and residual <= RESIDUAL_FOR_STENT:
            yield r.finding(page, "bms_reason", also=[(treated, "postdev_resid_pct")])


@check(
    "EC-080",
    severity="S",
    reads="bms.bms_reason bms.bms_lesion prl.postdev_diss prl.postdev_flowlim prl.prl_lesion prl.prl_reader",
    en="BMS for flow-limiting dissection not recorded.",
    zh="因限流性夹层植入BMS,但夹层记录不支持。",
)
def stented_without_dissection(r: Reading) -> Iterator[Finding]:
    """Ask about a stent for a dissection that was mild, or did not limit the flow."""
    for page in r.of("BMS"):
        treated = treatment_of(r, page.get("bms_lesion"))
        if treated is None or page.get("bms_reason") != "FLD":
            continue
        mild = treated.get("postdev_diss") in NOT_FLOW_LIMITING
        if mild or treated.get("postdev_flowlim") == "N":
            yield r.finding(
                page, "bms_reason", also=[(treated, "postdev_diss"), (treated, "postdev_flowlim")]
            )


@check(
    "EC-083",
    severity="H",
    reads="prl.crossing prl.prl_lesion prl.prl_reader dcb.dcb_outcome dcb.dcb_lesion des.des_outcome "
    "des.des_lesion bms.bms_outcome bms.bms_lesion",
    en="Device used in a lesion that was not crossed.",
    zh="导丝未通过的病变不应有已使用的器械记录。",
)
def used_in_an_uncrossed_lesion(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a lesion that was not crossed while a device was used in it."""
    for page in treatments(r):
        lesion = page.get("prl_lesion")
        there = [d for d in devices(r) if lesion and d.get(its(d, "lesion")) == lesion and used(d)]
        if page.get("crossing") == "FAIL" and there:
            yield r.finding(page, "crossing", also=[(d, its(d, "outcome")) for d in there])


@check(
    "EC-134",
    severity="S",
    reads="des.des_role pr.planned_cohort",
    en="DES role does not fit the planned cohort.",
    zh="DES使用性质与计划分组不符。",
)
def role_against_the_plan(r: Reading) -> Iterator[Finding]:
    """Ask where the role of a stent is one of the other cohort."""
    planned = r.value("pr.planned_cohort")
    for page in r.of("DES"):
        role = page.get("des_role")
        if (role == "BAIL" and planned == "DES") or (role in ("PLAN", "ADD") and planned == "DCB"):
            yield r.finding(page, "des_role", also=["pr.planned_cohort"])


def _in_no_target(r: Reading, kind: str) -> Iterator[Finding]:
    """Yield the devices whose lesion is certainly no target lesion."""
    for page in r.of(kind):
        lesion = page.get(its(page, "lesion"))
        if is_no_target(r, lesion):
            yield r.finding(page, its(page, "lesion"), also=[(reading_of(r, lesion), "is_target")])


@check(
    "RNG-DCB.dcb_lesion-H",
    severity="H",
    reads="dcb.dcb_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def balloon_in_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a balloon in no target lesion."""
    return _in_no_target(r, "DCB")


@check(
    "RNG-BMS.bms_lesion-H",
    severity="H",
    reads="bms.bms_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def bare_stent_in_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a bare-metal stent in no target lesion."""
    return _in_no_target(r, "BMS")


@check(
    "RNG-DES.des_lesion-H",
    severity="H",
    reads="des.des_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def stent_in_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a stent in no target lesion."""
    return _in_no_target(r, "DES")
