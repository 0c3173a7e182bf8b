"""Checks of the index procedure and the days in hospital after it: who, where, complications, discharge."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import after, before, may_be_within, more_days_than
from visits.checks.reading import Reading

DAYS_OF_COMPLICATION = 3
LATEST_ASSESSMENT = 3
LATEST_DISCHARGE = 14
LOGGED_EVENTS = ("AE", "REV", "AMP")


@check(
    "EC-084",
    severity="S",
    reads="pr.proc_complication pp.pp_access_compl pr.proc_date ae.ae_start",
    on="pr pp",
    en="Complication without an adverse event.",
    zh="有并发症但无对应不良事件。",
)
def complication_without_event(r: Reading) -> Iterator[Finding]:
    """Ask where a complication was named and no adverse event can have begun in the first three days."""
    day0 = r.value("pr.proc_date")
    begun = [event.get("ae_start") for event in r.of("AE")]
    if day0 is None or any(may_be_within(day0, day, 0, DAYS_OF_COMPLICATION) for day in begun):
        return
    for form, item in (("PR", "proc_complication"), ("PP", "pp_access_compl")):
        for page in r.of(form):
            if page.get(item) not in (None, [], ["NONE"]):
                yield r.finding(page, item, also=["pr.proc_date"])


@check(
    "EC-131",
    severity="S",
    reads="pr.proc_date site",
    en="Procedure while the site was not active: major deviation created.",
    zh="手术日期不在中心启动期间，已生成重大方案偏离。",
    deviation=("OTH", "MAJ"),
)
def procedure_while_site_inactive(r: Reading) -> Iterator[Finding]:
    """Ask where the procedure lies before the site's activation or after its closing."""
    day = r.value("pr.proc_date")
    if before(day, r.site.activation_date) or after(day, r.site.close_date):
        yield from r.on("PR", "proc_date", active_from=r.site.activation_date, active_to=r.site.close_date)


@check(
    "RNG-PR.operator-S",
    severity="S",
    reads="pr.operator pr.proc_date delegations",
    en="On the day of the procedure this task was not delegated to the operator.",
    zh="手术当日未授权该人员实施手术。",
)
def operator_not_delegated(r: Reading) -> Iterator[Finding]:
    """Ask where the delegation log does not name the operator for the procedure on its day."""
    operator, day = r.value("pr.operator"), r.value("pr.proc_date")
    if operator is not None and day is not None and not r.delegated(operator, "PROCEDURE", day):
        yield from r.on("PR", "operator", "proc_date")


@check(
    "RNG-PP.pp_date-H",
    severity="H",
    reads="pp.pp_date pr.proc_date",
    en="Assessment before the index procedure.",
    zh="评估日期早于研究手术。",
)
def assessed_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an assessment that is dated before the procedure."""
    if before(r.value("pp.pp_date"), r.value("pr.proc_date")):
        yield from r.on("PP", "pp_date", also=["pr.proc_date"])


@check(
    "RNG-PP.pp_date-S",
    severity="S",
    reads="pp.pp_date pr.proc_date",
    en="Assessment more than 3 days after the procedure.",
    zh="评估日期晚于手术3天以上。",
)
def assessed_late(r: Reading) -> Iterator[Finding]:
    """Ask where the assessment lies more than three days after the procedure."""
    if more_days_than(LATEST_ASSESSMENT, r.value("pr.proc_date"), r.value("pp.pp_date")):
        yield from r.on("PP", "pp_date", also=["pr.proc_date"])


@check(
    "RNG-PP.pp_chest_pain-S",
    severity="S",
    reads="pp.pp_chest_pain pr.proc_date lb.lb_test lb.lb_dt",
    en="Symptoms of myocardial ischaemia without a troponin.",
    zh="有心肌缺血症状但未检测肌钙蛋白。",
)
def chest_pain_without_troponin(r: Reading) -> Iterator[Finding]:
    """Ask where the heart complained after the procedure and no troponin was taken in those days."""
    taken = [page for page in r.of("LB") if page.get("lb_test") == "TROPONIN"]
    day0 = r.value("pr.proc_date")
    there = any(
        page.visit == "POST" or may_be_within(day0, page.get("lb_dt"), 0, DAYS_OF_COMPLICATION)
        for page in taken
    )
    if r.value("pp.pp_chest_pain") == "Y" and not there:
        yield from r.on("PP", "pp_chest_pain")


@check(
    "EC-086",
    severity="H",
    reads="disc.disc_date pr.proc_date",
    en="Discharge before procedure.",
    zh="出院日期早于手术日期。",
)
def discharged_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a discharge that is dated before the procedure."""
    if before(r.value("disc.disc_date"), r.value("pr.proc_date")):
        yield from r.on("DISC", "disc_date", also=["pr.proc_date"])


@check(
    "RNG-DISC.disc_date-S",
    severity="S",
    reads="disc.disc_date pr.proc_date",
    en="Discharge more than 14 days after the procedure.",
    zh="出院日期晚于手术14天以上。",
)
def long_in_hospital(r: Reading) -> Iterator[Finding]:
    """Ask where the discharge lies more than 14 days after the procedure."""
    if more_days_than(LATEST_DISCHARGE, r.value("pr.proc_date"), r.value("disc.disc_date")):
        yield from r.on("DISC", "disc_date", also=["pr.proc_date"])


@check(
    "RNG-DISC.disc_admit_date-S",
    severity="S",
    reads="disc.disc_admit_date pr.proc_date",
    en="Admitted after the index procedure.",
    zh="入院日期晚于研究手术。",
)
def admitted_after_procedure(r: Reading) -> Iterator[Finding]:
    """Ask where the admission lies after the procedure."""
    if after(r.value("disc.disc_admit_date"), r.value("pr.proc_date")):
        yield from r.on("DISC", "disc_admit_date", also=["pr.proc_date"])


@check(
    "RNG-DISC.disc_vital-H",
    severity="H",
    reads="disc.disc_vital dth",
    en="Death before discharge, but no death form.",
    zh="院内死亡但无死亡表。",
)
def died_in_hospital_without_form(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where somebody died in hospital and there is no death form."""
    if r.value("disc.disc_vital") == "D" and r.one("DTH") is None:
        yield from r.on("DISC", "disc_vital")


@check(
    "RNG-DISC.disc_rutherford-S",
    severity="S",
    reads="disc.disc_rutherford bcs.rutherford_target",
    en="Rutherford category at discharge worse than at baseline.",
    zh="出院时Rutherford分级差于基线。",
)
def worse_at_discharge(r: Reading) -> Iterator[Finding]:
    """Ask where the limb left hospital in a worse category than it came with."""
    baseline, discharge = r.value("bcs.rutherford_target"), r.value("disc.disc_rutherford")
    if baseline is not None and discharge is not None and int(discharge) > int(baseline):
        yield from r.on("DISC", "disc_rutherford", also=["bcs.rutherford_target"])


@check(
    "RNG-DISC.disc_new_event-S",
    severity="S",
    reads="disc.disc_new_event ae rev amp",
    en="An event since the procedure is reported, but none is in the logs.",
    zh="报告术后发生事件，但日志中无记录。",
)
def event_not_logged(r: Reading) -> Iterator[Finding]:
    """Ask where an event is reported at discharge and no log holds any."""
    if r.value("disc.disc_new_event") == "Y" and not any(r.of(form) for form in LOGGED_EVENTS):
        yield from r.on("DISC", "disc_new_event")
