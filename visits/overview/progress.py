"""How far the study is, for the dashboard: who was enrolled, which visits are done; nothing about outcomes.

Everything is read off the rows of the matrix, so that no number can say something else than its signs do.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections

from protocol.schedule import VISITS
from protocol.words import Bilingual, T
from visits.models import visit_key
from visits.overview.matrix import Cell, SubjectRow
from visits.overview.status import signs

COMPLETE, INCOMPLETE, MISSED, OVERDUE, DUE = "complete", "incomplete", "missed", "overdue", "due"
STATES: dict[str, Bilingual] = {
    COMPLETE: T("complete", "完成"),
    INCOMPLETE: T("incomplete", "未完成"),
    MISSED: T("missed", "缺访"),
    OVERDUE: T("overdue", "逾期"),
    DUE: T("window open", "窗口期内"),
}
UNSCHEDULED = "UNS"
COLUMNS = tuple(visit.code for visit in VISITS)
SCHEDULED = tuple(code for code in COLUMNS if code != UNSCHEDULED)

# The day of each visit that took place, from the form that says it; how an unscheduled one was made.
_DAYS = """
    SELECT v.subject_id, v.code, v.ordinal, d.on_day, d.contact, p.waiting, p.undone, p.contacts
    FROM visits_visit v
    JOIN (SELECT visit_id, bool_and(not_done) AS undone, count(*) FILTER (WHERE form = 'FU') AS contacts,
                 coalesce(sum(unanswered + contradicted) FILTER (WHERE NOT not_done), 0) AS waiting
            FROM visits_page
           WHERE NOT removed AND subject_id = ANY(%(ids)s) GROUP BY visit_id) p ON p.visit_id = v.id
    LEFT JOIN (SELECT q.visit_id, min(x.on_day) AS on_day, max(x.contact) AS contact
                 FROM (SELECT page_id, fu_date AS on_day, contact_mode AS contact FROM crf_fu
                       UNION ALL SELECT page_id, screening_date, NULL FROM crf_ic
                       UNION ALL SELECT page_id, proc_date, NULL FROM crf_pr
                       UNION ALL SELECT page_id, pp_date, NULL FROM crf_pp
                       UNION ALL SELECT page_id, disc_date, NULL FROM crf_disc
                       UNION ALL SELECT page_id, exit_date, NULL FROM crf_exit) x
                 JOIN visits_page q ON q.id = x.page_id AND NOT q.removed
                WHERE q.subject_id = ANY(%(ids)s) GROUP BY q.visit_id) d ON d.visit_id = v.id
    WHERE v.subject_id = ANY(%(ids)s)
    ORDER BY v.subject_id, v.code, v.ordinal"""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A subject who counts toward the plan, at the site whose number it bears, from the procedure on."""

    subject_id: uuid.UUID
    usubjid: str
    site: str
    on: date


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit of one subject as the dashboard counts it; `on` is its day where its form says one."""

    subject_id: uuid.UUID
    usubjid: str
    site: str
    enrolled_at: str
    column: str
    visit: str
    form: str
    state: str
    closes: date | None
    on: date | None


@dataclass(frozen=True, slots=True)
class _Held:
    """What is stored of a visit that took place."""

    on: date | None
    contact: str
    waiting: int
    undone: bool
    contacts: int

    @property
    def state(self) -> str:
        """The state of an unscheduled visit, of which the schedule knows nothing."""
        if self.undone or self.contact == "MISS":
            return MISSED
        return COMPLETE if self.contacts and not self.waiting else INCOMPLETE


def enrolled(rows: Iterable[SubjectRow]) -> list[Enrolled]:
    """Return who was treated with a study device (protocol §2: that enrols), by day of the procedure."""
    found = [
        Enrolled(row.subject.pk, row.subject.usubjid, row.subject.enrolled_at, row.known.proc_date)
        for row in rows
        if row.known.facts.study_dev_introduced == "Y" and row.known.proc_date is not None
    ]
    return sorted(found, key=lambda one: (one.on, one.usubjid))


def visit_lines(rows: Sequence[SubjectRow], *, today: date) -> list[VisitLine]:
    """Return the visits that took place or should have by now, by subject and schedule; one statement.

    A subject's visits stand at the site that follows it now; where it was enrolled is told beside.
    """
    held = _held([row.subject.pk for row in rows])
    return [line for row in rows for line in _of(row, held.get(row.subject.pk, {}), today)]


def _held(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, _Held]]:
    found: dict[uuid.UUID, dict[str, _Held]] = {}
    with connections["default"].cursor() as cursor:
        cursor.execute(_DAYS, {"ids": ids})
        for subject, code, ordinal, on, contact, waiting, undone, contacts in cursor:
            one = _Held(on, contact or "", waiting, undone, contacts)
            found.setdefault(subject, {})[visit_key(code, ordinal)] = one
    return found


def _of(row: SubjectRow, held: dict[str, _Held], today: date) -> Iterator[VisitLine]:
    for cell in row.cells:
        if cell.column == UNSCHEDULED:
            taken = [(key, one) for key, one in held.items() if key.startswith(UNSCHEDULED)]
            yield from (_line(row, cell, key, "FU", one.state, one.on) for key, one in taken)
            continue
        state = state_of(cell, today)
        if state:
            there = held.get(cell.visit)
            yield _line(row, cell, cell.visit, cell.form, state, there.on if there else None)


def _line(row: SubjectRow, cell: Cell, visit: str, form: str, state: str, on: date | None) -> VisitLine:
    subject = row.subject
    names = (subject.pk, subject.usubjid, subject.site_id, subject.enrolled_at)
    return VisitLine(*names, cell.column, visit, form, state, cell.facts.closes, on)


def state_of(cell: Cell, today: date) -> str:
    """Return which of STATES a scheduled visit is in; nothing where it is not expected or not due yet."""
    facts = cell.facts
    if facts.entered:
        return MISSED if facts.missed else INCOMPLETE if facts.unfinished else COMPLETE
    held = signs(facts, today=today)
    if "overdue" in held:
        return OVERDUE
    return DUE if held.keys() & {"due", "closing"} else ""


def tally(rows: Iterable[Any], *names: Callable[[Any], str]) -> dict[tuple[str, ...], int]:
    """Count rows by some of their names: of each, or ("") of all."""
    counts: dict[tuple[str, ...], int] = {}
    for row in rows:
        keys: list[tuple[str, ...]] = [()]
        for name in names:
            keys = [(*key, one) for key in keys for one in (name(row), "")]
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return counts
