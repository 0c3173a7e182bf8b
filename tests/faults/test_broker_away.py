"""Fault 3: a whole system whose broker goes away before all other faults and comes back after them.

It stands beside the one that the other tests use, on a database of its own, so that the minutes without a
broker cost the run next to nothing. EDC_BROKER_AWAY names other seconds than those (600: as the requirement).
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from subjects.models import Subject
from tests import databases
from tests.enrolled import screened
from tests.faults.stack import Stack, standing, using
from tests.faults.table import fault
from tests.faults.test_forms import ready
from tests.faults.visitor import Visitor
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.review.signing.acts import Proven, declare

pytestmark = pytest.mark.slow
AWAY = float(os.environ.get("EDC_BROKER_AWAY", "300"))
"""How many seconds the broker stays away, at least."""
PATIENCE = 120
BORN = {"birth_ym__y": "1955", "birth_ym__m": "04", "sex": "M", "age": "70"}


@dataclass(frozen=True, slots=True)
class Alone:
    """A system without its broker, since when, and whose pages are entered there."""

    stack: Stack
    since: float
    subject: Subject
    other: Subject
    li_na: Visitor

    def jobs(self) -> dict[str, int]:
        """Return how many jobs stand in each state."""
        with psycopg.connect(databases.address("DATABASE_URL", self.stack.database)) as link:
            return dict(link.execute("SELECT state, count(*) FROM audit_job GROUP BY state").fetchall())


@pytest.fixture(scope="package")
def alone(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Alone]:
    """Start a system of its own, let Li Na sign in and take its broker away."""
    folder = tmp_path_factory.mktemp("alone")
    with django_db_blocker.unblock(), standing(folder, apart=True) as stack:
        with using(stack.database):
            subject, other = screened(stack.people), screened(stack.people)
        li_na = Visitor(stack.url)
        assert li_na.sign_in("li_na").status == 302
        stack.kill("broker")
        yield Alone(stack, time.monotonic(), subject, other, li_na)


@fault(3)
@pytest.mark.urs("CEL-02")
def test_without_a_broker_saves_sign_ins_signatures_and_limits_hold(alone: Alone) -> None:
    stack, subject = alone.stack, alone.subject
    assert alone.li_na.save(f"/subjects/{subject.pk}/SCR/DM/", **BORN).status == 302
    with using(stack.database):
        entry = PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", not_done=True, not_done_reason="x")
        save_pages([entry], by=stack.people.li_na)
        declare(by=stack.people.zhang_wei, proven=Proven(stack.people.zhang_wei.user_id or ""))
    zhang_wei = Visitor(stack.url)
    assert zhang_wei.sign_in("zhang_wei").status == 302
    assert zhang_wei.ask(f"/signing/{subject.pk}/", ready(zhang_wei, subject)).status == 302
    for number in range(5):
        Visitor(stack.url).sign_in("xu_fang", f"wrong password {number}")
    assert Visitor(stack.url).sign_in("xu_fang").status == 429, "what limits does so without a broker"
    assert alone.jobs()["QUEUED"] >= 1


@fault(3)
@pytest.mark.urs("CEL-02", "BCK-05")
def test_when_the_broker_is_back_after_minutes_the_jobs_catch_up(alone: Alone) -> None:
    """All others have run meanwhile: every process still stands, and beat alone sends again what waits."""
    time.sleep(max(0.0, AWAY - (time.monotonic() - alone.since)))
    stack = alone.stack
    assert all(process.poll() is None for process in stack.running.values()), "nothing has given up"
    assert alone.li_na.save(f"/subjects/{alone.other.pk}/SCR/DM/", **BORN).status == 302
    assert alone.jobs()["QUEUED"] >= 1
    stack.start("broker")
    end = time.monotonic() + PATIENCE
    while set(alone.jobs()) != {"DONE"}:
        assert time.monotonic() < end, alone.jobs()
        time.sleep(0.5)
