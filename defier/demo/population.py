"""Who takes part: site, day of screening and number of every demo subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from defier.demo import catalogue, timeline


class Kind(StrEnum):
    """What becomes of a screened subject."""

    TREATED = "TREATED"
    ELIGIBLE = "ELIGIBLE"
    """Found eligible, index procedure still ahead at the demo's today."""
    SCREENING = "SCREENING"
    SCREEN_FAILURE = "SCREEN_FAILURE"


@dataclass(frozen=True, slots=True)
class Head:
    """One screened subject; `number` is the sequence within the site, by day of screening."""

    index: int
    kind: Kind
    site: str
    screened: date
    treated: date | None
    """Index procedure date; None unless kind is TREATED."""
    number: int = 0


LATE_SHARE = 0.12
"""Share of the subjects who come after the planned 24 months of accrual."""

# Subjects whose place in time is fixed so that every status occurs at the demo's today:
# (kind, site, days from screening to today, days from procedure to today).
_PLACED: tuple[tuple[Kind, str, int, int | None], ...] = (
    (Kind.TREATED, "07", 6, 1),
    (Kind.TREATED, "01", 9, 2),
    (Kind.TREATED, "07", 41, 36),
    (Kind.ELIGIBLE, "07", 4, None),
    (Kind.ELIGIBLE, "10", 3, None),
    (Kind.SCREENING, "07", 1, None),
    (Kind.SCREENING, "02", 0, None),
    (Kind.SCREENING, "12", 2, None),
)


@cache
def roster() -> tuple[Head, ...]:
    """Return every demo subject in order of index, numbered within the site by day of screening."""
    heads = [_head(index) for index in range(timeline.SUBJECTS + timeline.SCREEN_FAILURES)]
    numbers: dict[str, int] = {}
    numbered: dict[int, int] = {}
    for head in sorted(heads, key=lambda head: (head.screened, head.index)):
        numbers[head.site] = numbers.get(head.site, 0) + 1
        numbered[head.index] = numbers[head.site]
    return tuple(Head(h.index, h.kind, h.site, h.screened, h.treated, numbered[h.index]) for h in heads)


def _head(index: int) -> Head:
    rng = timeline.stream(index, "head")
    placed = index - (timeline.SUBJECTS - len(_PLACED))
    if 0 <= placed < len(_PLACED):
        return _placed(index, *_PLACED[placed])
    site = rng.choices(catalogue.CLINICAL, [s.share for s in catalogue.CLINICAL])[0]
    start = max(timeline.FIRST_DAY, site.activation + timedelta(days=7))
    late = rng.random() < LATE_SHARE
    low, high = (timeline.INTAKE_END, timeline.TODAY) if late else (start, timeline.INTAKE_END)
    # The latest screening leaves 18 days to reach the procedure before the demo's today.
    days = (high - low).days - (18 if late else 0)
    screened = _working_day(low + timedelta(days=int(rng.random() * days)))
    if index >= timeline.SUBJECTS:
        return Head(index, Kind.SCREEN_FAILURE, site.code, screened, None)
    treated = screened + timedelta(days=1 + min(14, int(rng.expovariate(0.35))))
    treated += timedelta(days=7 - treated.weekday() if treated.weekday() > 4 else 0)
    return Head(index, Kind.TREATED, site.code, screened, treated)


def _placed(index: int, kind: Kind, site: str, since: int, treated_since: int | None) -> Head:
    treated = timeline.TODAY - timedelta(days=treated_since) if treated_since is not None else None
    return Head(index, kind, site, _working_day(timeline.TODAY - timedelta(days=since)), treated)


def _working_day(day: date) -> date:
    """Return the day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))
