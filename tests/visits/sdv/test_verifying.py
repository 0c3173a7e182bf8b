"""Source data verification: states, what may be done in each, and that an edit costs only its own item."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from audit.context import acting
from subjects.models import Subject
from tests.people import People
from tests.visits.sdv.marks import TYPO, enter, state, verify
from visits.models import Page
from visits.review import locking
from visits.review.queries import raise_query
from visits.review.sdv.records import Verification
from visits.review.sdv.states import State
from visits.review.sdv.verifying import UnderLock

pytestmark = pytest.mark.django_db


@pytest.mark.urs("SRC-02")
def test_an_edit_costs_the_mark_of_that_item_alone(people: People, subject: Subject) -> None:
    assert state(subject, "DM", "age") == State.PENDING
    assert verify(people, subject, "DM", "age", "sex") == 2
    assert state(subject, "DM", "age") == state(subject, "DM", "sex") == State.VERIFIED
    enter(people, subject, "DM", {"age": 71})
    assert state(subject, "DM", "age") == State.STALE
    assert state(subject, "DM", "sex") == State.VERIFIED
    assert Verification.objects.get(item="age").value == 70


def marked(people: People, subject: Subject, item: str, *, now: str = "") -> str:
    """Insert a mark of an item by raw SQL, or turn the one that stands to the item `now`; the SQLSTATE."""
    insert = """
        INSERT INTO visits_verification
               (id, site_id, subject_id, page_id, item, value, revision, by_id, by_name, at, ended_as,
                ended_by, ended_reason)
        SELECT gen_random_uuid(), site_id, subject_id, id, %s, '1', revision, '', 'Raw', edc_now(), '', '', ''
          FROM visits_page WHERE form = 'DM' AND subject_id = %s"""
    turn = "UPDATE visits_verification SET item = %s WHERE item = %s AND ended_at IS NULL"
    try:
        with acting(by=people.wang_lei, reason=TYPO), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(turn if now else insert, [now, item] if now else [item, subject.pk])
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", ""))
    return ""


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("kind", ["frozen", "locked"])
def test_an_item_that_is_frozen_or_locked_keeps_no_other_from_being_verified(
    people: People, subject: Subject, kind: str
) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    what: dict[str, Any] = {
        "level": "item",
        "page": page,
        "item": "age",
        "by": people.chen_jing,
        "reason": "Reviewed",
    }
    if kind == "frozen":
        locking.freeze(**what)
    else:
        locking.lock(**what, interim=True)
    assert verify(people, subject, "DM", "sex") == 1
    assert marked(people, subject, "birth_ym") == ""
    if kind == "frozen":  # no value of it changes; that it agrees with its source may still be said
        assert verify(people, subject, "DM", "age") == 1
        return
    with pytest.raises(UnderLock):
        verify(people, subject, "DM", "age")
    assert marked(people, subject, "age") == "P0E05"
    assert marked(people, subject, "sex", now="age") == "P0E05"


@pytest.mark.urs("LCK-01")
def test_no_mark_or_query_is_turned_away_from_a_locked_item(people: People, subject: Subject) -> None:
    page = Page.objects.get(form="DM", subject=subject)
    verify(people, subject, "DM", "age")
    raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    locking.lock(
        level="item", page=page, item="age", by=people.chen_jing, reason="Interim analysis", interim=True
    )
    assert marked(people, subject, "age", now="sex") == "P0E05"
    with acting(by=people.wang_lei, reason=TYPO), connection.cursor() as cursor:
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            cursor.execute("UPDATE visits_query SET items = '{sex}' WHERE page_id = %s", [page.pk])
        assert locking.refused_by_lock(refused.value)
