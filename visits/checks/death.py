"""Checks of the death page: nobody dies before having been seen alive."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import after, before
from visits.checks.follow_up import IN_PERSON
from visits.checks.reading import Reading
from visits.dossier import PageRecord

SEEN = "fu.fu_date fu.contact_mode fu.vital_status disc.disc_date disc.disc_vital"


@check(
    "EC-115",
    severity="H",
    reads=f"dth.death_date pr.proc_date {SEEN} today",
    en="Death date before the last in-person contact or in the future.",
    zh="死亡日期早于最后一次面访或在未来。",
)
def died_before_last_seen(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a death before the last in-person contact, or after today."""
    death = r.value("dth.death_date")
    contacts = [(page, item) for page, item in _in_person(r) if page.get(item) is not None]
    last = max(contacts, key=lambda one: one[0].get(one[1]), default=None)
    if after(death, r.today) or (last is not None and before(death, last[0].get(last[1]))):
        yield from r.on("DTH", "death_date", also=[last] if last else ())


def _in_person(r: Reading) -> Iterator[tuple[PageRecord, str]]:
    """Yield where the subject was seen alive: procedure, discharge, visits in person."""
    for page in r.of("PR"):
        yield page, "proc_date"
    for page in r.of("FU"):
        if page.get("contact_mode") in IN_PERSON and page.get("vital_status") == "A":
            yield page, "fu_date"
    for page in r.of("DISC"):
        if page.get("disc_vital") == "A":
            yield page, "disc_date"


@check(
    "RNG-DTH.death_date-H",
    severity="H",
    reads="dth.death_date ic.consent_dt",
    en="Death before consent.",
    zh="死亡日期早于知情同意。",
)
def died_before_consent(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where even the last compatible day lies before the consent."""
    if before(r.value("dth.death_date"), r.value("ic.consent_dt")):
        yield from r.on("DTH", "death_date", also=["ic.consent_dt"])
