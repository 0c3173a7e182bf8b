"""The impact matrix of peers.md §3e: a row is a test, a column an assertion; all marks at once on one page.

Columns: the query on the item, verification of the item and of others, the signature, the endpoint, the
verdict of the committee. The verdict's cells are the checks EC-122 (a source changed after its judgement asks
the data manager), which tests/visits/checks holds; reopening by itself comes with adjudication.
"""

from typing import Any

import pytest

from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Job
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People, build_people
from tests.visits.sdv.marks import ask_for_all, enter, looked_at, record_of, state
from visits import dossier as dossiers
from visits.capture import asking
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.checks import CHECKS
from visits.crfs import FORMS
from visits.models import Page, Query
from visits.review import rechecking
from visits.review.queries import move_query, raise_query
from visits.review.sdv.states import State
from visits.review.sdv.verifying import verify_items
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.content import content_of
from visits.review.signing.standing import BROKEN, VALID, of_pages

pytestmark = pytest.mark.django_db
TYPO = Reason("TYPO")
DM: dict[str, Any] = {
    "birth_ym": "1955-04",
    "age": 70,
    "sex": "F",
    "childbearing": "CBP",
    "pregnancy_test": "NEG",
}
VERIFIED_ITEMS = ("age", "sex", "pregnancy_test")


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def subject(people: People) -> Subject:
    """A subject whose demographics are complete, verified and signed."""
    made = screened(people)
    enter(people, made, "DM", DM)
    page = record_of(made, "DM")
    lacking = asking.unanswered(dossiers.load(made), page, FORMS["DM"])
    entry = PageEntry(
        subject_id=made.pk, form="DM", visit="SCR", page_id=page.id, missing=dict.fromkeys(lacking, "ND")
    )
    save_pages([entry], by=people.li_na, reason=TYPO)
    for query in Query.objects.filter(page_id=page.id, state="OPEN"):
        move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    ask_for_all(people)
    page = record_of(made, "DM")
    verify_items(page=page_of(made), seen=looked_at(page, VERIFIED_ITEMS), by=people.wang_lei)
    mine = Proven(people.zhang_wei.user_id or "")
    declare(by=people.zhang_wei, proven=mine)
    sign(seen={page.id: content_of(page)}, by=people.zhang_wei, proven=mine)
    assert marks(made) == (*[State.VERIFIED] * 3, VALID)
    return made


def page_of(subject: Subject) -> Page:
    return Page.objects.select_related("subject").get(subject=subject, form="DM")


def marks(subject: Subject) -> tuple[str, ...]:
    """Return the states of the three items, and of the signature."""
    page = record_of(subject, "DM")
    return (*(state(subject, "DM", item) for item in VERIFIED_ITEMS), of_pages([page])[page.id].state)


def recomputed(subject: Subject) -> int:
    return Job.objects.filter(kind="recompute_subject", args={"subject": str(subject.pk)}).count()


def test_value_changed(people: People, subject: Subject) -> None:
    jobs = recomputed(subject)
    enter(people, subject, "DM", {"age": 92}, page_id=page_of(subject).pk)
    asked = Query.objects.get(page=page_of(subject), check_id="RNG-DM.age-S", state="OPEN")
    assert asked.items == ["age"]
    assert marks(subject) == (State.STALE, State.VERIFIED, State.VERIFIED, BROKEN)
    assert recomputed(subject) == jobs + 1
    enter(people, subject, "DM", {"age": 71}, page_id=page_of(subject).pk)
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason) == ("CLOSED", "auto")
    assert "EC-122" in CHECKS


def test_missing_reason_set(people: People, subject: Subject) -> None:
    jobs = recomputed(subject)
    enter(people, subject, "DM", {}, missing={"height_cm": "UNK"})
    assert state(subject, "DM", "height_cm") == State.PENDING
    assert marks(subject) == (*[State.VERIFIED] * 3, BROKEN)
    assert recomputed(subject) == jobs + 1


def test_query_asked_answered_and_closed_keeps_everything(people: People, subject: Subject) -> None:
    jobs, before = recomputed(subject), marks(subject)
    query = raise_query(page=page_of(subject), items=["age"], text="Right?", by=people.wang_lei)
    assert marks(subject) == before
    move_query(query=query, move="answer", by=people.li_na, text="Yes")
    assert marks(subject) == before
    query = move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    assert (query.state, marks(subject), recomputed(subject)) == ("CLOSED", before, jobs)


def test_item_hidden(people: People, subject: Subject) -> None:
    jobs = recomputed(subject)
    asked = raise_query(page=page_of(subject), items=["pregnancy_test"], text="Right?", by=people.wang_lei)
    entry = PageEntry(
        subject_id=subject.pk,
        form="DM",
        visit="SCR",
        page_id=page_of(subject).pk,
        values={"childbearing": "NCBP"},
        clear_hidden=True,
    )
    save_pages([entry], by=people.li_na, reason=TYPO)
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason) == ("CLOSED", "obsolete")
    age, _sex, hidden, signature = marks(subject)
    assert (age, hidden, signature) == (State.VERIFIED, State.NOT_REQUIRED, BROKEN)
    assert recomputed(subject) == jobs + 1


def test_label_amended(people: People, subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    query = raise_query(page=page_of(subject), items=["age"], text="Right?", by=people.wang_lei)
    before, jobs = marks(subject), recomputed(subject)
    items = FORMS["DM"].items()
    monkeypatch.setitem(items, "age", items["age"]._with({"label": items["sex"].label}))
    query.refresh_from_db()
    assert (marks(subject), query.state, recomputed(subject)) == (before, "OPEN", jobs)


def test_rule_changed(people: People, subject: Subject) -> None:
    """Running all checks anew edits nothing: what is new waits for the data manager."""
    before = marks(subject)
    system = Actor.system("edit checks")
    with acting(by=system):
        held = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=subject.pk)
        rechecking.recheck(held, by=system, candidates=True)
    assert marks(subject) == before
    assert not Query.objects.filter(page=page_of(subject), state="OPEN").exists()


def test_item_added_keeps_the_signature_of_the_old_version(people: People, subject: Subject) -> None:
    """A page keeps its version: what a later one asks is no part of what was signed, until it is taken over.

    The addendum after an upgrade is tests/visits/sdv/test_impact.py::test_field_added and the signing tests.
    """
    assert record_of(subject, "DM").form_version == page_of(subject).form_version
    assert marks(subject)[-1] == VALID
