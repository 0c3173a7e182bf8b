"""Checks of the exit page, and of what was recorded after a subject had left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from visits.checks.check import Finding, check
from visits.checks.dates import after, before, fewer_days_than
from visits.checks.reading import Reading
from visits.consent_gate import COLLECTED
from visits.dossier import PageRecord

COMPLETED_DAYS = 700
# An adverse event that begins after the exit may be reported; after a withdrawal of consent it may not.
DATED = {form: item for form, item in COLLECTED.items() if form != "AE"}
DATES = " ".join(f"{form.lower()}.{item}" for form, item in DATED.items())


def _after_exit(r: Reading, dated: Mapping[str, str]) -> Iterator[tuple[PageRecord, str]]:
    """Yield the pages, with the item of their date, that certainly lie after the exit."""
    left = r.value("exit.exit_date")
    for form, item in dated.items():
        for page in r.of(form):
            if after(page.get(item), left):
                yield page, item


@check(
    "EC-117",
    severity="H",
    reads=f"{DATES} ae.ae_start exit.exit_date exit.exit_reason",
    on="fu abi lb dus xr img rev amp ae",
    en="Data collected after withdrawal of consent cannot be entered (death excepted).",
    zh="撤回知情同意后收集的数据不得录入(死亡除外)。",
)
def collected_after_withdrawal(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to what was collected after the consent had been withdrawn."""
    if r.value("exit.exit_reason") == "WD":
        for page, item in _after_exit(r, COLLECTED):
            yield r.finding(page, item, also=["exit.exit_date", "exit.exit_reason"])


@check(
    "EC-135",
    severity="S",
    reads=f"{DATES} exit.exit_date exit.exit_reason",
    on="fu abi lb dus xr img rev amp",
    en="Data after study exit: reopen the exit form?",
    zh="存在退出日期之后的数据，请确认是否应重新打开退出表。",
)
def collected_after_exit(r: Reading) -> Iterator[Finding]:
    """Ask about what is dated after an exit for another reason than withdrawal."""
    if r.value("exit.exit_reason") not in (None, "WD"):
        for page, item in _after_exit(r, DATED):
            yield r.finding(page, item, also=["exit.exit_date", "exit.exit_reason"])


@check(
    "EC-116",
    severity="S",
    reads="dth.death_date exit.exit_date exit.exit_reason",
    on="exit",
    en="Died on or before the exit date: is the exit reason death?",
    zh="死亡日期不晚于退出日期，请确认退出原因是否应为死亡。",
)
def left_by_death(r: Reading) -> Iterator[Finding]:
    """Ask for the exit reason of a subject who died by the exit date."""
    death, left, reason = r.value("dth.death_date"), r.value("exit.exit_date"), r.value("exit.exit_reason")
    if reason not in (None, "DTH") and _not_after(death, left):
        yield from r.on("EXIT", "exit_reason", "exit_date", also=["dth.death_date"])


def _not_after(death: str | None, left: object) -> bool:
    """Say whether a death certainly lies on or before a day."""
    return death is not None and left is not None and fewer_days_than(1, left, death)  # type: ignore[arg-type]


@check(
    "EC-118",
    severity="S",
    reads="exit.exit_reason exit.last_contact_date pr.proc_date",
    en='"Completed" with less than 700 days of follow-up.',
    zh="标记完成但随访不足700天。",
)
def completed_early(r: Reading) -> Iterator[Finding]:
    """Ask about a completion with a last contact before day 700."""
    short = fewer_days_than(COMPLETED_DAYS, r.value("pr.proc_date"), r.value("exit.last_contact_date"))
    if r.value("exit.exit_reason") == "COMP" and short:
        yield from r.on("EXIT", "exit_reason", "last_contact_date", also=["pr.proc_date"])


@check(
    "RNG-EXIT.exit_date-H",
    severity="H",
    reads="exit.exit_date fu.fu_date fu.vital_status",
    en="Exit before the last visit at which the subject was alive.",
    zh="退出日期早于最后一次确认存活的访视。",
)
def left_before_last_visit(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an exit before a visit at which the subject was alive."""
    left = r.value("exit.exit_date")
    later = [p for p in r.of("FU") if p.get("vital_status") == "A" and after(p.get("fu_date"), left)]
    if later:
        yield from r.on("EXIT", "exit_date", also=[(page, "fu_date") for page in later])


@check(
    "RNG-EXIT.exit_reason-H",
    severity="H",
    reads="exit.exit_reason dth",
    en="Exit by death, but no death form.",
    zh="退出原因为死亡但无死亡表。",
)
def left_by_death_without_form(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an exit by death without a death form."""
    if r.value("exit.exit_reason") == "DTH" and r.one("DTH") is None:
        yield from r.on("EXIT", "exit_reason")


@check(
    "RNG-EXIT.last_contact_date-H",
    severity="H",
    reads="exit.last_contact_date pr.proc_date",
    en="Last contact before the index procedure.",
    zh="最后联系日期早于研究手术。",
)
def last_contact_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a last contact before the procedure."""
    if before(r.value("exit.last_contact_date"), r.value("pr.proc_date")):
        yield from r.on("EXIT", "last_contact_date", also=["pr.proc_date"])
