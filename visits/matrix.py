"""Subjects by visit: what is known of each visit of each subject, in five statements for any number."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db import connections
from django.db.models import Count, Q

from audit import clock
from audit.actors import Actor
from protocol.partial_dates import PartialDate
from protocol.schedule import EXPECTED, SCHEDULED_FU, VISITS, expected_forms, window_dates
from subjects.fetch import subjects_visible
from subjects.models import Subject
from subjects.status import Status
from visits.crfs import FORMS
from visits.facts import SubjectFacts, subject_facts
from visits.models import Lock, Query, visit_key
from visits.status import CellFacts, Mark, acts_of, mark

COLUMNS = tuple(visit.code for visit in VISITS)
NEEDS_ATTENDANCE = frozenset({"ABI", "DUS", "LB", "XR"})
BEFORE_TREATMENT = (Status.SCREENING, Status.ELIGIBLE)
NONE_ASKED = (0, 0)

# One row per visit that took place: its pages, what they lack, how many are locked, how the visit was made.
# Each part is grouped by itself, so that no part is looked up once per page of the study.
_VISITS = """
    SELECT v.subject_id, v.code, v.ordinal, p.forms, p.unanswered, p.undone,
           coalesce(l.pages, 0) = p.pages, fu.contact, coalesce(fu.excused, false), p.lacking
    FROM visits_visit v
    JOIN (SELECT visit_id, string_agg(form, ' ') AS forms, count(*) AS pages, bool_and(not_done) AS undone,
                 coalesce(sum(unanswered) FILTER (WHERE NOT not_done), 0) AS unanswered,
                 min(form) FILTER (WHERE unanswered > 0 AND NOT not_done) AS lacking
            FROM visits_page
           WHERE NOT removed AND subject_id = ANY(%(ids)s) GROUP BY visit_id) p ON p.visit_id = v.id
    LEFT JOIN (SELECT pf.visit_id, max(f.contact_mode) AS contact,
                      bool_or(f.fu_tests_missing IS NOT NULL) AS excused
                 FROM crf_fu f JOIN visits_page pf ON pf.id = f.page_id AND NOT pf.removed
                WHERE f.subject_id = ANY(%(ids)s) GROUP BY pf.visit_id) fu ON fu.visit_id = v.id
    LEFT JOIN (SELECT pl.visit_id, count(*) AS pages
                 FROM visits_lock k JOIN visits_page pl ON pl.id = k.page_id AND NOT pl.removed
                WHERE k.released_at IS NULL GROUP BY pl.visit_id) l ON l.visit_id = v.id"""


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """One visit that took place; `lacking` is the first form with an item left open."""

    forms: frozenset[str]
    unanswered: int
    all_not_done: bool
    all_locked: bool
    contact: str
    tests_excused: bool
    lacking: str

    @property
    def missed(self) -> bool:
        """Whether the visit did not take place."""
        return self.contact == "MISS" or self.all_not_done

    @property
    def attended(self) -> bool:
        """Whether tests could be made: somebody came, and nobody said why they were not."""
        return self.contact not in ("TEL", "REC", "MISS") and not self.tests_excused


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
    all_locked: bool


def matrix(by: Actor) -> list[SubjectRow]:
    """Return the rows that this person may see, by subject number; five statements."""
    subjects = list(subjects_visible(by).order_by("site_id", "seq"))
    around = _read([subject.pk for subject in subjects])
    today, acts = clock.today(), acts_of(by)
    return [_row(subject, around, today=today, acts=acts) for subject in subjects]


def _read(ids: list[uuid.UUID]) -> _Around:
    standing = Lock.objects.filter(released_at=None).exclude(level=Lock.Level.PAGE)
    locks = list(standing.values_list("level", "subject_id"))
    return _Around(
        facts=subject_facts(ids),
        visits=_visits(ids),
        queries=_queries(ids),
        locked={subject for level, subject in locks if subject and level == Lock.Level.SUBJECT},
        all_locked=any(level == Lock.Level.STUDY for level, _subject in locks),
    )


def _visits(ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, VisitFacts]]:
    found: dict[uuid.UUID, dict[str, VisitFacts]] = {}
    with connections["default"].cursor() as cursor:
        cursor.execute(_VISITS, {"ids": ids})
        for subject, code, ordinal, forms, unanswered, undone, locked, contact, excused, lacking in cursor:
            found.setdefault(subject, {})[visit_key(code, ordinal)] = VisitFacts(
                frozenset(forms.split()), unanswered, undone, locked, contact or "", excused, lacking or ""
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
    course = Course(known, taken, ended, today)
    locked = around.all_locked or subject.pk in around.locked
    for column in COLUMNS:
        facts, visit, lacking = course.cell(column)
        opened, answered = _asked(around, subject.pk, column, visit, taken)
        facts.opened, facts.answered = opened, answered
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
    counts = [around.queries.get((subject, key), NONE_ASKED) for key in taken if key.startswith("UNS")]
    return sum(count[0] for count in counts), sum(count[1] for count in counts)


def ended_on(known: SubjectFacts) -> date | None:
    """Return the day on which visits stopped being owed: the first of death and exit."""
    ends = [known.exit_date] if known.exit_date else []
    if known.death_date:
        ends.append(PartialDate.parse(known.death_date).earliest)
    return min(ends, default=None)


def _day(known: SubjectFacts, ended: date | None, today: date) -> int | None:
    """Return the study day today; none before the procedure and after the end."""
    if known.proc_date is None or ended is not None:
        return None
    return (today - known.proc_date).days


@dataclass(frozen=True)
class Course:
    """One subject's schedule: which visits are owed, when, and what those that took place lack."""

    known: SubjectFacts
    taken: Mapping[str, VisitFacts]
    ended: date | None
    today: date

    @property
    def treated(self) -> bool:
        """Whether a study device was introduced."""
        return self.known.facts.study_dev_introduced == "Y"

    @cached_property
    def over(self) -> bool:
        """Whether the subject has left the study, or never entered it."""
        return self.ended is not None or self.known.status is Status.SCREEN_FAIL

    @cached_property
    def owed(self) -> Mapping[str, Mapping[str, str]]:
        """Return the forms owed by visit; before treatment the screening visit whole."""
        if self.known.status in BEFORE_TREATMENT:
            return {code: EXPECTED[code] for code in EXPECTED if code != "UNS"}
        return expected_forms(
            treated=self.treated,
            stented=self.known.as_treated in ("DES", "MIXED"),
            proc_date=self.known.proc_date,
            ended=self.ended,
        )

    def cell(self, column: str) -> tuple[CellFacts, str, tuple[str, ...]]:
        """Return a visit's facts (without queries), its key, and the required forms that it lacks."""
        keys = [column] if column in self.taken else []
        if column == "UNS":
            keys = [key for key in self.taken if key.startswith("UNS")]
        opens, closes = self._window(column)
        forms = self.owed.get(column, {})
        if not keys:
            return CellFacts(owed=bool(forms), opens=opens, closes=closes), column, ()
        visits = {key: self.taken[key] for key in keys}
        lacking = {key: self._lacking(column, visit, forms) for key, visit in visits.items()}
        wanting = [key for key in keys if lacking[key] or visits[key].unanswered]
        key = min(wanting or keys, key=lambda name: (len(name), name))
        facts = CellFacts(
            owed=bool(forms),
            entered=True,
            unfinished=bool(wanting),
            missed=all(visit.missed for visit in visits.values()),
            locked=all(visit.all_locked for visit in visits.values()),
            opens=opens,
            closes=closes,
        )
        return facts, key, lacking[key]

    def _lacking(self, column: str, visit: VisitFacts, forms: Mapping[str, str]) -> tuple[str, ...]:
        if visit.missed:
            return ()
        waived = NEEDS_ATTENDANCE if column in SCHEDULED_FU and not visit.attended else frozenset()
        there = visit.forms | waived
        return tuple(form for form, need in forms.items() if need == "R" and form not in there)

    def _window(self, column: str) -> tuple[date | None, date | None]:
        proc = self.known.proc_date
        if column == "SCR":
            return self.today, None
        if column == "EOS":
            return self._end_of_study(), None
        if column == "PROC" and proc is None:
            return (self.today if self.known.status is Status.ELIGIBLE else None), None
        if column == "UNS" or proc is None:
            return None, None
        return window_dates(column, proc)

    def _end_of_study(self) -> date | None:
        """Return the day from which the exit page is awaited: a death, or the end of the last window."""
        if self.ended is not None:
            return self.ended
        if self.known.status is Status.SCREEN_FAIL:
            return self.today
        if self.known.proc_date is None:
            return None
        last = window_dates("M24", self.known.proc_date)[1]
        return self.today if "M24" in self.taken else last + timedelta(days=1)

    def form(self, column: str, visit: str, lacking: tuple[str, ...]) -> str:
        """Return the form of a visit that wants attention first."""
        taken = self.taken.get(visit)
        if taken is not None:
            if taken.lacking:
                return taken.lacking
            return lacking[0] if lacking else next((f for f in FORMS if f in taken.forms), "FU")
        return "FU" if column in SCHEDULED_FU or column == "UNS" else next(iter(EXPECTED[column]))


def waiting(rows: Iterable[SubjectRow], sign: str) -> Iterator[tuple[SubjectRow, Cell]]:
    """Yield the visits that show a sign as work, with their subjects."""
    for row in rows:
        for cell in row.cells:
            if cell.mark.todo and cell.mark.sign == sign:
                yield row, cell
