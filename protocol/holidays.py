"""China's public holidays and the working days that make up for them, as data with their source.

Up to 2026 as the General Office of the State Council announced them (gov.cn: 国办发明电〔2024〕12号 of
2024-11-12 for 2025, 国办发明电〔2025〕7号 of 2025-11-04 for 2026). Later years are expected: only the days
that the Regulation on Public Holidays (State Council Order 795, in force since 2025-01-01) gives by rule, on
lunar dates tabled below; how they are joined with weekends is announced each autumn and is not guessed here.
A test checks the tabled dates against the new moons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from protocol.words import Bilingual, T

NEW_YEAR = T("New Year", "元旦")
SPRING = T("Spring Festival", "春节")
QINGMING = T("Qingming", "清明节")
LABOUR = T("Labour Day", "劳动节")
DRAGON_BOAT = T("Dragon Boat Festival", "端午节")
MID_AUTUMN = T("Mid-Autumn Festival", "中秋节")
NATIONAL = T("National Day", "国庆节")
NATIONAL_AND_MID_AUTUMN = T("National Day and Mid-Autumn Festival", "国庆节、中秋节")

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off under one name; `work`: weekend days worked for it; `published`: announced, else by rule."""

    name: Bilingual
    first: date
    last: date
    work: tuple[date, ...] = ()
    published: bool = True

    @property
    def days(self) -> list[date]:
        """The days off."""
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


def _off(name: Bilingual, first: str, last: str, *work: str) -> Holiday:
    return Holiday(
        name, date.fromisoformat(first), date.fromisoformat(last), tuple(map(date.fromisoformat, work))
    )


PUBLISHED: dict[int, tuple[Holiday, ...]] = {
    2025: (
        _off(NEW_YEAR, "2025-01-01", "2025-01-01"),
        _off(SPRING, "2025-01-28", "2025-02-04", "2025-01-26", "2025-02-08"),
        _off(QINGMING, "2025-04-04", "2025-04-06"),
        _off(LABOUR, "2025-05-01", "2025-05-05", "2025-04-27"),
        _off(DRAGON_BOAT, "2025-05-31", "2025-06-02"),
        _off(NATIONAL_AND_MID_AUTUMN, "2025-10-01", "2025-10-08", "2025-09-28", "2025-10-11"),
    ),
    2026: (
        _off(NEW_YEAR, "2026-01-01", "2026-01-03", "2026-01-04"),
        _off(SPRING, "2026-02-15", "2026-02-23", "2026-02-14", "2026-02-28"),
        _off(QINGMING, "2026-04-04", "2026-04-06"),
        _off(LABOUR, "2026-05-01", "2026-05-05", "2026-05-09"),
        _off(DRAGON_BOAT, "2026-06-19", "2026-06-21"),
        _off(MID_AUTUMN, "2026-09-25", "2026-09-27"),
        _off(NATIONAL, "2026-10-01", "2026-10-07", "2026-09-20", "2026-10-10"),
    ),
}

# First day of the first month, fifth of the fifth, fifteenth of the eighth, and the solar term Qingming,
# each as month and day at Beijing; the table ends where the study does.
LUNAR: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2025: ((1, 29), (5, 31), (10, 6), (4, 4)),
    2026: ((2, 17), (6, 19), (9, 25), (4, 5)),
    2027: ((2, 6), (6, 9), (9, 15), (4, 5)),
    2028: ((1, 26), (5, 28), (10, 3), (4, 4)),
    2029: ((2, 13), (6, 16), (9, 22), (4, 4)),
    2030: ((2, 3), (6, 5), (9, 12), (4, 5)),
    2031: ((1, 23), (6, 24), (10, 1), (4, 5)),
}
YEARS = (min(LUNAR), max(LUNAR))


@cache
def holidays(year: int) -> tuple[Holiday, ...]:
    """Return a year's holidays by date: as announced, else those of the rule; none beyond the table."""
    if year in PUBLISHED:
        return PUBLISHED[year]
    if year not in LUNAR:
        return ()
    first, dragon, autumn, qingming = (date(year, *day) for day in LUNAR[year])

    def expected(name: Bilingual, start: date, days: int) -> Holiday:
        return Holiday(name, start, start + (days - 1) * DAY, published=False)

    found = (
        expected(NEW_YEAR, date(year, 1, 1), 1),
        expected(SPRING, first - DAY, 4),
        expected(QINGMING, qingming, 1),
        expected(LABOUR, date(year, 5, 1), 2),
        expected(DRAGON_BOAT, dragon, 1),
        expected(MID_AUTUMN, autumn, 1),
        expected(NATIONAL, date(year, 10, 1), 3),
    )
    return tuple(sorted(found, key=lambda one: one.first))


@cache
def _by_day(year: int) -> dict[date, Holiday]:
    # Where two fall on one day (Mid-Autumn on National Day in 2031) the one that starts the day names it.
    return {day: one for one in reversed(holidays(year)) for day in one.days}


def holiday_on(day: date) -> Holiday | None:
    """Return the holiday of a day."""
    return _by_day(day.year).get(day)


def is_made_up(day: date) -> bool:
    """Say whether a weekend day is worked for a holiday, as announced."""
    return any(day in one.work for one in holidays(day.year))


@cache
def festival_weeks(year: int) -> tuple[date, date] | None:
    """Return Monday and Sunday around the Spring Festival's days off: weeks in which few subjects come."""
    found = next((one for one in holidays(year) if one.name is SPRING), None)
    if found is None:
        return None
    return found.first - found.first.weekday() * DAY, found.last + (6 - found.last.weekday()) * DAY


def festivals_in(opens: date, closes: date) -> Iterator[tuple[int, date, date]]:
    """Yield the Spring Festivals whose weeks a window touches: year, first and last day of those weeks."""
    for year in range(opens.year, closes.year + 1):
        weeks = festival_weeks(year)
        if weeks is not None and opens <= weeks[1] and weeks[0] <= closes:
            yield year, *weeks
