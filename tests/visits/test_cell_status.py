"""One sign per cell: the first line of the precedence that holds, and to-do signs only for who can act."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audit.actors import Actor
from sites.roles import Role
from visits.overview.status import ACTS, PRECEDENCE, CellFacts, acts_of, mark

TODAY = date(2026, 9, 14)
EVERYTHING = frozenset(ACTS)
NOBODY: frozenset[str] = frozenset()


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


OPEN = CellFacts(opens=days(-10), closes=days(40))
DONE = CellFacts(entered=True, opens=days(-60), closes=days(-10))


@pytest.mark.parametrize(
    ("facts", "sign"),
    [
        (replace(DONE, opened=2, unfinished=True, answered=1), "query-open"),
        (replace(OPEN, closes=days(-1)), "overdue"),
        (replace(DONE, unfinished=True, answered=1), "incomplete"),
        (replace(OPEN, closes=days(14)), "closing"),
        (replace(OPEN, closes=TODAY), "closing"),
        (replace(OPEN, closes=days(15)), "due"),
        (replace(OPEN, opens=TODAY, closes=days(30)), "due"),
        (replace(DONE, answered=1, locked=True), "query-answered"),
        (replace(DONE, locked=True), "locked"),
        (replace(DONE, locked=True, unfinished=True), "locked"),
        (DONE, "complete"),
        (replace(DONE, to_sign=2), "to-sign"),
        (replace(DONE, to_sign=2, broken=1), "broken"),
        (replace(DONE, to_sign=2, broken=1, locked=True), "locked"),
        (replace(DONE, to_sign=2, unfinished=True), "incomplete"),
        (replace(DONE, signed=True), "signed"),
        (replace(DONE, missed=True), "missed"),
        (replace(DONE, missed=True, unfinished=True), "missed"),
        (replace(OPEN, opens=days(1)), "not-yet"),
        (CellFacts(), "not-yet"),
        (CellFacts(owed=False, opens=days(-10), closes=days(-1)), "not-expected"),
    ],
)
def test_the_first_line_that_holds_wins(facts: CellFacts, sign: str) -> None:
    assert mark(facts, today=TODAY, acts=EVERYTHING).sign == sign


@pytest.mark.parametrize("facts", [replace(DONE, to_sign=2), replace(DONE, to_sign=2, broken=1)])
def test_signatures_are_work_of_who_signs_alone(facts: CellFacts) -> None:
    assert mark(facts, today=TODAY, acts=NOBODY).sign == "complete"
    assert mark(facts, today=TODAY, acts=frozenset({"broken", "to-sign"})).todo


def test_a_query_gives_way_to_what_lies_under_it_where_the_reader_cannot_answer() -> None:
    asked = replace(DONE, opened=3)
    assert mark(asked, today=TODAY, acts=EVERYTHING).count == 3
    assert mark(asked, today=TODAY, acts=NOBODY).sign == "complete"
    assert mark(replace(asked, answered=1), today=TODAY, acts=frozenset({"query-answered"})).sign == (
        "query-answered"
    )


def test_a_reader_sees_what_is_late_or_open_without_being_asked_to_act() -> None:
    late = mark(replace(OPEN, closes=days(-1)), today=TODAY, acts=NOBODY)
    assert (late.sign, late.todo, late.ground) == ("overdue", False, "")
    ours = mark(replace(OPEN, closes=days(-1)), today=TODAY, acts=EVERYTHING)
    assert (ours.todo, ours.ground) == (True, "q")


@pytest.mark.parametrize(
    ("role", "site", "expected"),
    [
        (Role.COORDINATOR, "07", {"query-open", "overdue", "incomplete", "closing", "due"}),
        (
            Role.INVESTIGATOR,
            "07",
            {"query-open", "overdue", "incomplete", "closing", "due", "broken", "to-sign"},
        ),
        (Role.MONITOR, None, {"query-answered", "stale", "to-verify"}),
        (Role.DATA_MANAGER, None, {"query-answered"}),
        (Role.INSPECTOR, None, set()),
    ],
)
def test_each_role_has_its_own_work(role: Role, site: str | None, expected: set[str]) -> None:
    assert acts_of(Actor(user_id="u", name="Somebody", role=role, site=site)) == expected


def test_every_sign_of_work_has_a_place_in_the_precedence() -> None:
    assert set(ACTS) <= set(PRECEDENCE)
