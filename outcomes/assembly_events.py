"""The log forms as records: revascularisation, amputation, adverse event, death, exit, committee."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from outcomes.assembly_adverse import adverse_events, when
from outcomes.records import (
    Amputation,
    Death,
    Decision,
    Exit,
    Film,
    Laboratory,
    Pressure,
    Procedure,
    Subject,
    When,
)
from protocol.revascularisation import Pressures, Revascularisation

LONG_BEFORE = -36500


def _since(day: int | None, proc: int) -> int | None:
    return None if day is None else day - proc


def _procedures(subject: Subject, rows: Iterator[tuple]) -> None:
    for (
        page,
        ordinal,
        text,
        kind,
        side,
        separate,
        vessels,
        lesion,
        edge,
        techniques,
        surgery,
        bypasses,
        stenosis,
        occluded,
        reasons,
        abi,
        abi_day,
        tbi,
        outcome,
    ) in rows:
        moment = when(text, subject.proc)
        if moment is None:
            continue
        measured = _since(abi_day, subject.proc)
        pressures = _before(subject.pressures, moment, abi, measured, tbi) if kind != "DIAG" else Pressures()
        rule = Revascularisation(
            moment.first,
            kind,
            side,
            separate,
            tuple(vessels or ()),
            edge,
            tuple(reasons or ()),
            tuple(techniques or ()),
            surgery,
            bypasses,
        )
        subject.procedures.append(
            Procedure(
                ordinal,
                moment,
                page,
                rule,
                pressures,
                abi is not None and measured is None,
                lesion,
                stenosis,
                occluded == "Y",
                outcome == "S",
            )
        )


def _before(
    measured: list[Pressure], moment: When, abi: int | None, day: int | None, tbi: int | None
) -> Pressures:
    """Pair the pressures before a procedure with the first ones after the index procedure (§5.2).

    An ABI without a date, or older than 30 days, is not read; without an ABI the TBI is taken to be of the
    day of the procedure.
    """
    if abi is None and tbi is None:
        return Pressures()
    limit = moment.last if abi is None else day
    if limit is None or (abi is not None and not 0 <= moment.last - limit <= 30):
        return Pressures()
    earlier = sorted(
        (reading for reading in measured if reading.visit != "SCR" and 0 <= reading.day < limit),
        key=lambda reading: reading.day,
    )
    first = next((reading for reading in earlier if reading.abi is not None or reading.incompressible), None)
    return Pressures(
        abi_reference=first.abi if first else None,
        abi_before=abi,
        tbi_reference=next((reading.tbi for reading in earlier if reading.tbi is not None), None),
        tbi_before=tbi,
        incompressible=first is not None and first.incompressible,
    )


def _amputations(subject: Subject, rows: Iterator[tuple]) -> None:
    for page, ordinal, text, side, level, planned in rows:
        moment = when(text, subject.proc)
        if moment is not None:
            subject.amputations.append(Amputation(ordinal, moment, page, side, level, planned == "Y"))


def _films(subject: Subject, rows: Iterator[tuple]) -> None:
    for page, day, stent, reader, fracture, distinct in rows:
        if day is not None:
            subject.films.append(Film(day - subject.proc, stent, reader, fracture, distinct == "N", page))


def _laboratory(subject: Subject, rows: Iterator[tuple]) -> None:
    for page, visit, day, test, value in rows:
        if day is not None:
            subject.laboratory.append(
                Laboratory(day - subject.proc, test, None if value is None else float(value), page, visit)
            )


def _lived(item: str) -> Callable[[Subject, Iterator[tuple]], None]:
    def fill(subject: Subject, rows: Iterator[tuple]) -> None:
        for page, day in rows:
            if day is not None:
                subject.lived.append((day - subject.proc, page, item))

    return fill


def _death(subject: Subject, rows: Iterator[tuple]) -> None:
    for page, text in rows:
        moment = when(text, subject.proc)
        if moment is not None:
            subject.death = Death(moment, page)


def _exit(subject: Subject, rows: Iterator[tuple]) -> None:
    for page, day, reason, contact, permitted, checked, result in rows:
        subject.exit = Exit(
            _since(day, subject.proc),
            reason,
            _since(contact, subject.proc),
            permitted == "Y",
            _since(checked, subject.proc) if result == "A" else None,
            page,
        )


def _decisions(subject: Subject, rows: Iterator[tuple]) -> None:
    final = [row for row in rows if row[2] == "FIN" and row[1] is not None]
    for page, source, _, event, day, *judged, _decided in sorted(
        final, key=lambda row: row[-1] or LONG_BEFORE
    ):
        subject.decisions[str(source)] = Decision(page, event, _since(day, subject.proc), *judged)


def cut(subject: Subject, last: int) -> None:
    """Drop everything dated after the data cut-off; an exit after it has not happened yet."""
    subject.contacts = [contact for contact in subject.contacts if contact.day <= last]
    subject.readings = [reading for reading in subject.readings if reading.day <= last]
    subject.pressures = [pressure for pressure in subject.pressures if pressure.day <= last]
    subject.procedures = [procedure for procedure in subject.procedures if procedure.when.first <= last]
    subject.amputations = [amputation for amputation in subject.amputations if amputation.when.first <= last]
    subject.events = [event for event in subject.events if event.when.first <= last]
    subject.films = [film for film in subject.films if film.day <= last]
    subject.laboratory = [result for result in subject.laboratory if result.day <= last]
    subject.lived = [moment for moment in subject.lived if moment[0] <= last]
    if subject.death is not None and subject.death.when.first > last:
        subject.death = None
    if subject.exit is not None and (subject.exit.day is None or subject.exit.day > last):
        subject.exit = None


READERS: dict[str, Callable[[Subject, Iterator[tuple]], None]] = {
    "REV": _procedures,
    "AMP": _amputations,
    "AE": adverse_events,
    "XR": _films,
    "LB": _laboratory,
    "PP": _lived("pp_date"),
    "ICRE": _lived("reconsent_date"),
    "DTH": _death,
    "EXIT": _exit,
    "CEC": _decisions,
}
