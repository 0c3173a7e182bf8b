"""Questions about dates as checks ask them: true only when every compatible date agrees (protocol §3.0).

Each takes a date, a time, the text of a partial date, or None; a blank makes it false (§4).
"""

from __future__ import annotations

from datetime import date, datetime

from protocol import partial_dates
from visits.items import local_day

Moment = date | datetime | str | None


def day_of(value: Moment) -> date | str | None:
    """Return the day of a time in the study's zone; dates and partial dates as they are."""
    return local_day(value) if isinstance(value, datetime) else value


def before(one: Moment, other: Moment) -> bool:
    """Say whether `one` certainly lies before `other`."""
    first, last = day_of(one), day_of(other)
    return None not in (first, last) and partial_dates.is_before(first, last) is True  # type: ignore[arg-type]


def after(one: Moment, other: Moment) -> bool:
    """Say whether `one` certainly lies after `other`."""
    return before(other, one)


def may_be_after(one: Moment, other: Moment) -> bool:
    """Say whether `one` lies, or may lie, after `other`: the unknown parts allow it."""
    most = most_days(other, one)
    return most is not None and most > 0


def fewest_days(start: Moment, end: Moment) -> int | None:
    """Return the fewest days that `end` can lie after `start`; None while one is blank."""
    return _span(start, end, 0)


def most_days(start: Moment, end: Moment) -> int | None:
    """Return the most days that `end` can lie after `start`; None while one is blank."""
    return _span(start, end, 1)


def within(start: Moment, end: Moment, lo: int, hi: int) -> bool:
    """Say whether `end` certainly lies `lo` to `hi` days after `start`, both included."""
    fewest, most = fewest_days(start, end), most_days(start, end)
    return fewest is not None and most is not None and lo <= fewest and most <= hi


def may_be_within(start: Moment, end: Moment, lo: int, hi: int) -> bool:
    """Say whether `end` lies, or may lie, `lo` to `hi` days after `start`: the unknown parts allow it."""
    fewest, most = fewest_days(start, end), most_days(start, end)
    return fewest is not None and most is not None and fewest <= hi and most >= lo


def more_days_than(limit: int, start: Moment, end: Moment) -> bool:
    """Say whether `end` certainly lies more than `limit` days after `start`."""
    fewest = fewest_days(start, end)
    return fewest is not None and fewest > limit


def fewer_days_than(limit: int, start: Moment, end: Moment) -> bool:
    """Say whether `end` certainly lies fewer than `limit` days after `start`."""
    most = most_days(start, end)
    return most is not None and most < limit


def _span(start: Moment, end: Moment, which: int) -> int | None:
    first, last = day_of(start), day_of(end)
    if first is None or last is None:
        return None
    return partial_dates.days_between(first, last)[which]
