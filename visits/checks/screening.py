"""Limits of the pages before treatment that read other pages: consent, history, limb, stents."""

from __future__ import annotations

from collections.abc import Iterator

from protocol import clinical
from subjects.status import Status
from visits.checks.check import Finding, check
from visits.checks.dates import after, before, day_of, within
from visits.checks.reading import Reading
from visits.crfs.across import abi_of_side

RECENT_DAYS = 30


@check(
    "RNG-IC.screening_date-S",
    severity="S",
    reads="ic.screening_date site",
    en="Screening before the site was activated.",
    zh="筛选日期早于中心启动日期。",
)
def screened_before_activation(r: Reading) -> Iterator[Finding]:
    """Ask where a subject was screened before the site was active."""
    if before(r.value("ic.screening_date"), r.site.activation_date):
        yield from r.on("IC", "screening_date", active_from=r.site.activation_date)


@check(
    "RNG-IC.consent_by-S",
    severity="S",
    reads="ic.consent_by ic.consent_dt delegations",
    en="Obtaining consent was not delegated to this person on that date: major deviation created.",
    zh="该人员当日未被授权获取知情同意，已生成重大方案偏离。",
    deviation=("IC", "MAJ"),
)
def consent_by_somebody_not_delegated(r: Reading) -> Iterator[Finding]:
    """Ask where the delegation log does not name who took the consent for it on that day."""
    person, day = r.value("ic.consent_by"), day_of(r.value("ic.consent_dt"))
    if person is not None and day is not None and not r.delegated(person, "CONSENT", day):  # type: ignore[arg-type]
        yield from r.on("IC", "consent_by", "consent_dt")


@check(
    "RNG-IC.rescreen_of-H",
    severity="H",
    reads="ic.rescreen_of study",
    en="Only a screen failure of this site can be screened again.",
    zh="仅本中心筛选失败的受试者可重新筛选。",
)
def screened_again_after_no_failure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where the earlier subject is no screen failure."""
    earlier = r.value("ic.rescreen_of")
    if earlier is not None and r.facts.status_of(earlier) is not Status.SCREEN_FAIL:
        yield from r.on("IC", "rescreen_of")


@check(
    "RNG-ICRE.reconsent_date-H",
    severity="H",
    reads="icre.reconsent_date ic.consent_dt",
    en="Re-consent before the first consent.",
    zh="再次知情日期早于首次知情同意。",
)
def consented_again_before_consent(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a re-consent that is dated before the consent."""
    for page in r.of("ICRE"):
        if before(page.get("reconsent_date"), r.value("ic.consent_dt")):
            yield r.finding(page, "reconsent_date", also=["ic.consent_dt"])


