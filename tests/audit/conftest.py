"""A committed database with the probe table, one per module; every test finds it empty of nothing."""

from collections.abc import Iterator

import pytest
from django.db import connections

from audit import clock
from tests import databases
from tests.audit import probe


@pytest.fixture(scope="module")
def probe_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """Give a module a database of its own, with crf_probe, in which its tests commit."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        name = databases.clone()
        before = databases.use(name)
        try:
            with connections["owner"].cursor() as cursor:
                cursor.execute(probe.TABLE)
            yield name
        finally:
            databases.use(before)
            databases.drop(name)
            clock.forget()


@pytest.fixture
def fresh_probe(own_database: str) -> str:
    """Give one test a database of its own with crf_probe."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(probe.TABLE)
    return own_database
