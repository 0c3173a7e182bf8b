"""One running system for all faults; a test that kills something starts it again."""

from collections.abc import Iterator
from typing import Any

import pytest

from subjects.models import Subject
from tests.enrolled import screened
from tests.faults.stack import Stack, standing
from tests.faults.visitor import Visitor

LAST = "test_when_the_broker_is_back_after_minutes_the_jobs_catch_up"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the broker of the second system come back when all else is done: minutes have passed by then."""
    items.sort(key=lambda item: item.name == LAST)


@pytest.fixture(scope="package")
def stack(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Web, workers, beat and broker as real processes; the tests' process commits in their database."""
    with django_db_blocker.unblock(), standing(tmp_path_factory.mktemp("stack")) as made:
        yield made


@pytest.fixture
def subject(stack: Stack) -> Subject:
    """A new subject of site 07 with a consent page and nothing else."""
    return screened(stack.people)


@pytest.fixture(scope="package")
def signed_in(stack: Stack) -> dict[str, Visitor]:
    """Everybody who has signed in so far; the limit on sign-ins is no fault."""
    return {}


@pytest.fixture
def li_na(stack: Stack, signed_in: dict[str, Visitor]) -> Visitor:
    """The coordinator of site 07, signed in."""
    return visitor(stack, signed_in, "li_na")


@pytest.fixture
def ma_lin(stack: Stack, signed_in: dict[str, Visitor]) -> Visitor:
    """The coordinator of site 02, signed in."""
    return visitor(stack, signed_in, "ma_lin")


def visitor(stack: Stack, signed_in: dict[str, Visitor], name: str) -> Visitor:
    """Return this person's browser, signed in once for all tests."""
    if name not in signed_in:
        made = Visitor(stack.url)
        assert made.sign_in(name).status == 302
        signed_in[name] = made
    return signed_in[name]
