"""A site's visit windows as an iCalendar file (RFC 5545): number, visit and window, nothing clinical."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from visits.calendar.windows import Window

FOLD = 75
"""Octets of a line without its end (RFC 5545, 3.1)."""
MEDIA_TYPE = "text/calendar; charset=utf-8"


def calendar_file(windows: Iterable[Window], *, name: str, now: datetime) -> bytes:
    """Return the file: one all-day event per window that is still to be entered, folded, with CRLF.

    An event keeps its UID when its window moves, so that a calendar program moves it as well.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Defier EDC//Visit windows//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        *(line for one in windows if one.waits for line in _event(one, now)),
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _event(one: Window, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{one.usubjid}-{one.visit}@defier-edc"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_date(one.opens)}"
    # The end is the day after the last one (3.6.1).
    yield f"DTEND;VALUE=DATE:{_date(one.closes + timedelta(days=1))}"
    yield f"SUMMARY:{_text(f'{one.usubjid} {one.visit}')}"
    if one.target is not None:
        yield f"DESCRIPTION:{_text(f'Target day 目标日 {one.target}')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _date(day: date) -> str:
    return f"{day:%Y%m%d}"


def _text(value: str) -> str:
    """Return a text value escaped (3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Return a line in pieces of at most 75 octets, never cut within a character, each ended by CRLF."""
    pieces, piece = [], b""
    for character in line:
        octets = character.encode()
        # A continuation begins with a space, which counts.
        if len(piece) + len(octets) > FOLD:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
