"""Checks of what a follow-up contact reports against the event pages (protocol §4, EC-049 to EC-054)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from protocol.schedule import SCHEDULED_FU
from visits.checks.check import Finding, check
from visits.checks.dates import after, before, may_be_after, may_be_within
from visits.checks.reading import Reading
from visits.dossier import PageRecord

EVENTS = {"new_revasc": ("REV", "rev_date"), "new_amputation": ("AMP", "amp_date")}
CONTACTS = "fu.fu_date fu.contact_mode disc.disc_date pr.proc_date"


@check(
    "EC-049",
    severity="H",
    reads=f"fu.new_revasc rev {CONTACTS}",
    en="Revascularisation reported but no event form.",
    zh="报告有血运重建但无对应事件表。",
)
def revascularisation_without_page(r: Reading) -> Iterator[Finding]:
    """Ask about a reported revascularisation of which no page can be since the previous contact."""
    yield from _reported(r, "new_revasc")


@check(
    "EC-050",
    severity="H",
    reads=f"fu.new_amputation amp {CONTACTS}",
    en="Amputation reported but no form.",
    zh="报告有截肢但无对应表单。",
)
def amputation_without_page(r: Reading) -> Iterator[Finding]:
    """Ask about a reported amputation of which no page can be since the previous contact."""
    yield from _reported(r, "new_amputation")


@check(
    "EC-051",
    severity="H",
    reads="fu.vital_status dth",
    en="Death reported but no death form.",
    zh="报告死亡但无死亡表。",
)
def death_without_page(r: Reading) -> Iterator[Finding]:
    """Ask about a reported death while there is no death page in any state."""
    if any(page.form == "DTH" and not page.removed for page in r.dossier.pages):
        return
    for page in r.of("FU"):
        if page.get("vital_status") == "D":
            yield r.finding(page, "vital_status")


@check(
    "EC-052",
    severity="S",
    reads=f"fu.new_revasc fu.new_amputation rev amp {CONTACTS}",
    en="Event form exists but the visit says no event.",
    zh='存在事件表但访视填"无事件"。',
)
def event_not_reported(r: Reading) -> Iterator[Finding]:
    """Ask about a contact that reports no event where one is certainly dated since the previous contact."""
    for page in _contacts(r):
        denied = [item for item in EVENTS if page.get(item) == "N"]
        found = {item: _since(r, page, item) for item in denied}
        asked = [item for item in denied if found[item]]
        if asked:
            also = [(event, EVENTS[item][1]) for item in asked for event in found[item]]
            yield r.finding(page, *asked, "fu_date", also=also)


@check(
    "EC-053",
    severity="S",
    reads="fu.fu_rutherford fu.fu_date fu.contact_mode bcs.rutherford_target ae.ae_start rev.rev_date",
    en="Rutherford worsened by 2 or more without an event.",
    zh="Rutherford恶化≥2级但无对应事件。",
)
def worse_without_event(r: Reading) -> Iterator[Finding]:
    """Ask about a category 2 or more above the one before, where no AE or REV can be within 30 days of it."""
    previous, where = r.value("bcs.rutherford_target"), (r.one("BCS"), "rutherford_target")
    for page in _contacts(r):
        category = page.get("fu_rutherford")
        if category is None:
            continue
        rose = previous is not None and int(category) - int(previous) >= 2
        if rose and not _event_near(r, page.get("fu_date")):
            yield r.finding(page, "fu_rutherford", "fu_date", also=[where])
        previous, where = category, (page, "fu_rutherford")


@check(
    "EC-054",
    severity="S",
    reads="fu.fu_rutherford bcs.tissue_loss fu.wound_status",
    en="Unhealed wound with Rutherford 3 or lower.",
    zh="创面未愈合但Rutherford≤3级。",
)
def unhealed_but_mild(r: Reading) -> Iterator[Finding]:
    """Ask about a category of 3 or lower while the wound of the baseline has not healed."""
    if r.value("bcs.tissue_loss") != "Y":
        return
    for page in r.of("FU"):
        if page.get("fu_rutherford") in ("0", "1", "2", "3") and page.get("wound_status") == "N":
            yield r.finding(page, "fu_rutherford", "wound_status", also=["bcs.tissue_loss"])


def previous_contact(r: Reading, page: PageRecord) -> date | None:
    """Return the day of the last contact before this one: a visit, the discharge or the procedure."""
    days = [other.get("fu_date") for other in _contacts(r) if other.id != page.id]
    days += [r.value("disc.disc_date"), r.dossier.proc_date]
    return max((day for day in days if day is not None and day < page.get("fu_date")), default=None)


def _contacts(r: Reading) -> list[PageRecord]:
    """Return the contacts that took place, by date; on one day in the order of the schedule."""
    order = {visit: place for place, visit in enumerate(SCHEDULED_FU)}
    took_place = [
        page for page in r.of("FU") if page.get("contact_mode") != "MISS" and page.get("fu_date") is not None
    ]
    return sorted(took_place, key=lambda page: (page.get("fu_date"), order.get(page.visit or "", 9)))


def _reported(r: Reading, item: str) -> Iterator[Finding]:
    form, dated = EVENTS[item]
    events = [page for page in r.dossier.pages if page.form == form and not page.removed]
    for page in _contacts(r):
        if page.get(item) == "Y" and not any(_may_be_since(r, page, event.get(dated)) for event in events):
            also = [(event, dated) for event in events if event.get(dated) is not None]
            yield r.finding(page, item, "fu_date", also=also)


def _may_be_since(r: Reading, page: PageRecord, day: str | None) -> bool:
    """Say whether an event can lie after the previous contact and by this one; undated ones can."""
    if day is None:
        return True
    previous = previous_contact(r, page)
    too_early = previous is not None and not may_be_after(day, previous)
    return not too_early and not after(day, page.get("fu_date"))


def _since(r: Reading, page: PageRecord, item: str) -> list[PageRecord]:
    """Return the events that certainly lie after the previous contact and by this one."""
    form, dated = EVENTS[item]
    previous, until = previous_contact(r, page), page.get("fu_date")
    return [
        event
        for event in r.of(form)
        if event.get(dated) is not None
        and not may_be_after(event.get(dated), until)
        and (previous is None or before(previous, event.get(dated)))
    ]


def _event_near(r: Reading, day: date) -> bool:
    dated = [(page, "ae_start") for page in r.of("AE")] + [(page, "rev_date") for page in r.of("REV")]
    return any(may_be_within(day, page.get(item), -30, 30) for page, item in dated)
