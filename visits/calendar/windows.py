"""Visit windows on a calendar: when each opens, aims and closes, and what of it falls into the festival."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from protocol.holidays import Holiday, festivals_in, holiday_on, is_made_up
from protocol.schedule import SCHEDULED_FU
from visits.overview.matrix import SubjectRow
from visits.overview.status import Mark

SHOWN = ("DISCH", *SCHEDULED_FU)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """One visit window of one subject; `festivals` are the Spring Festivals whose weeks it touches."""

    subject_id: uuid.UUID
    usubjid: str
    site: str
    visit: str
    form: str
    opens: date
    closes: date
    target: date | None
    mark: Mark
    entered: bool
    festivals: tuple[tuple[int, date, date], ...]

    @property
    def waits(self) -> bool:
        """Whether the visit is still to be entered."""
        return not self.entered


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the month view: its holiday, and the windows that open, aim or close on it."""

    on: date
    within: bool
    holiday: Holiday | None
    made_up: bool
    opening: list[Window]
    aimed: list[Window]
    closing: list[Window]


def windows(rows: Iterable[SubjectRow]) -> list[Window]:
    """Return the windows of these subjects that are owed or entered, by closing day; nothing is read."""
    found = [window for row in rows for window in _of(row)]
    return sorted(found, key=lambda one: (one.closes, one.usubjid))


def _of(row: SubjectRow) -> Iterator[Window]:
    for cell in row.cells:
        facts = cell.facts
        if cell.column not in SHOWN or facts.opens is None or facts.closes is None:
            continue
        if not (facts.owed or facts.entered):
            continue
        yield Window(
            subject_id=row.subject.pk,
            usubjid=row.subject.usubjid,
            site=row.subject.site_id,
            visit=cell.visit,
            form=cell.form,
            opens=facts.opens,
            closes=facts.closes,
            target=facts.target,
            mark=cell.mark,
            entered=facts.entered,
            festivals=tuple(festivals_in(facts.opens, facts.closes)),
        )


def month_bounds(month: date) -> tuple[date, date]:
    """Return the first and last day of a month."""
    first = month.replace(day=1)
    return first, (first + 31 * DAY).replace(day=1) - DAY


def in_month(every: Sequence[Window], month: date) -> list[Window]:
    """Return the windows that share a day with a month."""
    first, last = month_bounds(month)
    return [one for one in every if one.opens <= last and first <= one.closes]


def weeks_of(every: Sequence[Window], month: date) -> list[list[Day]]:
    """Return the weeks of a month from Monday to Sunday; a day names only visits still to be entered."""
    first, last = month_bounds(month)
    by_day: dict[date, tuple[list[Window], list[Window], list[Window]]] = {}
    for one in every:
        if one.waits:
            for place, on in enumerate((one.opens, one.target, one.closes)):
                if on is not None:
                    by_day.setdefault(on, ([], [], []))[place].append(one)
    start, weeks = first - first.weekday() * DAY, []
    while start <= last:
        weeks.append([_day(start + number * DAY, month, by_day) for number in range(7)])
        start += WEEK
    return weeks


def _day(on: date, month: date, by_day: dict[date, tuple[list[Window], list[Window], list[Window]]]) -> Day:
    opening, aimed, closing = by_day.get(on, ([], [], []))
    within = (on.year, on.month) == (month.year, month.month)
    return Day(on, within, holiday_on(on), is_made_up(on), opening, aimed, closing)
