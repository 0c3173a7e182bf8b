"""A subject's course as coordinates on one axis of days: windows, visits, events, drugs, PSVR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from django.utils.translation import gettext as _

from defier.drawing import happenings as events
from defier.drawing.happenings import Happening, Reading, Stretch
from protocol.schedule import SCHEDULED_FU, VISIT
from visits.dossier import Dossier

WIDTH, LEFT, RIGHT = 800, 74.0, 784.0
FIRST_DAY, LAST_DAY = -30, 800
LANE, FIRST_LANE, MOST_LANES = 17.0, 101.0, 4
LETTER, WIDE_LETTER = 6.4, 12.0
PSVR_HEIGHT = 96.0
PSVR_TOP_VALUE = 4.0
GROUNDS = {"overdue": "danger", "closing": "warn", "due": "info", "incomplete": "info"}


@dataclass(slots=True)
class Window:
    """The window of a scheduled visit; `tone` says how pressing it is."""

    code: str
    x: float
    width: float
    tone: str

    @property
    def middle(self) -> float:
        """Where its name stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(slots=True)
class Dot:
    """A visit: done, missed, or still awaited."""

    x: float
    kind: str
    title: str


@dataclass(slots=True)
class Flag:
    """An event in its lane; its words where there is room."""

    x: float
    until: float
    y: float
    words: str
    grave: bool
    left: bool = False


