"""Source data verification: states, what may be done in each, and that an edit costs only its own item."""

import pytest

from subjects.models import Subject
from tests.people import People
from tests.visits.sdv.marks import enter, state, verify
from visits.review.sdv.records import Verification
from visits.review.sdv.states import State

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
