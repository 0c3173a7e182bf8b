"""Loading the demo: the chosen first subjects, then the rest, by any number of processes at once.

Subjects of one site are loaded by one process at a time, which holds the site's advisory lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from audit import clock, jobs, statistics
from defier.demo import first, reporting, study
from defier.demo.course import Course
from defier.demo.replay import Replay
from defier.demo.simulation import courses
from protocol import identifiers
from subjects.models import Subject

LOCKS = 7_277_218
"""First half of the advisory locks' key; the second is the number of the site."""

WAIT = 0.5
"""Seconds until another process that loads at the same site is asked again."""
Say = Callable[[int, int], None]


def load(count: int | None, *, first_count: int = 40, say: Say | None = None) -> int:
    """Load the subjects that are missing among the first `count` (None: all); return how many were loaded.

    `say(done, total)` is told how many of the wanted subjects are there. Raises NotADemo.
    """
    clock.forget()  # a worker may have asked for the time before the database became a demo
    study.prepare()
    people = study.people()
    ordered = first.in_order_of_loading(first_count)
    on_the_clock = reporting.choose(ordered[:first_count])
    wanted = ordered[:count] if count is not None else ordered
    loaded = 0
    while missing := _missing(wanted):
        before = loaded
        for site in sorted({course.head.site for course in missing}):
            with _alone_at(site) as alone:
                for course in _missing([c for c in missing if c.head.site == site]) if alone else ():
                    Replay(course, people, on_the_clock.get(course.head.index, "")).run()
                    loaded += 1
                    if say is not None:
                        say(len(wanted) - len(_missing(wanted)), len(wanted))
        if loaded == before:
            time.sleep(WAIT)
    if loaded:
        statistics.refresh()
    return loaded


def ask_for_results() -> None:
    """Leave a job that computes the endpoints of the whole study."""
    there = Subject.objects.count()
    jobs.enqueue("recompute_study", by=study.LOADER, args={}, key=f"demo-{there}")


def ask_for_the_rest() -> None:
    """Leave a job that loads the subjects that are not there yet, unless one has been left for them."""
    missing = _missing(courses())
    if missing:
        jobs.enqueue("load_demo_rest", by=study.LOADER, args={}, key=f"load_demo_rest-{len(missing)}")


def _missing(wanted: list[Course]) -> list[Course]:
    there = set(Subject.objects.values_list("usubjid", flat=True))
    return [c for c in wanted if identifiers.usubjid(c.head.site, c.head.number) not in there]


@contextmanager
def _alone_at(site: str) -> Iterator[bool]:
    """Hold the right to load subjects of a site, or say that another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, int(site)])
        held: bool = cursor.fetchone()[0]
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, int(site)])
