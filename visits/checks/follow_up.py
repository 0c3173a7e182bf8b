"""Limits of the follow-up visit that read other pages or the schedule; EC-088."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from protocol.schedule import SCHEDULED_FU, window_dates
from visits.checks.check import Finding, check
from visits.checks.contacts import previous_contact
from visits.checks.dates import after, most_days
from visits.checks.reading import Reading
from visits.dossier import PageRecord

IN_PERSON = ("CLIN", "INPT")
EVENTS = {"AE": "ae_start", "REV": "rev_date", "AMP": "amp_date"}


def may_lie_between(day: str | date | None, since: date, until: date) -> bool:
    """Say whether a day lies, or may lie, in (since, until]; an unknown day may."""
    if day is None:
        return True
    latest, earliest = most_days(since, day), most_days(day, until)
    return latest is not None and earliest is not None and latest > 0 and earliest >= 0


def outside_window(r: Reading, page: PageRecord, day: date | None) -> bool:
    """Say whether a day lies outside the window of the visit at which the page stands."""
    day0, visit = r.value("pr.proc_date"), page.visit_code
    if day is None or day0 is None or visit is None or visit in ("UNS", "EOS", "DISCH"):
        return False
    first, last = window_dates(visit, day0, page.form_version)
    return not first <= day <= last


@check(
    "RNG-FU.fu_date-H",
    severity="H",
    reads="fu.fu_date pr.proc_date",
    en="Follow-up begins after the day of the index procedure.",
    zh="随访日期须晚于研究手术日期。",
)
def follow_up_not_after_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a visit on the day of the procedure or before it."""
    day0 = r.value("pr.proc_date")
    for page in r.of("FU"):
        day = page.get("fu_date")
        if day is not None and day0 is not None and day <= day0:
            yield r.finding(page, "fu_date", also=["pr.proc_date"])


@check(
    "RNG-FU.contact_mode-S",
    severity="S",
    reads="fu.contact_mode",
    en="A scheduled visit takes place in person: please confirm.",
    zh="计划内访视应为面访，请确认。",
)
def scheduled_visit_not_in_person(r: Reading) -> Iterator[Finding]:
    """Ask where a scheduled visit was a telephone call or a look into the records."""
    for page in r.of("FU"):
        if page.visit in SCHEDULED_FU and page.get("contact_mode") in ("TEL", "REC"):
            yield r.finding(page, "contact_mode")


def _nothing_logged(r: Reading, item: str, forms: tuple[str, ...]) -> Iterator[Finding]:
    """Yield the visits that report something since the last contact of which no log can hold a record."""
    for page in r.of("FU"):
        day = page.get("fu_date")
        since = previous_contact(r, page) if day is not None else None
        if page.get(item) != "Y" or since is None:
            continue
        logged = [record.get(EVENTS[form]) for form in forms for record in r.of(form)]
        if not any(may_lie_between(one, since, day) for one in logged):
            yield r.finding(page, item, "fu_date", since=since)


@check(
    "RNG-FU.new_hosp.record-S",
    severity="S",
    reads="fu.new_hosp fu.fu_date fu.contact_mode disc.disc_date pr.proc_date ae.ae_start rev.rev_date "
    "amp.amp_date",
    en="In hospital since the last contact, but no adverse event, revascularisation or amputation.",
    zh="报告住院，但无不良事件、血运重建或截肢记录。",
)
def hospital_without_record(r: Reading) -> Iterator[Finding]:
    """Ask where a stay in hospital is reported and no log explains it."""
    return _nothing_logged(r, "new_hosp", ("AE", "REV", "AMP"))


@check(
    "RNG-FU.new_ae-S",
    severity="S",
    reads="fu.new_ae fu.fu_date fu.contact_mode disc.disc_date pr.proc_date ae.ae_start",
    en="An adverse event is reported, but none is recorded.",
    zh="报告不良事件，但无不良事件记录。",
)
def adverse_event_without_record(r: Reading) -> Iterator[Finding]:
    """Ask where an adverse event is reported and none is in the log."""
    return _nothing_logged(r, "new_ae", ("AE",))


@check(
    "RNG-FU.comply_p2y12-S",
    severity="S",
    reads="fu.comply_p2y12 fu.fu_date disc.disc_date disc.disc_dapt_months",
    en="P2Y12 inhibitor stopped before the planned end.",
    zh="P2Y12抑制剂早于计划疗程停用。",
)
def stopped_before_planned_end(r: Reading) -> Iterator[Finding]:
    """Ask where it was found stopped before the months planned at discharge were over."""
    discharge, months = r.value("disc.disc_date"), r.value("disc.disc_dapt_months")
    if discharge is None or months is None:
        return
    planned_end = _months_after(discharge, months)
    for page in r.of("FU"):
        day = page.get("fu_date")
        if page.get("comply_p2y12") == "STOP" and day is not None and day < planned_end:
            yield r.finding(page, "comply_p2y12", "fu_date", also=["disc.disc_date", "disc.disc_dapt_months"])


def _months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of that month where it is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@check(
    "EC-088",
    severity="S",
    reads="fu.contact_mode fu.fu_tests_missing fu.fu_date dus abi pr.proc_date today",
    en="Required duplex or ABI missing without a reason.",
    zh="必查的双功超声或ABI缺失且未说明原因。",
)
def required_test_missing(r: Reading) -> Iterator[Finding]:
    """Ask, once the window is closed, why an attended visit has no duplex or no ABI."""
    day0 = r.value("pr.proc_date")
    for page in r.of("FU"):
        if page.visit not in SCHEDULED_FU or page.get("contact_mode") not in IN_PERSON or day0 is None:
            continue
        closed = r.today > window_dates(page.visit, day0, page.form_version)[1]
        lacking = [form for form in ("DUS", "ABI") if not r.of(form, page.visit)]
        if closed and lacking and page.get("fu_tests_missing") is None:
            yield r.finding(page, "fu_tests_missing", lacking=", ".join(lacking))


@check(
    "RNG-ABI.abi_date-S",
    severity="S",
    reads="abi.abi_date pr.proc_date",
    en="Measured outside the window of the visit.",
    zh="测量日期超出访视时间窗。",
)
def pressures_outside_window(r: Reading) -> Iterator[Finding]:
    """Ask where pressures were measured outside the window of the visit that they stand at."""
    for page in r.of("ABI"):
        if outside_window(r, page, page.get("abi_date")):
            yield r.finding(page, "abi_date", also=["pr.proc_date"])


def before_procedure(r: Reading, form: str, item: str) -> Iterator[Finding]:
    """Yield the pages of a form that are certainly dated before the index procedure."""
    day0 = r.value("pr.proc_date")
    for page in r.of(form):
        if after(day0, page.get(item)):
            yield r.finding(page, item, also=["pr.proc_date"])
