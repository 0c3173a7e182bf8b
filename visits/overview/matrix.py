"""Subjects by visit: what is known of each visit of each subject, in at most six statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db import connections
from django.db.models import Count, Q, Subquery

from audit import clock
from audit.actors import Actor
from protocol.schedule import VISITS
from sites.access import can
from sites.roles import Action
from sites.versions import InForce, all_in_force, version_on
from subjects.fetch import subjects_visible
from subjects.models import Subject
from subjects.status import Status
from visits.facts import SubjectFacts, subject_facts
from visits.models import Lock, Query, visit_key
from visits.overview.course import Course, VisitFacts, ended_on
from visits.overview.status import CellFacts, Mark, acts_of, mark
from visits.review.sdv import plan as plans
from visits.review.sdv import standing
from visits.review.sdv.records import Plan
from visits.review.signing.ready import SIGNABLE

COLUMNS = tuple(visit.code for visit in VISITS)
NONE_ASKED = (0, 0)
NOTHING_DUE = (0, 0, 0)

# One row per visit that took place: its pages, what they lack, how many are locked, how the visit was made.
# Each part is grouped by itself, so that no part is looked up once per page of the study.
_VISITS = """
    SELECT v.subject_id, v.code, v.ordinal, p.forms, p.unanswered, p.undone,
           coalesce(l.pages, 0) = p.pages OR EXISTS (SELECT 1 FROM visits_lock k
               WHERE k.visit_id = v.id AND k.released_at IS NULL AND k.kind = 'locked'),
           fu.contact, coalesce(fu.excused, false), p.lacking,
           p.signable - coalesce(s.signed, 0), coalesce(s.broken, 0)
    FROM visits_visit v
    JOIN (SELECT visit_id, string_agg(form, ' ') AS forms, count(*) AS pages, bool_and(not_done) AS undone,
                 coalesce(sum(unanswered + contradicted) FILTER (WHERE NOT not_done), 0) AS unanswered,
                 min(form) FILTER (WHERE unanswered + contradicted > 0 AND NOT not_done) AS lacking,
                 count(*) FILTER (WHERE form = ANY(%(signable)s)) AS signable
            FROM visits_page
           WHERE NOT removed AND subject_id = ANY(%(ids)s) GROUP BY visit_id) p ON p.visit_id = v.id
    LEFT JOIN (SELECT pf.visit_id, max(f.contact_mode) AS contact,
                      bool_or(f.fu_tests_missing IS NOT NULL) AS excused
                 FROM crf_fu f JOIN visits_page pf ON pf.id = f.page_id AND NOT pf.removed
                WHERE f.subject_id = ANY(%(ids)s) GROUP BY pf.visit_id) fu ON fu.visit_id = v.id
    LEFT JOIN (SELECT visit_id, count(*) FILTER (WHERE state = 'valid' AND NOT addendum) AS signed,
                      count(*) FILTER (WHERE state = 'broken') AS broken
                 FROM visits_signed WHERE subject_id = ANY(%(ids)s) GROUP BY visit_id) s ON s.visit_id = v.id
    LEFT JOIN (SELECT pl.visit_id, count(*) AS pages
                 FROM visits_lock k JOIN visits_page pl ON pl.id = k.page_id AND NOT pl.removed
                WHERE k.released_at IS NULL AND k.kind = 'locked' AND k.level = 'page'
                GROUP BY pl.visit_id) l ON l.visit_id = v.id"""


@dataclass(slots=True)
class Cell:
    """One visit of one subject: its facts, its sign for the reader, and where it leads."""

    column: str
    visit: str
    facts: CellFacts
    mark: Mark
    form: str
    hatched: bool = False
    lacking: tuple[str, ...] = ()


@dataclass(slots=True)
class SubjectRow:
    """One subject across the schedule."""

    subject: Subject
    known: SubjectFacts
    day: int | None
    cells: list[Cell] = field(default_factory=list)

    @property
    def status(self) -> Status:
        """Where the subject stands."""
        return self.known.status

    @property
    def todo(self) -> list[Cell]:
        """The cells that are this reader's work."""
        return [cell for cell in self.cells if cell.mark.todo]

    def awaited(self) -> Cell | None:
        """Return the visit that comes next: the most pressing open one, else the first that will open."""
        waiting = [cell for cell in self.cells if cell.facts.owed and not cell.facts.entered]
        dated = [cell for cell in waiting if cell.facts.closes and cell.column != "SCR"]
        return min(dated, key=lambda cell: cell.facts.closes or date.max, default=None)


@dataclass(slots=True)
class _Around:
    """What the statements brought, by subject."""

    facts: dict[uuid.UUID, SubjectFacts]
    visits: dict[uuid.UUID, dict[str, VisitFacts]]
    queries: dict[tuple[uuid.UUID, str], tuple[int, int]]
    locked: set[uuid.UUID]
    locked_sites: set[str]
    all_locked: bool
    worked_by: dict[str, tuple[InForce, ...]]
    to_verify: dict[tuple[uuid.UUID, str], tuple[int, int, int]] = field(default_factory=dict)


