"""Checks of the investigator's answers to the criteria against what the other pages say (protocol §3.5, §4).

All of them stand on the eligibility page, at the criterion concerned. The lesions are the site's readings.
EC-020, which compares every answer with what the other pages imply, is silent about a criterion while a
check of its own holds there: so one contradiction is asked about once, also after somebody has confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol.eligibility import CRITERIA
from visits.checks.check import CHECKS, Finding, check
from visits.checks.dates import fewest_days, within
from visits.checks.reading import Reading
from visits.crfs.criteria import eligibility_inputs
from visits.dossier import PageRecord

# The criteria that a check of their own asks about (EC-020 is silent there while it holds).
SPECIFIC = {
    "inc01": ("EC-001",),
    "inc03": ("EC-028",),
    "inc04": ("EC-029", "EC-030", "EC-033"),
    "inc05": ("EC-032",),
    "inc07": ("EC-031",),
    "inc08": ("EC-034",),
    "exc01": ("EC-027",),
    "exc03": ("EC-068",),
    "exc04": ("EC-036",),
    "exc05": ("EC-035",),
    "exc08": ("EC-011", "EC-012"),
    "exc09": ("EC-018",),
    "exc11": ("EC-017",),
}
WHAT_CRITERIA_READ = (
    "dm.age dm.consent_on_bday dm.sex dm.childbearing dm.pregnancy_test dm.lactating ic.consent_obtained"
    " bcs.rutherford_target bcs.acute_ischaemia les ps.ps_carries_tl ps.ps_implant_date pr.proc_date"
    " pr.planned_cohort pr.outflow_treated prl.runoff_after lh.aortoiliac_status pr.inflow_treated"
    " pr.inflow_resid_pct mh.prior_cva mh.last_cva_date mh.allergy_antiplt mh.active_bleeding mh.life_exp_2y"
)


@check(
    "EC-001",
    severity="H",
    reads="dm.age ie.inc01 ie.elig_outcome",
    en="Under 18 at consent but I1 answered Yes or declared eligible.",
    zh='签署知情同意时未满18周岁，但入选标准1填"是"或判定为符合入组。',
)
def under_age(r: Reading) -> Iterator[Finding]:
    """Ask about I1, or else the conclusion, of somebody who was under 18 at consent."""
    age = r.value("dm.age")
    answers = {"inc01": "Y", "elig_outcome": "ELIG"}
    asked = [item for item, answer in answers.items() if r.value(f"ie.{item}") == answer]
    if age is not None and age < 18 and asked:
        yield from r.on("IE", *asked, also=["dm.age"])


@check(
    "EC-004",
    severity="H",
    reads="ic.consent_obtained ie.elig_outcome",
    en="No consent: subject cannot be eligible.",
    zh="未签署知情同意，不能判定为符合入组。",
)
def eligible_without_consent(r: Reading) -> Iterator[Finding]:
    """Ask about the conclusion where consent was not obtained."""
    if r.value("ic.consent_obtained") == "N" and r.value("ie.elig_outcome") == "ELIG":
        yield from r.on("IE", "elig_outcome", also=["ic.consent_obtained"])


@check(
    "EC-007",
    severity="H",
    reads="ic.prior_participation ie.elig_outcome",
    en="Subject already took part in this study.",
    zh="受试者曾入组本研究，不得重复入组。",
)
def took_part_before(r: Reading) -> Iterator[Finding]:
    """Ask about the conclusion of a subject who was enrolled before."""
    if r.value("ic.prior_participation") == "Y" and r.value("ie.elig_outcome") == "ELIG":
        yield from r.on("IE", "elig_outcome", also=["ic.prior_participation"])


@check(
    "EC-011",
    severity="H",
    reads="mh.prior_cva mh.last_cva_date pr.proc_date ie.exc08",
    en="CVA within 60 days of the procedure but E8 answered No.",
    zh='手术前60天内有脑血管意外，但排除标准8填"否"。',
)
def stroke_within_60_days(r: Reading) -> Iterator[Finding]:
    """Ask about E8 where the last stroke certainly lies 0 to 60 days before the procedure."""
    recent = within(r.value("mh.last_cva_date"), r.dossier.proc_date, 0, 60)
    if recent and (r.value("mh.prior_cva"), r.value("ie.exc08")) == ("Y", "N"):
        yield from r.on("IE", "exc08", also=["mh.prior_cva", "mh.last_cva_date", "pr.proc_date"])


@check(
    "EC-017",
    severity="H",
    reads="mh.life_exp_2y ie.exc11",
    en="Life expectancy < 2 years but E11 answered No.",
    zh='预期寿命<2年，但排除标准11填"否"。',
)
def short_life_expectancy(r: Reading) -> Iterator[Finding]:
    """Ask about E11 of a subject expected to live less than two years."""
    if r.value("mh.life_exp_2y") == "N" and r.value("ie.exc11") == "N":
        yield from r.on("IE", "exc11", also=["mh.life_exp_2y"])


@check(
    "EC-018",
    severity="S",
    reads="mh.allergy_antiplt mh.active_bleeding ie.exc09",
    en="Possible contraindication to antithrombotic therapy: confirm E9.",
    zh="可能存在抗栓治疗禁忌，请确认排除标准9。",
)
def contraindication(r: Reading) -> Iterator[Finding]:
    """Ask about E9 where an intolerance or a bleeding disorder is recorded."""
    history = ["mh.allergy_antiplt", "mh.active_bleeding"]
    if r.value("ie.exc09") == "N" and any(r.value(address) == "Y" for address in history):
        yield from r.on("IE", "exc09", also=history)


@check(
    "EC-020",
    severity="S",
    reads=f"{WHAT_CRITERIA_READ} {' '.join(f'ie.{criterion.id}' for criterion in CRITERIA)}",
    en="Investigator answer differs from the value derived from other forms.",
    zh="研究者回答与其他表单推导结果不一致。",
)
def differs_from_other_forms(r: Reading) -> Iterator[Finding]:
    """Ask about each answer that the other pages contradict, and that no check of its own asks about."""
    page = r.one("IE")
    if page is None:
        return
    inputs = eligibility_inputs(r.dossier)
    for criterion in CRITERIA:
        implied, answer = criterion.decide(inputs).answer, page.get(criterion.id)
        if answer is None or implied not in ("Y", "N") or answer == implied:
            continue
        if not any(_asks(r, check_id) for check_id in SPECIFIC.get(criterion.id, ())):
            yield r.finding(page, criterion.id, about=criterion.id, derived=implied)


def _asks(r: Reading, check_id: str) -> bool:
    return check_id in CHECKS and any(True for _ in CHECKS[check_id].finds(r))


@check(
    "EC-027",
    severity="H",
    reads="dm.sex ie.exc01",
    en='E1 must be "not applicable" for men.',
    zh='男性受试者排除标准1应为"不适用"。',
)
def pregnancy_of_a_man(r: Reading) -> Iterator[Finding]:
    """Ask about E1 of a man answered otherwise than not applicable."""
    if r.value("dm.sex") == "M" and r.value("ie.exc01") not in (None, "NA"):
        yield from r.on("IE", "exc01", also=["dm.sex"])


@check(
    "EC-028",
    severity="H",
    reads="bcs.rutherford_target ie.inc03",
    en="Rutherford category outside 2–5 but I3 answered Yes.",
    zh='Rutherford分级不在2-5级，但入选标准3填"是"。',
)
def rutherford_outside(r: Reading) -> Iterator[Finding]:
    """Ask about I3 where the category is 0, 1 or 6."""
    if r.value("bcs.rutherford_target") in ("0", "1", "6") and r.value("ie.inc03") == "Y":
        yield from r.on("IE", "inc03", also=["bcs.rutherford_target"])


@check(
    "EC-029",
    severity="H",
    reads="ps.ps_carries_tl ps.ps_implant_date pr.proc_date ie.inc04",
    en="Stent implanted 30 days ago or less but I4 answered Yes.",
    zh='支架植入≤30天，但入选标准4填"是"。',
)
def stents_too_young(r: Reading) -> Iterator[Finding]:
    """Ask about I4 where every stent that carries the lesion is 30 days old or less.

    Of a partial date the latest compatible day counts, as for every "older than N days" (protocol §3.0).
    """
    stents = [page for page in r.of("PS") if page.get("ps_carries_tl") == "Y"]
    ages = [fewest_days(page.get("ps_implant_date"), r.dossier.proc_date) for page in stents]
    if ages and all(age is not None and age <= 30 for age in ages) and r.value("ie.inc04") == "Y":
        implants = [(page, "ps_implant_date") for page in stents]
        yield from r.on("IE", "inc04", also=[*implants, "pr.proc_date"])


@check(
    "EC-030",
    severity="H",
    reads="les.stenosis_pct les.is_target les.les_reader ie.inc04",
    en="Stenosis < 50 % but I4 answered Yes.",
    zh='狭窄<50%，但入选标准4填"是"。',
)
def insignificant_stenosis(r: Reading) -> Iterator[Finding]:
    """Ask about I4 where no target lesion reaches 50 %; nothing is said while one has no reading."""
    found = r.dossier.target_lesions()
    degrees = [page.get("stenosis_pct") for page in found]
    if degrees and all(pct is not None and pct < 50 for pct in degrees) and r.value("ie.inc04") == "Y":
        yield from r.on("IE", "inc04", also=_of(found, "stenosis_pct"))


@check(
    "EC-031",
    severity="H",
    reads="les.lesion_length_mm les.is_target les.les_reader ie.inc07",
    en="Total lesion length > 30 cm but I7 answered Yes.",
    zh='病变总长度>30cm，但入选标准7填"是"。',
)
def lesions_too_long(r: Reading) -> Iterator[Finding]:
    """Ask about I7 where the target lesions add up to more than 300 mm."""
    found = r.dossier.target_lesions()
    total = sum(page.get("lesion_length_mm") or 0 for page in found)
    if total > 300 and r.value("ie.inc07") == "Y":
        yield from r.on("IE", "inc07", also=_of(found, "lesion_length_mm"), total_mm=total)


@check(
    "EC-032",
    severity="H",
    reads="les.ext_prox_mm les.ext_dist_mm les.is_target les.les_reader ie.inc05",
    en="Lesion extends > 3 cm beyond the stent but I5 answered Yes.",
    zh='病变超出支架>3cm，但入选标准5填"是"。',
)
def far_beyond_the_stent(r: Reading) -> Iterator[Finding]:
    """Ask about I5 where a target lesion extends more than 30 mm beyond either edge."""
    found = [
        (page, item)
        for page in r.dossier.target_lesions()
        for item in ("ext_prox_mm", "ext_dist_mm")
        if page.get(item) is not None and page.get(item) > 30
    ]
    if found and r.value("ie.inc05") == "Y":
        yield from r.on("IE", "inc05", also=found)


@check(
    "EC-033",
    severity="H",
    reads="les.dist_profunda_mm les.dist_notch_mm les.is_target les.les_reader ie.inc04",
    en="Lesion outside the permitted segment but I4 answered Yes.",
    zh='病变位置超出允许范围，但入选标准4填"是"。',
)
def outside_the_segment(r: Reading) -> Iterator[Finding]:
    """Ask about I4 where a target lesion comes within 10 mm of the profunda or of the notch."""
    found = [
        (page, item)
        for page in r.dossier.target_lesions()
        for item in ("dist_profunda_mm", "dist_notch_mm")
        if page.get(item) is not None and page.get(item) < 10
    ]
    if found and r.value("ie.inc04") == "Y":
        yield from r.on("IE", "inc04", also=found)


@check(
    "EC-034",
    severity="S",
    reads="les.runoff_count les.is_target les.les_reader ie.inc08",
    en="No patent runoff vessel recorded but I8 answered Yes.",
    zh='未记录通畅流出道，但入选标准8填"是"。',
)
def no_runoff(r: Reading) -> Iterator[Finding]:
    """Ask about I8 where a target lesion has no patent vessel below the knee."""
    found = [page for page in r.dossier.target_lesions() if r.item(page, "runoff_count") == 0]
    if found and r.value("ie.inc08") == "Y":
        yield from r.on("IE", "inc08", also=_of(found, "runoff_count"))


@check(
    "EC-035",
    severity="H",
    reads="lh.aortoiliac_status pr.inflow_treated pr.inflow_resid_pct ie.exc05",
    en="Untreated aorto-iliac disease but E5 answered No.",
    zh='主髂动脉显著病变未处理，但排除标准5填"否"。',
)
def untreated_inflow(r: Reading) -> Iterator[Finding]:
    """Ask about E5 where significant disease of the inflow was not treated, or 50 % and more were left."""
    left = r.value("pr.inflow_resid_pct")
    open_ = r.value("pr.inflow_treated") == "N" or (left is not None and left >= 50)
    if r.value("lh.aortoiliac_status") == "U" and open_ and r.value("ie.exc05") == "N":
        also = ["lh.aortoiliac_status", "pr.inflow_treated", "pr.inflow_resid_pct"]
        yield from r.on("IE", "exc05", also=also)


@check(
    "EC-036",
    severity="H",
    reads="bcs.acute_ischaemia les.acute_thrombus les.les_reader ie.exc04",
    en="Acute ischaemia or thrombus but E4 answered No.",
    zh='存在急性缺血或血栓，但排除标准4填"否"。',
)
def acute_limb(r: Reading) -> Iterator[Finding]:
    """Ask about E4 where acute ischaemia or a fresh thrombus is recorded."""
    found = [page for page in r.lesions() if page.get("acute_thrombus") == "Y"]
    if (found or r.value("bcs.acute_ischaemia") == "Y") and r.value("ie.exc04") == "N":
        yield from r.on("IE", "exc04", also=["bcs.acute_ischaemia", *_of(found, "acute_thrombus")])


@check(
    "EC-037",
    severity="S",
    reads="pr.study_dev_introduced ie.elig_outcome",
    en="Study device used in a subject not eligible: major deviation created.",
    zh="不符合入组标准者使用了研究器械，已生成重大方案偏离。",
    deviation=("IE", "MAJ"),
)
def treated_though_not_eligible(r: Reading) -> Iterator[Finding]:
    """Ask about the conclusion of somebody who was treated without being eligible."""
    if r.value("pr.study_dev_introduced") == "Y" and r.value("ie.elig_outcome") not in (None, "ELIG"):
        yield from r.on("IE", "elig_outcome", also=["pr.study_dev_introduced"])


def _of(pages: list[PageRecord], item: str) -> list[tuple[PageRecord, str]]:
    return [(page, item) for page in pages]
