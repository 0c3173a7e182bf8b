"""Which subjects are loaded first, so that the demo shows every state of a study within its first minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from defier.demo import catalogue, diary
from defier.demo.acts import Save
from defier.demo.course import Course
from defier.demo.population import Kind
from defier.demo.simulation import courses
from protocol.schedule import SCHEDULED_FU, VISIT

SHOWN_SITE = "07"
Wish = Callable[[Course], bool]


def in_order_of_loading(first: int) -> list[Course]:
    """Return all courses: the `first` chosen ones, then the others by day of screening."""
    everyone = courses()
    chosen = chosen_first(everyone, first)
    early = {course.head.index for course in chosen}
    rest = [course for course in everyone if course.head.index not in early]
    return chosen + sorted(rest, key=lambda course: (course.head.screened, course.head.index))


def chosen_first(everyone: list[Course], count: int) -> list[Course]:
    """Choose `count` subjects that show sites, cohorts, statuses and events; the same each time.

    Each site's latest subject is among them, so that the number after the highest one is free meanwhile.
    """
    chosen: dict[int, Course] = {}
    for course in _wanted(everyone, chosen):
        if len(chosen) >= count:
            break
        chosen.setdefault(course.head.index, course)
    return sorted(chosen.values(), key=lambda course: (course.head.screened, course.head.index))


def _wanted(everyone: list[Course], chosen: dict[int, Course]) -> Iterator[Course]:
    by_time = sorted(everyone, key=lambda course: (course.head.screened, course.head.index))
    latest = {course.head.site: course for course in by_time}
    yield from (latest[site.code] for site in catalogue.CLINICAL)
    shown = [course for course in by_time if course.head.site == SHOWN_SITE]
    yield from _each(SHOWN_WISHES, shown, chosen)
    yield from _each(WISHES, by_time, chosen)
    while len(chosen) < len(everyone):
        # One more of each site in turn, the earliest first, until there are enough.
        for site in catalogue.CLINICAL:
            own = (c for c in by_time if c.head.site == site.code and c.head.index not in chosen)
            yield from (course for course in [next(own, None)] if course is not None)


def _each(wishes: tuple[Wish, ...], among: list[Course], chosen: dict[int, Course]) -> Iterator[Course]:
    for wish in wishes:
        free = (c for c in among if c.head.index not in chosen and wish(c))
        yield from (course for course in [next(free, None)] if course is not None)


def _entered(course: Course) -> set[str]:
    return {sheet.key for act in diary.diary(course) if isinstance(act, Save) for sheet in act.sheets}


def awaited(course: Course, *, over: bool) -> bool:
    """Whether a visit of the schedule is not entered though its window is open, or (`over`) has closed."""
    if course.head.kind is not Kind.TREATED or course.end is not None:
        return False
    keys = _entered(course)
    for code in SCHEDULED_FU:
        low, high = VISIT[code].lo or 0, VISIT[code].hi or 0
        open_now = high < course.horizon <= high + 60 if over else low <= course.horizon <= high
        if open_now and f"FU@{code}" not in keys:
            return True
    return False


def closing(course: Course) -> bool:
    if not awaited(course, over=False):
        return False
    return any(0 <= (VISIT[code].hi or 0) - course.horizon <= 14 for code in SCHEDULED_FU)


def _ended(reason: str) -> Wish:
    return lambda course: course.end is not None and course.end.reason == reason


def _revascularised(kind: str, how: str = "") -> Wish:
    return lambda course: any(
        one.kind == kind and (not how or one.how == how) for one in course.revascularisations
    )


def _running(course: Course) -> bool:
    return course.head.kind is Kind.TREATED and course.end is None and course.horizon > 100


SHOWN_WISHES: tuple[Wish, ...] = (
    lambda course: awaited(course, over=True),
    lambda course: course.head.kind is Kind.ELIGIBLE,
    lambda course: course.head.kind is Kind.TREATED and course.horizon <= 1,
    lambda course: course.head.kind is Kind.TREATED and 20 <= course.horizon <= 44,
    closing,
    lambda course: awaited(course, over=True),
    lambda course: awaited(course, over=True),
    lambda course: awaited(course, over=False),
    lambda course: awaited(course, over=False),
    lambda course: awaited(course, over=False) and course.horizon > 690,
    _ended("COMP"),
    lambda course: _running(course) and _revascularised("CD")(course),
    _running,
)
WISHES: tuple[Wish, ...] = (
    lambda course: awaited(course, over=True),
    _ended("DTH"),
    _ended("WD"),
    _ended("LTFU"),
    lambda course: course.head.kind is Kind.SCREEN_FAILURE,
    _revascularised("CD", "BYP"),
    lambda course: _revascularised("CD")(course) and _ended("COMP")(course),
    lambda course: course.amputation is not None,
    lambda course: course.procedure.crossover and course.head.kind is Kind.TREATED,
    lambda course: bool(course.procedure.bailout) and course.head.kind is Kind.TREATED,
    lambda course: len(course.procedure.lesions) == 2 and _ended("COMP")(course),
    _revascularised("IMG"),
    lambda course: any(harm.late for harm in course.harms if harm.serious),
    lambda course: course.head.kind is Kind.SCREEN_FAILURE and course.head.site == SHOWN_SITE,
)
