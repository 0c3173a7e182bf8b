"""Checks of when visits took place (protocol §2, §4, EC-040 to EC-048)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from protocol.schedule import SCHEDULED_FU, window_dates
from visits.capture.edition import version_for
from visits.checks.check import Finding, check
from visits.checks.consent import samples
from visits.checks.dates import after, before, fewer_days_than, more_days_than
from visits.checks.reading import Reading
from visits.dossier import PageRecord

GRACE = timedelta(days=14)
IN_PERSON = ("CLIN", "INPT")


@check(
    "EC-040",
    severity="S",
    reads="ic.screening_date pr.proc_date",
    en="Screening more than 30 days before procedure: re-check eligibility.",
    zh="筛选距手术超过30天，请重新核实入组资格。",
)
def old_screening(r: Reading) -> Iterator[Finding]:
    """Ask about a screening of more than 30 days before the procedure."""
    if more_days_than(30, r.value("ic.screening_date"), r.dossier.proc_date):
        yield from r.on("IC", "screening_date", also=["pr.proc_date"])


@check(
    "EC-041",
    severity="S",
    reads="bcs.bcs_date pr.proc_date",
    en="Baseline Rutherford older than 30 days.",
    zh="基线Rutherford评估超过30天。",
)
def old_baseline(r: Reading) -> Iterator[Finding]:
    """Ask about a baseline status of more than 30 days before the procedure."""
    if more_days_than(30, r.value("bcs.bcs_date"), r.dossier.proc_date):
        yield from r.on("BCS", "bcs_date", also=["pr.proc_date"])


@check(
    "EC-042",
    severity="S",
    reads="lb.lb_dt pr.proc_date",
    en="Baseline laboratory older than 14 days.",
    zh="基线实验室检查超过14天。",
)
def old_laboratory(r: Reading) -> Iterator[Finding]:
    """Ask, once a sample, about blood taken at screening more than 14 days before the procedure."""
    for page in samples(r, "SCR"):
        if more_days_than(14, page.get("lb_dt"), r.dossier.proc_date):
            yield r.finding(page, "lb_dt", also=["pr.proc_date"])


@check(
    "EC-043",
    severity="S",
    reads="fu.fu_date fu.contact_mode pr.proc_date",
    en="Visit outside its window: deviation created.",
    zh="访视超出时间窗，已生成方案偏离。",
    deviation=("VIS", "MIN"),
)
def outside_the_window(r: Reading) -> Iterator[Finding]:
    """Ask about a scheduled visit that took place before its window opened or after it closed."""
    if r.dossier.proc_date is None:
        return
    for page in attended(r):
        opens, closes = window_dates(page.visit or "", r.dossier.proc_date, page.form_version)
        if not opens <= page.get("fu_date") <= closes:
            yield r.finding(page, "fu_date", also=["pr.proc_date"], opens=opens, closes=closes)


@check(
    "EC-044",
    severity="H",
    reads="fu.fu_date fu.contact_mode",
    en="Visit dates must increase with visit order.",
    zh="访视日期须按访视顺序递增。",
)
def visits_out_of_order(r: Reading) -> Iterator[Finding]:
    """Ask about a scheduled visit that is not later than the attended one before it."""
    visits = attended(r)
    for earlier, page in pairwise(visits):
        if page.get("fu_date") <= earlier.get("fu_date"):
            yield r.finding(page, "fu_date", also=[(earlier, "fu_date")])


@check(
    "EC-045",
    severity="H",
    reads="fu.fu_date dth.death_date fu.contact_mode",
    en="In-person visit after death.",
    zh="面访日期晚于死亡日期。",
)
def seen_after_death(r: Reading) -> Iterator[Finding]:
    """Ask about a visit in person that certainly came after the death."""
    for page in r.of("FU"):
        if page.get("contact_mode") in IN_PERSON and after(page.get("fu_date"), r.value("dth.death_date")):
            yield r.finding(page, "fu_date", "contact_mode", also=["dth.death_date"])


@check(
    "EC-046",
    severity="S",
    reads="fu.fu_date fu.contact_mode pr.proc_date",
    en="24-month visit before day 730: arrange a later contact to confirm status at day 730.",
    zh="24个月访视早于第730天，请在730天后再次联系确认状态。",
)
def too_early_for_the_horizon(r: Reading) -> Iterator[Finding]:
    """Ask about a 24-month visit before day 730."""
    page = r.one("FU", "M24")
    if page and _took_place(page) and fewer_days_than(730, r.dossier.proc_date, page.get("fu_date")):
        yield r.finding(page, "fu_date", also=["pr.proc_date"])


@check(
    "EC-047",
    severity="S",
    reads="fu pr.proc_date pr.study_dev_introduced dth.death_date exit.exit_date today",
    en="Visit overdue: enter it or mark it missed.",
    zh="访视已过窗，请录入或标记缺访。",
    on="pr",
)
def overdue(r: Reading) -> Iterator[Finding]:
    """Ask about a visit without a page, more than 14 days after its window closed.

    There is no page to ask on: the query stands at the procedure's date, from which the window was counted,
    one for each visit, which is named in what was read. It holds until the visit has a page in any state,
    or the subject died or left before the window closed. Untreated subjects owe no visits (protocol §2).
    """
    proc_date = r.dossier.proc_date
    if proc_date is None or r.value("pr.study_dev_introduced") != "Y":
        return
    known = {page.visit for page in r.dossier.pages if page.form == "FU" and not page.removed}
    for visit in SCHEDULED_FU:
        closes = window_dates(visit, proc_date, version_for(r.dossier, visit))[1]
        if visit not in known and r.today > closes + GRACE and not _left_by(r, closes):
            yield from r.on("PR", "proc_date", about=visit, visit=visit, closes=closes)


@check(
    "EC-048",
    severity="H",
    reads="fu.vital_status fu.fu_date dth.death_date",
    en="Recorded as alive after the date of death.",
    zh="死亡日期之后仍记录为存活。",
)
def alive_after_death(r: Reading) -> Iterator[Finding]:
    """Ask about a contact that found the subject alive, certainly after the death."""
    for page in r.of("FU"):
        if page.get("vital_status") == "A" and after(page.get("fu_date"), r.value("dth.death_date")):
            yield r.finding(page, "vital_status", "fu_date", also=["dth.death_date"])


def attended(r: Reading) -> list[PageRecord]:
    """Return the scheduled follow-up visits that took place and are dated, in the order of the schedule."""
    pages = {page.visit: page for page in r.of("FU") if _took_place(page)}
    return [pages[visit] for visit in SCHEDULED_FU if visit in pages]


def _took_place(page: PageRecord) -> bool:
    return page.get("contact_mode") != "MISS" and page.get("fu_date") is not None


def _left_by(r: Reading, closes: date) -> bool:
    """Say whether the subject died, withdrew or left before a window closed; a doubtful death counts."""
    died = r.one("DTH") is not None and not after(r.value("dth.death_date"), closes)
    return died or before(r.value("exit.exit_date"), closes)
