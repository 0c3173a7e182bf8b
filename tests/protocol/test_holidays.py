"""Holidays as announced, expected ones against the moon itself, and what a window of a festival is."""

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import holidays
from protocol.holidays import (
    LUNAR,
    PUBLISHED,
    SPRING,
    YEARS,
    festival_weeks,
    festivals_in,
    holiday_on,
    is_made_up,
)

BEIJING = timezone(timedelta(hours=8))
DAYS = st.dates(date(YEARS[0], 1, 1), date(YEARS[1], 12, 31))


def new_moon(day: date) -> date:
    """Return the date at Beijing of the new moon nearest to a day (Meeus, Astronomical Algorithms, 49)."""
    k = round((day.year + day.timetuple().tm_yday / 365.25 - 2000) * 12.3685)
    found = [_instant(one) for one in range(k - 2, k + 3)]
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING)
    return min(found, key=lambda one: abs(one - noon)).astimezone(BEIJING).date()


def _instant(k: int) -> datetime:
    t = k / 1236.85
    days = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k)
    node = math.radians(160.7108 + 390.67050284 * k)
    e = 1 - 0.002516 * t
    days += -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    days += 0.01039 * math.sin(2 * node) + 0.00739 * e * math.sin(moon - sun)
    days += -0.00514 * e * math.sin(moon + sun) + 0.00208 * e * e * math.sin(2 * sun)
    # 70 s from terrestrial to universal time.
    return datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=days - 2451545.0, seconds=-70)


@pytest.mark.parametrize("year", LUNAR)
def test_lunar_dates_follow_the_new_moon(year: int) -> None:
    first, dragon, autumn, _qingming = (date(year, *day) for day in LUNAR[year])
    assert new_moon(first) == first
    assert new_moon(dragon) + timedelta(days=4) == dragon
    assert new_moon(autumn) + timedelta(days=14) == autumn
    assert date(year, 1, 20) <= first <= date(year, 2, 21)


@pytest.mark.parametrize("year", LUNAR)
def test_qingming_is_where_the_sun_puts_it(year: int) -> None:
    short = year % 100
    day = int(short * 0.2422 + 4.81) - short // 4  # the almanac's rule for this century
    assert date(year, *LUNAR[year][3]) == date(year, 4, day)


def test_the_announced_years_stand_as_announced() -> None:
    off = {year: sum(len(one.days) for one in PUBLISHED[year]) for year in PUBLISHED}
    assert off == {2025: 28, 2026: 33}
    work = sorted(day for year in PUBLISHED for one in PUBLISHED[year] for day in one.work)
    assert len(work) == 11
    assert all(day.weekday() >= 5 for day in work), "only weekends are made up for"
    assert all(holiday_on(day) is None for day in work)


@pytest.mark.parametrize("year", PUBLISHED)
def test_an_announcement_holds_the_days_of_the_rule(year: int) -> None:
    first, dragon, autumn, qingming = (date(year, *day) for day in LUNAR[year])
    rule = [first - timedelta(days=1), first + timedelta(days=2), dragon, autumn, qingming, date(year, 5, 2)]
    assert all(holiday_on(day) for day in [*rule, date(year, 1, 1), date(year, 10, 3)])


def test_later_years_are_marked_as_expected_and_make_up_nothing() -> None:
    for year in range(max(PUBLISHED) + 1, YEARS[1] + 1):
        assert holidays.holidays(year)
        assert not any(one.published or one.work for one in holidays.holidays(year))
    assert holidays.holidays(YEARS[1] + 1) == ()
    assert festival_weeks(YEARS[1] + 1) is None


@given(DAYS)
def test_a_day_is_worked_or_off_never_both(day: date) -> None:
    assert not (is_made_up(day) and holiday_on(day))


@given(DAYS, st.integers(0, 120))
def test_a_window_shows_the_festival_exactly_where_they_share_a_day(opens: date, length: int) -> None:
    closes = opens + timedelta(days=length)
    shared = {
        year
        for year in range(YEARS[0], YEARS[1] + 1)
        if (weeks := festival_weeks(year))
        and any(weeks[0] <= opens + timedelta(days=n) <= weeks[1] for n in range(length + 1))
    }
    assert {year for year, _first, _last in festivals_in(opens, closes)} == shared


@pytest.mark.parametrize("year", LUNAR)
def test_the_festivals_weeks_are_whole_and_hold_its_days(year: int) -> None:
    weeks = festival_weeks(year)
    assert weeks is not None
    assert (weeks[0].weekday(), weeks[1].weekday()) == (0, 6)
    spring = next(one for one in holidays.holidays(year) if one.name is SPRING)
    assert weeks[0] <= spring.first <= spring.last <= weeks[1]
