"""The day on which a partly known event counts (protocol §7.2); eligibility never uses it."""

from __future__ import annotations

from collections.abc import Iterable

from outcomes.records import When


def event_day(when: When, *, free: Iterable[int] = (), reported: Iterable[int] = ()) -> int:
    """Return the earliest day that is compatible with the entered date and with event-free follow-up.

    `free` are the days of contacts that found no such event since the last contact, `reported` those that
    found one. The latest of the first compatible day, day 0 and the day after the last free contact, capped
    at the last compatible day. Free contacts after the first one that reports an event speak of later time.
    """
    if when.complete:
        return when.first
    told = min((day for day in reported if day >= when.first), default=None)
    spoken = [day for day in free if day <= when.last and (told is None or day < told)]
    earliest = max(when.first, 0, max(spoken, default=-1) + 1)
    return min(earliest, when.last)


def flag(text: str) -> str:
    """Return the ADaM flag of a stored partial date: M without a month, D without a day, else ""."""
    return {4: "M", 7: "D"}.get(len(text), "")