def matrix(by: Actor) -> list[SubjectRow]:
    """Return the rows that this person may see, by subject number; five statements, six for who verifies."""
    visible = subjects_visible(by).order_by("site_id", "seq")
    if can(by, Action.SDV_READ):
        visible = visible.annotate(sdv_plan=Subquery(Plan.objects.order_by("-number").values("id")[:1]))
    subjects = list(visible)
    around = _read([subject.pk for subject in subjects])
    plan = getattr(subjects[0], "sdv_plan", None) if subjects else None
    if plan is not None:
        around.to_verify = standing.by_visit(plans.kept(plan))
    today, acts = clock.today(), acts_of(by)
    return [_row(subject, around, today=today, acts=acts) for subject in subjects]


def _read(ids: list[uuid.UUID]) -> _Around:
    wide = (Lock.Level.SUBJECT, Lock.Level.SITE, Lock.Level.STUDY)
    standing = Lock.objects.filter(released_at=None, kind=Lock.Kind.LOCKED, level__in=wide)
    locks = list(standing.values_list("level", "subject_id", "site_id"))
    return _Around(
        facts=subject_facts(ids),
        visits=_visits(ids),
        queries=_queries(ids),
        locked={subject for _level, subject, _site in locks if subject},
        locked_sites={site for level, _subject, site in locks if site and level == Lock.Level.SITE},
        all_locked=any(level == Lock.Level.STUDY for level, _subject, _site in locks),
        worked_by=all_in_force(),
    )


def _visits(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, VisitFacts]]:
    found: dict[uuid.UUID, dict[str, VisitFacts]] = {}
    with connections["default"].cursor() as cursor:
        cursor.execute(_VISITS, {"ids": ids, "signable": sorted(SIGNABLE)})
        for (
            subject,
            code,
            ordinal,
            forms,
            unanswered,
            undone,
            locked,
            contact,
            excused,
            lacking,
            *signed,
        ) in cursor:
            found.setdefault(subject, {})[visit_key(code, ordinal)] = VisitFacts(
                *(frozenset(forms.split()), unanswered, undone, locked, contact or "", excused),
                *(lacking or "", *signed),
            )
    return found


def _queries(ids: list[uuid.UUID]) -> dict[tuple[uuid.UUID, str], tuple[int, int]]:
    """Return (open, answered) by subject and visit."""
    counted = (
        Query.objects.filter(state__in=("OPEN", "ANSWERED"), subject__in=ids, page__visit__isnull=False)
        .values_list("subject_id", "page__visit__code", "page__visit__ordinal")
        .annotate(
            opened=Count("id", filter=Q(state="OPEN")), answered=Count("id", filter=Q(state="ANSWERED"))
        )
    )
    return {
        (subject, visit_key(code, ordinal)): (opened, answered)
        for subject, code, ordinal, opened, answered in counted
    }


def _row(subject: Subject, around: _Around, *, today: date, acts: frozenset[str]) -> SubjectRow:
    known = around.facts[subject.pk]
    taken = around.visits.get(subject.pk, {})
    ended = ended_on(known)
    row = SubjectRow(subject, known, _day(known, ended, today))
    version = version_on(around.worked_by.get(subject.site_id, ()), today)
    course = Course(known, taken, ended, today, version)
    locked = around.all_locked or subject.pk in around.locked or subject.site_id in around.locked_sites
    for column in COLUMNS:
        facts, visit, lacking = course.cell(column)
        opened, answered = _asked(around, subject.pk, column, visit, taken)
        facts.opened, facts.answered = opened, answered
        _verified(facts, around, subject.pk, [visit] if column != "UNS" else _unscheduled(taken))
        facts.locked = facts.entered and (locked or facts.locked)
        shown = mark(facts, today=today, acts=acts)
        hatched = shown.sign == "not-expected" and column != "UNS" and course.over
        row.cells.append(
            Cell(column, visit, facts, shown, course.form(column, visit, lacking), hatched, lacking)
        )
    return row


def _asked(
    around: _Around, subject: uuid.UUID, column: str, visit: str, taken: Mapping[str, VisitFacts]
) -> tuple[int, int]:
    if column != "UNS":
        opened, answered = around.queries.get((subject, visit), NONE_ASKED)
        return opened, answered
    counts = [around.queries.get((subject, key), NONE_ASKED) for key in _unscheduled(taken)]
    return sum(count[0] for count in counts), sum(count[1] for count in counts)


def _unscheduled(taken: Mapping[str, VisitFacts]) -> list[str]:
    return [key for key in taken if key.startswith("UNS")]


def _verified(facts: CellFacts, around: _Around, subject: uuid.UUID, visits: list[str]) -> None:
    """Say how many items of a cell have to be verified or have changed since, and whether all are."""
    found = [around.to_verify.get((subject, visit), NOTHING_DUE) for visit in visits]
    facts.pending, facts.stale = sum(one[1] for one in found), sum(one[2] for one in found)
    facts.verified = any(one[0] for one in found) and not (facts.pending or facts.stale)


def _day(known: SubjectFacts, ended: date | None, today: date) -> int | None:
    """Return the study day today; none before the procedure and after the end."""
    if known.proc_date is None or ended is not None:
        return None
    return (today - known.proc_date).days


def waiting(rows: Iterable[SubjectRow], sign: str) -> Iterator[tuple[SubjectRow, Cell]]:
    """Yield the visits that show a sign as work, with their subjects."""
    for row in rows:
        for cell in row.cells:
            if cell.mark.todo and cell.mark.sign == sign:
                yield row, cell
