"""A subject whose demographics are entered, under a plan that asks for all of it."""

import pytest

from subjects.models import Subject
from tests.people import People
from tests.visits.sdv.marks import under_plan

DM = {"birth_ym": "1955-04", "age": 70, "sex": "M"}


@pytest.fixture
def subject(people: People) -> Subject:
    return under_plan(people, DM)
