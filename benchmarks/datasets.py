"""How long the fixed dataset of a study lock takes (design §5); on the first subjects of the demo."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import django

from benchmarks.http import demo
from benchmarks.measurement import Measurement, seconds

TIMES = 9


def measure() -> Iterator[Measurement]:
    """All files of a study lock; its form files beside a plain COPY of the same rows in the same order."""
    with demo():
        yield from _measured()


def _measured() -> Iterator[Measurement]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "defier.settings")
    django.setup()
    from audit import clock
    from outcomes.datasets import build, forms
    from subjects.models import Subject
    from visits.crfs import FORMS
    from visits.models import Lock

    lock = Lock(level=Lock.Level.STUDY, reason="Benchmark", by_name="Benchmark", created_at=clock.now())
    subjects = Subject.objects.count()
    begun = time.perf_counter()
    built = build.build(lock)
    taken = time.perf_counter() - begun
    yield Measurement(f"snapshot of {subjects} subjects, {built.values} values", taken, "s", 20)

    def ours() -> None:
        with build.one_moment() as using:
            for crf in FORMS.values():
                forms.form_file(crf, forms.Scope(), stem="x", using=using)

    def plain() -> None:
        with build.one_moment() as using:
            for crf in FORMS.values():
                plain_copy(crf, using)

    plain_best = seconds(plain, times=TIMES)[0]
    ours_best = seconds(ours, times=TIMES)[0]
    yield Measurement("form files, plain COPY", plain_best, "s")
    yield Measurement("form files, times plain COPY", ours_best / plain_best, "x", 1.5)


def plain_copy(crf: type, using: str) -> int:
    """Copy a form's keys and items as they are, and return how many bytes came."""
    from django.db import connections

    items = ", ".join(f'c."{item.column}"' for item in crf.items().values())  # type: ignore[attr-defined]
    table = crf._meta.db_table  # type: ignore[attr-defined]
    statement = f"""COPY (SELECT s.usubjid, p.site_id, v.code, p.ordinal, p.id, {items}
        FROM {table} c JOIN visits_page p ON p.id = c.page_id JOIN subjects_subject s ON s.id = p.subject_id
        LEFT JOIN visits_visit v ON v.id = p.visit_id
        ORDER BY s.usubjid, p.ordinal, p.id) TO STDOUT (FORMAT csv, HEADER true)"""
    with connections[using].cursor() as cursor, cursor.copy(statement) as copy:
        return sum(len(part) for part in copy)