@check(
    "RNG-DM.birth_ym-H",
    severity="H",
    reads="dm.birth_ym ic.consent_dt",
    en="Born after the month of consent.",
    zh="出生年月晚于知情同意月份。",
)
def born_after_consent(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a birth after the month of the consent."""
    if after(r.value("dm.birth_ym"), r.value("ic.consent_dt")):
        yield from r.on("DM", "birth_ym", also=["ic.consent_dt"])


@check(
    "RNG-MH.last_mi_date-H",
    severity="H",
    reads="mh.last_mi_date ic.consent_dt",
    en="Myocardial infarction after consent: enter it as an adverse event.",
    zh="心梗日期晚于知情同意，请作为不良事件录入。",
)
def infarction_after_consent(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a history that lies after the consent."""
    if after(r.value("mh.last_mi_date"), r.value("ic.consent_dt")):
        yield from r.on("MH", "last_mi_date", also=["ic.consent_dt"])


@check(
    "RNG-MH.last_cva_date-H",
    severity="H",
    reads="mh.last_cva_date pr.proc_date",
    en="Stroke after the index procedure: enter it as an adverse event.",
    zh="卒中日期晚于研究手术，请作为不良事件录入。",
)
def stroke_after_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a history that lies after the procedure."""
    if after(r.value("mh.last_cva_date"), r.value("pr.proc_date")):
        yield from r.on("MH", "last_cva_date", also=["pr.proc_date"])


@check(
    "RNG-LH.prior_isr_tx_date-H",
    severity="H",
    reads="lh.prior_isr_tx_date pr.proc_date",
    en="A prior treatment lies before the index procedure.",
    zh="既往治疗日期须早于研究手术。",
)
def prior_treatment_not_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a prior treatment on or after the day of the procedure."""
    day0, day = r.value("pr.proc_date"), r.value("lh.prior_isr_tx_date")
    if after(day, day0) or within(day0, day, 0, 0):
        yield from r.on("LH", "prior_isr_tx_date", also=["pr.proc_date"])


@check(
    "RNG-LH.prior_isr_tx_date-S",
    severity="S",
    reads="lh.prior_isr_tx_date pr.proc_date",
    en="Last prior treatment less than 30 days before the procedure.",
    zh="最近一次治疗距研究手术不足30天。",
)
def prior_treatment_just_before(r: Reading) -> Iterator[Finding]:
    """Ask about a prior treatment 1 to 29 days before the procedure."""
    if within(r.value("lh.prior_isr_tx_date"), r.value("pr.proc_date"), 1, RECENT_DAYS - 1):
        yield from r.on("LH", "prior_isr_tx_date", also=["pr.proc_date"])


@check(
    "RNG-LH.symptom_onset-H",
    severity="H",
    reads="lh.symptom_onset ic.consent_dt",
    en="The current symptoms began before consent.",
    zh="本次症状出现时间不能晚于知情同意。",
)
def symptoms_after_consent(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to symptoms that began after the consent."""
    if after(r.value("lh.symptom_onset"), r.value("ic.consent_dt")):
        yield from r.on("LH", "symptom_onset", also=["ic.consent_dt"])


@check(
    "RNG-PS.ps_implant_date-H",
    severity="H",
    reads="ps.ps_implant_date pr.proc_date",
    en="A prior stent was implanted before the index procedure.",
    zh="既往支架植入日期须早于研究手术。",
)
def stent_not_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a prior stent of the day of the procedure or later."""
    day0 = r.value("pr.proc_date")
    for page in r.of("PS"):
        day = page.get("ps_implant_date")
        if after(day, day0) or within(day0, day, 0, 0):
            yield r.finding(page, "ps_implant_date", also=["pr.proc_date"])


@check(
    "RNG-PS.ps_implant_date-S",
    severity="S",
    reads="ps.ps_implant_date pr.proc_date",
    en="Stent implanted within 30 days of the procedure.",
    zh="支架植入距研究手术30天以内。",
)
def stent_just_before_procedure(r: Reading) -> Iterator[Finding]:
    """Ask about a prior stent of 1 to 30 days before the procedure."""
    for page in r.of("PS"):
        if within(page.get("ps_implant_date"), r.value("pr.proc_date"), 1, RECENT_DAYS):
            yield r.finding(page, "ps_implant_date", also=["pr.proc_date"])


@check(
    "RNG-PS.ps_carries_tl-S",
    severity="S",
    reads="ps.ps_carries_tl ie.elig_outcome",
    on="ps",
    en="Eligible, but no stent carries the target lesion.",
    zh="判定符合入组，但无支架为靶病变所在支架。",
)
def no_stent_carries_the_lesion(r: Reading) -> Iterator[Finding]:
    """Ask where all stents of an eligible subject are said not to carry the target lesion."""
    pages = r.of("PS")
    denied = pages and all(page.get("ps_carries_tl") == "N" for page in pages)
    if denied and r.value("ie.elig_outcome") == "ELIG":
        others = [(page, "ps_carries_tl") for page in pages[1:]]
        yield r.finding(pages[0], "ps_carries_tl", also=["ie.elig_outcome", *others])


@check(
    "RNG-BCS.bcs_date-H",
    severity="H",
    reads="bcs.bcs_date pr.proc_date",
    en="The baseline assessment cannot be later than the index procedure.",
    zh="基线评估不能晚于研究手术。",
)
def baseline_after_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a baseline that was taken after the procedure."""
    if after(r.value("bcs.bcs_date"), r.value("pr.proc_date")):
        yield from r.on("BCS", "bcs_date", also=["pr.proc_date"])


@check(
    "RNG-BCS.wifi_ischaemia-S",
    severity="S",
    reads="bcs.wifi_ischaemia lh.target_limb abi",
    en="WIfI ischaemia grade differs from the grade of the baseline pressures.",
    zh="WIfI缺血分级与基线压力推导的分级不一致。",
)
def ischaemia_grade_differs(r: Reading) -> Iterator[Finding]:
    """Ask where the grade is not the one that the target limb's pressures at screening make (§3.9)."""
    side, stated = (r.value("lh.target_limb") or "").lower(), r.value("bcs.wifi_ischaemia")
    page = r.one("ABI", "SCR")
    if page is None or stated is None or not side:
        return
    ankles = [page.get(f"ankle_{artery}_{side}") for artery in ("dp", "pt")]
    measured = [pressure for pressure in ankles if pressure is not None]
    abi = abi_of_side(page.values, side)
    derived = clinical.wifi_ischaemia(
        page.get(f"abi_{side}") if abi is None else abi,
        max(measured, default=None),
        page.get(f"toe_{side}"),
    )
    if derived is not None and int(stated) != derived:
        read = [(page, f"{name}_{side}") for name in ("abi", "ankle_dp", "ankle_pt", "toe")]
        yield from r.on("BCS", "wifi_ischaemia", also=read, derived=derived)


@check(
    "RNG-LB.lb_test-H",
    severity="H",
    reads="lb.lb_test lb.lb_dt",
    en="This analyte is already recorded for this sample.",
    zh="该样本的此项目已录入。",
)
def analyte_twice(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to the second row of one analyte in one sample."""
    first: dict = {}
    for page in r.of("LB"):
        key = (page.get("lb_dt"), page.get("lb_test"))
        if None in key:
            continue
        if key in first:
            yield r.finding(page, "lb_test", "lb_dt", also=[(first[key], "lb_test")])
        first.setdefault(key, page)


@check(
    "RNG-DV.dv_date-S",
    severity="S",
    reads="dv.dv_date ic.consent_dt",
    en="Deviation before consent: please confirm the date.",
    zh="偏离日期早于知情同意，请确认日期。",
)
def deviation_before_consent(r: Reading) -> Iterator[Finding]:
    """Ask about a deviation that is dated before the consent."""
    for page in r.of("DV"):
        typed = r.item(page, "dv_auto") != "Y"
        if typed and before(page.get("dv_date"), r.value("ic.consent_dt")):
            yield r.finding(page, "dv_date", also=["ic.consent_dt"])
