"""The simulated clock of a demonstration, and the real one that nobody can set (AUD-08)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from audit import clock
from audit.context import acting
from audit.models import Entry
from audit.verify import verify
from tests.audit.probe import WANG, one

THEN = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)


@pytest.fixture
def demonstration(fresh_probe: str) -> str:
    clock.simulate(THEN)
    return fresh_probe


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_shows_its_own_time() -> None:
    assert abs(clock.now() - THEN) < timedelta(seconds=5)
    assert clock.simulated() is not None
    assert clock.today() == date(2026, 3, 2)  # 01:30 in Shanghai
    row = one()
    with acting(by=WANG):
        row.save(force_insert=True)
    entry = Entry.objects.get(row_key=str(row.pk))
    assert entry.clock == "simulated"
    assert abs(entry.at - THEN) < timedelta(seconds=5)


@pytest.mark.usefixtures("demonstration")
def test_a_demonstration_may_date_back() -> None:
    before = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)
    row = one()
    with acting(by=WANG, at=before):
        assert clock.now() == before
        with acting(by=WANG):
            row.save(force_insert=True)
    assert Entry.objects.get(row_key=str(row.pk)).at == before
    assert clock.now() > before
    assert verify() == []


@pytest.mark.usefixtures("fresh_probe")
def test_a_real_database_keeps_the_real_time() -> None:
    clock.forget()
    with acting(by=WANG, at=THEN):
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=2)
        one().save(force_insert=True)
    assert clock.simulated() is None
    with pytest.raises(DatabaseError, match="real clock"):
        clock.simulate(THEN)


@pytest.mark.usefixtures("demonstration")
def test_the_clock_is_asked_once(django_assert_num_queries: Any) -> None:
    clock.now()
    with django_assert_num_queries(0):
        clock.now()
        clock.today()
