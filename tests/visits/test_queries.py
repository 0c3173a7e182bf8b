"""Queries: which moves exist, who is entitled to them, and when a check asks again (design §3.9, EDQ-07)."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from audit.context import Reason, acting
from subjects.models import Subject
from tests.people import NAMED, People
from tests.visits.test_save_pages import TYPO, demographics
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.review.queries import MOVES, NotPossible, move_query, queries_visible, raise_query

pytestmark = pytest.mark.django_db
State = Query.State
# What design §3.9 allows, written out again: MOVES must not be its own judge.
ALLOWED = {
    ("OPEN", "answer"): "ANSWERED",
    ("OPEN", "close"): "CLOSED",
    ("ANSWERED", "close"): "CLOSED",
    ("ANSWERED", "ask_again"): "OPEN",
    ("CLOSED", "ask_again"): "OPEN",
    ("CANDIDATE", "cancel"): "CANCELLED",
    ("OPEN", "cancel"): "CANCELLED",
    ("CANDIDATE", "release"): "OPEN",
}
SITE, REVIEW = ("li_na", "zhang_wei"), ("wang_lei", "chen_jing")
ENTITLED = {"answer": SITE, "close": REVIEW, "ask_again": REVIEW, "cancel": REVIEW, "release": REVIEW}
WAY: dict[str, tuple[str, ...]] = {
    "OPEN": (),
    "ANSWERED": ("answer",),
    "CLOSED": ("close",),
    "CANCELLED": ("cancel",),
}


@pytest.fixture
def query(people: People, subject: Subject) -> Query:
    page = Page.objects.get(subject=subject, form="IC")
    return raise_query(page=page, items=["consent_dt"], text="Before any procedure?", by=people.wang_lei)


def moved(query: Query, move: str, people: People, who: str = "") -> Query:
    """Take a query one step, by somebody who may where nobody is named."""
    by = people.actors[who or ENTITLED[move][0]]
    return move_query(query=query, move=move, by=by, text="As in the source.", reason="confirmed")


def brought(query: Query, state: str, people: People) -> Query:
    """Bring an open query to a state."""
    if state == State.CANDIDATE:  # no move leads there: such a query is made by a save
        query.pk, query.state = uuid.uuid4(), state
        with acting(by=people.chen_jing):
            query.save(force_insert=True)
        return query
    for move in WAY[state]:
        query = moved(query, move, people)
    return query


def steps(query: Query) -> list[tuple[str, str, str]]:
    return list(query.steps.values_list("from_state", "to_state", "by_name"))


def test_the_table_of_moves_is_the_design_s() -> None:
    assert {(state, name): move.after for name, move in MOVES.items() for state in move.before} == ALLOWED


@pytest.mark.parametrize(("state", "move"), ALLOWED)
def test_a_move_ends_in_the_state_that_its_step_says(
    people: People, query: Query, state: str, move: str
) -> None:
    before = brought(query, state, people)
    after = moved(before, move, people)
    after.refresh_from_db()
    assert after.state == ALLOWED[state, move]
    assert steps(after)[-1] == (state, after.state, people.actors[ENTITLED[move][0]].name)
    assert after.close_reason == ("confirmed" if after.state == State.CLOSED else "")


@pytest.mark.urs("EDQ-07")
@pytest.mark.parametrize("state", State.values)
def test_no_other_move_exists(people: People, query: Query, state: str) -> None:
    before = brought(query, state, people)
    written = steps(before)
    for move in ENTITLED:
        if (state, move) not in ALLOWED:
            with pytest.raises(NotPossible):
                moved(before, move, people)
    before.refresh_from_db()
    assert (before.state, steps(before)) == (state, written)


@pytest.mark.urs("EDQ-07", "ACL-01")
@pytest.mark.parametrize("move", ENTITLED)
def test_nobody_else_is_entitled(people: People, query: Query, move: str) -> None:
    state = next(state for state, name in ALLOWED if name == move)
    before = brought(query, state, people)
    written = steps(before)
    for stranger in set(NAMED) - set(ENTITLED[move]):
        with pytest.raises(PermissionDenied):
            moved(before, move, people, stranger)
    before.refresh_from_db()
    assert (before.state, steps(before)) == (state, written)


def test_words_and_reasons_are_needed(people: People, query: Query) -> None:
    with pytest.raises(ValueError, match="words"):
        move_query(query=query, move="answer", by=people.li_na, text=" ")
    for reason in ("because", "auto"):  # `auto` is what a check says, never a person
        with pytest.raises(ValueError, match="close reason"):
            move_query(query=query, move="close", by=people.wang_lei, reason=reason)
    with pytest.raises(ValueError, match="question"):
        raise_query(page=query.page, items=[], text="", by=people.wang_lei)


def test_a_thread_keeps_every_step(people: People, query: Query) -> None:
    kept = [steps(query)]
    for move in ("answer", "ask_again", "answer", "close", "ask_again", "cancel"):
        query = moved(query, move, people)
        kept.append(steps(query))
        assert kept[-1][:-1] == kept[-2]
        assert kept[-1][-1][1] == query.state
    assert len(kept[-1]) == 7


@pytest.mark.parametrize(
    "statement", ["UPDATE visits_querystep SET text = 'No'", "DELETE FROM visits_querystep"]
)
def test_steps_never_change(people: People, query: Query, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        acting(by=people.chen_jing, reason=Reason("TYPO")),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_site_never_sees_a_candidate(people: People, query: Query) -> None:
    candidate = brought(query, State.CANDIDATE, people)
    assert not queries_visible(by=people.li_na).filter(pk=candidate.pk).exists()
    assert queries_visible(by=people.chen_jing).filter(pk=candidate.pk).exists()
    assert not queries_visible(by=people.ma_lin).exists()


def of_age(subject: Subject) -> list[tuple[str, str]]:
    """Return the queries of the check of an unusual age, the oldest first."""
    asked = Query.objects.filter(subject=subject, check_id="RNG-DM.age-S").order_by("opened_at", "id")
    return list(asked.values_list("state", "close_reason"))


def test_a_confirmed_check_is_silent_until_a_value_that_it_reads_changes(
    people: People, subject: Subject
) -> None:
    confirmed = ("CLOSED", "confirmed")
    save_pages([demographics(subject, values={"age": 95})], by=people.li_na)
    moved(Query.objects.get(check_id="RNG-DM.age-S"), "close", people)
    save_pages([demographics(subject, values={"age": 95, "ethnic_cn": "HAN"})], by=people.li_na)
    assert of_age(subject) == [confirmed]
    save_pages([demographics(subject, values={"age": 96})], by=people.li_na, reason=TYPO)
    assert of_age(subject) == [confirmed, ("OPEN", "")]


@pytest.mark.parametrize("reason", ["corrected", "not_available", "obsolete"])
def test_a_check_closed_otherwise_asks_again_while_it_holds(
    people: People, subject: Subject, reason: str
) -> None:
    save_pages([demographics(subject, values={"age": 95})], by=people.li_na)
    query = Query.objects.get(check_id="RNG-DM.age-S")
    move_query(query=query, move="close", by=people.wang_lei, reason=reason)
    save_pages([demographics(subject, values={"age": 95, "ethnic_cn": "HAN"})], by=people.li_na)
    assert of_age(subject) == [("CLOSED", reason), ("OPEN", "")]


def test_every_query_stands_where_its_last_step_left_it(people: People, subject: Subject) -> None:
    save_pages([demographics(subject, values={"age": 95})], by=people.li_na)
    save_pages([demographics(subject, values={"age": 70})], by=people.li_na, reason=TYPO)
    save_pages([demographics(subject, values={"age": 96})], by=people.li_na, reason=TYPO)
    for query in Query.objects.all():
        last = query.steps.last()
        assert last is not None
        assert last.to_state == query.state
    assert of_age(subject) == [("CLOSED", "auto"), ("OPEN", "")]


@pytest.mark.fault(24)
def test_an_answer_that_came_too_late_is_given_back(people: People, query: Query) -> None:
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    sent = {"move": "answer", "answer": "text", "text": "Read again: before."}
    answer = people.client("li_na").post(f"/queries/{query.pk}/", sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "Somebody moved this query on meanwhile" in shown and "Read again: before." in shown
    assert query.steps.count() == 2
