"""A subject whose demographics are entered, under a plan that asks for all of it."""

import pytest

from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from tests.visits.sdv.marks import ask_for_all, enter

DM = {"birth_ym": "1955-04", "age": 70, "sex": "M"}


@pytest.fixture
def subject(people: People) -> Subject:
    made = screened(people)
    enter(people, made, "DM", DM)
    ask_for_all(people)
    return made
