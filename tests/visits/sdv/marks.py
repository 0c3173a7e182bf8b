"""A page with a plan that asks for all of its items, for the tests of verification."""

from collections.abc import Iterable
from typing import Any

from audit.context import Reason
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.dossier import PageRecord
from visits.models import Page
from visits.review.sdv import plan as plans
from visits.review.sdv.plan import Rule
from visits.review.sdv.states import State, seen, state_of
from visits.review.sdv.verifying import verify_items

TYPO = Reason("TYPO")


def ask_for_all(people: People, *rules: Rule, seed: str = "seed", **more: Any) -> None:
    """Put a plan into force: all items of all subjects, or these rules."""
    critical = more.pop("critical", {"dm.age": ["endpoint"]})
    plans.make_plan(
        by=people.chen_jing, reason="tests", critical=critical, rules=rules or (Rule(),), seed=seed
    )


def under_plan(people: People, answers: dict[str, Any]) -> Subject:
    """Return a new subject with these demographics, under a plan that asks for all of it."""
    made = screened(people)
    enter(people, made, "DM", answers)
    ask_for_all(people)
    return made


def record_of(subject: Subject, form: str, ordinal: int = 1) -> PageRecord:
    """Return a page as it stands."""
    found = dossiers.load(Subject.objects.get(pk=subject.pk))
    return next(page for page in found.pages if page.form == form and page.ordinal == ordinal)


def state(subject: Subject, form: str, item: str, ordinal: int = 1) -> State:
    """Return the state of an item, as the page shows it."""
    record = record_of(subject, form, ordinal)
    return state_of(record, item, plan=plans.in_force(), usubjid=subject.usubjid)


def looked_at(record: PageRecord, items: Iterable[str]) -> dict[str, str]:
    """Return what a monitor sends who has looked at these items."""
    return {item: seen(record, item) for item in items}


def verify(people: People, subject: Subject, form: str, *items: str, ordinal: int = 1) -> int:
    """Let Wang Lei verify items of a page."""
    record = record_of(subject, form, ordinal)
    page = Page.objects.select_related("subject").get(pk=record.id)
    return verify_items(page=page, seen=looked_at(record, items), by=people.wang_lei)


def enter(people: People, subject: Subject, form: str, values: dict[str, Any], **more: Any) -> PageRecord:
    """Let Li Na save a page, with a reason."""
    visit = more.pop("visit", "SCR")
    entry = PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values, **more)
    return save_pages([entry], by=people.li_na, reason=TYPO).pages[0]
