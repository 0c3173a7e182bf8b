"""Partial dates are kept in parts; a comparison holds only if it holds for every compatible date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.partial_dates import PartialDate, days_between, is_after, is_before, is_within

DATES = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
    ],
)
def test_bounds(text: str, earliest: date, latest: date) -> None:
    partial = PartialDate.parse(text)
    assert (partial.earliest, partial.latest) == (earliest, latest)
    assert str(partial) == text
    assert partial.complete == (earliest == latest)


@pytest.mark.parametrize(
    "text", ["", "24", "2024-2", "2024-13", "2023-02-29", "2024-02-29T00:00", "0000", "２０２４"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate.parse(text)


def test_a_day_needs_its_month() -> None:
    with pytest.raises(ValueError, match="month"):
        PartialDate(2024, None, 3)


@given(one=DATES, other=DATES)
def test_full_dates_compare_as_dates(one: date, other: date) -> None:
    assert is_before(one, other) is (one < other)
    assert is_after(one, other) is (one > other)
    assert days_between(one, other) == ((other - one).days,) * 2


@given(day=DATES, other=DATES, parts=st.integers(1, 2))
def test_an_answer_holds_for_every_compatible_date(day: date, other: date, parts: int) -> None:
    partial = PartialDate(day.year, day.month if parts > 1 else None)
    answer = is_before(partial, other)
    span = (partial.latest - partial.earliest).days
    held = {partial.earliest + timedelta(days=step) < other for step in range(span + 1)}
    assert answer == (held.pop() if len(held) == 1 else None)


@pytest.mark.parametrize(
    ("start", "expected"),
    [("2026-01-01", True), ("2025-12-31", False), ("2026-01", True), ("2025-12", False), ("2026", None)],
)
def test_within_sixty_days(start: str, expected: bool | None) -> None:
    assert is_within(start, date(2026, 3, 2), 0, 60) is expected