@dataclass(slots=True)
class Curve:
    """The PSVR of one lesion over time."""

    lesion: str
    points: list[tuple[float, float, str, bool]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The line through its points."""
        return "M" + "L".join(f"{x} {y}" for x, y, _words, _above in self.points)


@dataclass(slots=True)
class Course:
    """The drawing: what the template writes down, the same in words, and as a list."""

    height: float = 0.0
    ticks: list[tuple[float, str]] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    stretches: list[tuple[float, float, str, bool]] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    drug_y: float = 0.0
    psvr_y: float = 0.0
    threshold_y: float = 0.0
    threshold: str = ""
    today_x: float | None = None
    today: int = 0
    description: str = ""
    entries: list[tuple[int, date, str]] = field(default_factory=list)

    @property
    def danger_height(self) -> float:
        """The height of the ground above the threshold."""
        return round(self.threshold_y - self.psvr_y - 4, 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """Days to coordinates."""

    first: int
    last: int

    def x(self, day: float) -> float:
        """Return where a day lies; days before the axis lie on its edge."""
        share = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return round(LEFT + share * (RIGHT - LEFT), 1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A visit on the course: its key, day (None if it did not take place) and sign."""

    key: str
    day: int | None
    sign: str


def draw(
    dossier: Dossier, taken: Sequence[Taken], *, today: date, ended: date | None, psvr_limit: int
) -> Course | None:
    """Return the course of a subject, None before the index procedure; `psvr_limit` in hundredths."""
    start = dossier.proc_date
    if start is None:
        return None
    now = ((ended or today) - start).days
    found, readings = events.happenings(dossier, start), events.readings(dossier, start)
    days = [visit.day for visit in taken if visit.day is not None]
    last = max([LAST_DAY, now + 20, *days, *(one.day for one in found)])
    axis = Axis(FIRST_DAY, last)
    course = Course(today=now, today_x=None if ended else axis.x(now), threshold=f"{psvr_limit / 100:.2f}")
    course.ticks = [(axis.x(day), _("day 0") if day == 0 else str(day)) for day in range(0, last + 1, 100)]
    signs = {visit.key: visit.sign for visit in taken}
    course.windows = [_window(code, axis, signs.get(code, "")) for code in SCHEDULED_FU]
    course.dots = [dot for visit in taken if (dot := _dot(visit, axis)) is not None]
    lanes = _flags(course, found, axis)
    course.drug_y = FIRST_LANE + lanes * LANE + 6
    _drugs(course, events.antiplatelet(dossier, start, min(now, last)), axis)
    course.psvr_y = course.drug_y + (34 if course.stretches else 8)
    _psvr(course, readings, axis, psvr_limit)
    course.height = course.psvr_y + PSVR_HEIGHT + 26
    course.entries = _entries(taken, found, readings, start)
    course.description = "; ".join(f"{_('day')} {day}: {words}" for day, _on, words in course.entries)
    return course


def _window(code: str, axis: Axis, sign: str) -> Window:
    visit = VISIT[code]
    first, last = axis.x(visit.lo or 0), axis.x(visit.hi or 0)
    return Window(code, first, round(last - first, 1), GROUNDS.get(sign, "settled"))


def _dot(visit: Taken, axis: Axis) -> Dot | None:
    definition = VISIT.get(visit.key)
    if visit.sign == "missed" and definition and definition.target_day is not None:
        return Dot(axis.x(definition.target_day), "missed", visit.key)
    if visit.day is not None:
        return Dot(axis.x(visit.day), "done", f"{visit.key}, {_('day')} {visit.day}")
    if visit.sign in ("due", "closing", "overdue") and visit.key in SCHEDULED_FU and definition:
        middle = ((definition.lo or 0) + (definition.hi or 0)) / 2
        return Dot(axis.x(middle), visit.sign, visit.key)
    return None


def _flags(course: Course, found: Iterable[Happening], axis: Axis) -> int:
    """Put each event into the first lane with room for its words; return how many lanes are used."""
    free = [LEFT] * MOST_LANES
    used = 1
    for one in found:
        x, until = axis.x(one.day), axis.x(one.until)
        width = 18 + sum(LETTER if ord(letter) < 0x2E80 else WIDE_LETTER for letter in one.words)
        left = x + width > RIGHT
        begins = x - width if left else x
        lane = next((number for number, edge in enumerate(free) if begins >= edge), None)
        words = "" if lane is None else one.words
        at = MOST_LANES - 1 if lane is None else lane
        free[at] = max(free[at], (x if left else x + width) + 8, until)
        used = max(used, at + 1)
        course.flags.append(Flag(x, until, FIRST_LANE + at * LANE, words, one.grave, left))
    return used


def _drugs(course: Course, stretches: Iterable[Stretch], axis: Axis) -> None:
    for stretch in stretches:
        x, end = axis.x(stretch.start), axis.x(stretch.end)
        words = stretch.words if end - x > len(stretch.words) * LETTER + 6 else ""
        course.stretches.append((x, round(end - x, 1), words, stretch.dual))


def _psvr(course: Course, readings: Sequence[Reading], axis: Axis, limit: int) -> None:
    highest = max([PSVR_TOP_VALUE, *(reading.psvr or 0 for reading in readings)])

    def y(value: float) -> float:
        return round(course.psvr_y + 12 + (1 - min(value, highest) / highest) * (PSVR_HEIGHT - 12), 1)

    course.threshold_y = y(limit / 100)
    for lesion, group in groupby(readings, key=lambda reading: reading.lesion):
        curve = Curve(lesion)
        for one in group:
            value = highest if one.psvr is None else one.psvr
            words = _("occluded") if one.psvr is None else f"{one.psvr:.2f}"
            curve.points.append((axis.x(one.day), y(value), words, value * 100 > limit))
        course.curves.append(curve)


def _entries(
    taken: Sequence[Taken], found: Sequence[Happening], readings: Sequence[Reading], start: date
) -> list[tuple[int, date, str]]:
    """Return the same as a list, in time."""
    listed = [
        (visit.day, _("visit %(visit)s") % {"visit": visit.key}) for visit in taken if visit.day is not None
    ]
    listed += [(one.day, one.words) for one in found]
    for one in readings:
        said = _("occluded") if one.psvr is None else f"PSVR {one.psvr:.2f}"
        listed.append((one.day, f"{_('duplex')} {one.lesion}: {said}"))
    return [
        (day, date.fromordinal(start.toordinal() + day), words)
        for day, words in sorted(listed, key=lambda entry: entry[0])
    ]
