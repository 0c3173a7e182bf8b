"""Rutherford category, ABI and their improvement at the visits (protocol §5.11, §5.12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from outcomes.records import Contact, Pressure, Subject
from outcomes.time_to_event import Course, Source
from protocol.thresholds import Thresholds


class Window(NamedTuple):
    """A scheduled visit: its target day and the days that belong to it."""

    visit: str
    target: int
    lo: int
    hi: int


Record = TypeVar("Record", Contact, Pressure)


def closest(records: Sequence[Record], window: Window) -> Record | None:
    """Return the record in the window closest to its target day; of two equally close the later."""
    inside = [record for record in records if window.lo <= record.day <= window.hi]
    if len(inside) < 2:
        return inside[0] if inside else None
    return min(inside, key=lambda record: (abs(record.day - window.target), -record.day))


def categories(subject: Subject, course: Course) -> list[Contact]:
    """Return the follow-up visits at which a Rutherford category was read in person."""
    end = None if course.withdrawn is None else course.withdrawn.day
    return [
        contact
        for contact in subject.contacts
        if contact.rutherford is not None
        and contact.form == "FU"
        and contact.in_person
        and (end is None or contact.day <= end)
    ]


def pressures(subject: Subject, course: Course) -> list[Pressure]:
    """Return the pressures measured after the procedure."""
    end = None if course.withdrawn is None else course.withdrawn.day
    return [
        pressure
        for pressure in subject.pressures
        if pressure.visit != "SCR" and pressure.day > 0 and (end is None or pressure.day <= end)
    ]


def rutherford(
    subject: Subject,
    course: Course,
    window: Window,
    read: Sequence[Contact],
    *,
    tlr: Sequence[Source],
    amputations: Sequence[Source],
) -> dict[str, str | int]:
    """Return RUCHG, SCI1 and SCI2 at one visit.

    A TLR (SCI1) or a major amputation up to the Rutherford date, or to the end of the window where there is
    no reading, means N; otherwise a missing reading means NE.
    """
    found = closest(read, window)
    change = None
    if found is not None and found.rutherford is not None and subject.rutherford is not None:
        change = subject.rutherford - found.rutherford
    until = window.hi if found is None else found.day
    if course.withdrawn is not None:
        until = min(until, course.withdrawn.day)
    amputated = any(source.day <= until for source in amputations)
    treated = any(source.day <= until for source in tlr)
    return {
        "RUCHG": "NE" if change is None else change,
        "SCI1": _sustained(change, amputated or treated),
        "SCI2": _sustained(change, amputated),
    }


def _sustained(change: int | None, ended: bool) -> str:
    if ended:
        return "N"
    if change is None:
        return "NE"
    return "Y" if change >= 1 else "N"


def haemodynamic(
    before: Pressure | None, window: Window, measured: Sequence[Pressure], limits: Thresholds
) -> dict[str, str | int]:
    """Return ABICHG, HEMO10 and HEMO15 at one visit, in hundredths; the TBI stands in for an unusable ABI."""
    found = closest(measured, window)
    if before is None or found is None:
        return {"ABICHG": "NE", "HEMO10": "NE", "HEMO15": "NE"}
    change = None if before.abi is None or found.abi is None else found.abi - before.abi
    gain = change
    if _incompressible(before, limits) or _incompressible(found, limits):
        gain = None if before.tbi is None or found.tbi is None else found.tbi - before.tbi
    return {
        "ABICHG": "NE" if change is None else change,
        "HEMO10": "NE" if gain is None else ("Y" if gain >= 10 else "N"),
        "HEMO15": "NE" if gain is None else ("Y" if gain >= 15 else "N"),
    }


def _incompressible(pressure: Pressure, limits: Thresholds) -> bool:
    return pressure.incompressible or (pressure.abi is not None and pressure.abi > limits.abi_usable)


def baseline(subject: Subject) -> Pressure | None:
    """Return the last pressures before the procedure."""
    before = [
        pressure
        for pressure in subject.pressures
        if pressure.visit == "SCR" or (pressure.visit is None and pressure.day < 0)
    ]
    return max(before, key=lambda pressure: pressure.day, default=None)
