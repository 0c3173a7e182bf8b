"""People, a subject with a complete consent page, its coordinator in a browser; some files have own ones."""

import pytest
from django.test import Client

from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People, build_people


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.fixture
def subject(people: People) -> Subject:
    return screened(people)


@pytest.fixture
def li_na(people: People) -> Client:
    return people.client("li_na")
