"""Frames in, one Subject of plain records after the other out; nothing exists after the data cut-off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache

import pandas as pd

from outcomes import assembly_events as events
from outcomes.columns import Table, number
from outcomes.inputs import EVENTS, FOLLOW_UP, HEAD
from outcomes.records import Contact, Pressure, Reading, Residual, Subject
from protocol.patency import analysis_psvr, angiography_status, duplex_status, ratio_hundredths
from protocol.thresholds import DEFAULTS, Thresholds

Frames = Mapping[str, pd.DataFrame]

FORMS = tuple({**HEAD, **FOLLOW_UP, **EVENTS})
"""The forms that the endpoint rules read."""


def subjects_of(
    frames: Frames, *, cut_off: date | None = None, limits: Thresholds = DEFAULTS
) -> Iterator[Subject]:
    """Yield every subject that got a study device, by usubjid, with all records up to the data cut-off."""
    procedures = frames.get("PR")
    if procedures is None or procedures.empty:
        return
    names = pd.Index(sorted(procedures["subject"].unique()))
    tables = {
        form: Table(_essential(frames, form), names, items)
        for form, items in {**HEAD, **FOLLOW_UP, **EVENTS}.items()
    }
    for position, usubjid in enumerate(names.tolist()):
        subject = _treated(usubjid, position, tables)
        if subject is None:
            continue
        last = None if cut_off is None else number(cut_off) - subject.proc
        for form, read in READERS.items():
            read(subject, tables[form].rows(position), limits)
        for form, fill in events.READERS.items():
            fill(subject, tables[form].rows(position))
        if last is not None:
            events.cut(subject, last)
        yield subject


def _essential(frames: Frames, form: str) -> pd.DataFrame | None:
    """Return the rows that are read: of a blood sample, creatinine and one row for its date."""
    frame = frames.get(form)
    if form != "LB" or frame is None or "lb_test" not in frame.columns:
        return frame
    return frame[frame["lb_test"].eq("CREAT") | ~frame.duplicated(["subject", "lb_dt"])]


def _treated(usubjid: str, position: int, tables: Mapping[str, Table]) -> Subject | None:
    row = next(iter(tables["PR"].rows(position)), None)
    if row is None:
        return None
    page, site, proc, introduced, staged, staged_target = row
    if proc is None or introduced != "Y":
        return None
    subject = Subject(
        usubjid=usubjid,
        site=site,
        proc=proc,
        limb=next((limb for (limb,) in tables["LH"].rows(position)), None),
        lesions=tuple(sorted({no for no, target in tables["LES"].rows(position) if target == "Y" and no})),
        staged_target=staged == "Y" and staged_target == "Y",
        procedure_page=page,
        dialysis=any(dialysis == "Y" for (dialysis,) in tables["MH"].rows(position)),
    )
    for page, category in tables["BCS"].rows(position):
        if category is not None:
            subject.rutherford, subject.rutherford_page = int(category), page
    return subject


def _residuals(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, lesion, final_pct, crossing in rows:
        subject.residuals.append(Residual(lesion, final_pct, crossing, page))


def _discharge(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, day, vital, rutherford, new_event in rows:
        if day is None:
            continue
        quiet = new_event == "N"
        subject.contacts.append(
            Contact(
                day - subject.proc,
                page,
                "DISCH",
                "DISC",
                "INPT",
                True,
                vital == "A",
                quiet,
                quiet,
                quiet,
                False,
                False,
                _category(rutherford),
            )
        )


def _follow_up(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, visit, day, mode, vital, known, rutherford, revasc, amputation, adverse in rows:
        if day is None or mode is None or mode == "MISS":
            continue
        subject.contacts.append(
            Contact(
                day - subject.proc,
                page,
                visit,
                "FU",
                mode,
                known == "Y",
                vital == "A",
                revasc == "N",
                amputation == "N",
                adverse == "N",
                revasc == "Y",
                amputation == "Y",
                _category(rutherford),
            )
        )


def _duplex(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, visit, day, lesion, reader, adequate, occlusion, top, reference, reported, category in rows:
        if day is None or visit == "SCR":
            continue
        psvr = analysis_psvr(top, reference, reported)
        status = duplex_status(
            adequate=adequate, occlusion=occlusion, psvr=psvr, stenosis_category=category, limits=limits
        )
        subject.readings.append(Reading(day - subject.proc, lesion, "DUS", reader, status, psvr, page, visit))


def _angiography(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, visit, day, lesion, reader, diagnostic, stenosis in rows:
        if day is None or visit == "SCR":
            continue
        status = angiography_status(diagnostic=diagnostic, stenosis_pct=stenosis, limits=limits)
        subject.readings.append(
            Reading(day - subject.proc, lesion, "IMG", reader, status, stenosis, page, visit)
        )


def _pressures(subject: Subject, rows: Iterator[tuple], limits: Thresholds) -> None:
    for page, visit, day, brachial_l, brachial_r, *ankles in rows:
        if day is None:
            continue
        dorsalis, tibial, reported, incompressible, tbi = ankles[:5] if subject.limb == "L" else ankles[5:]
        calculated = ratio_hundredths(_highest(dorsalis, tibial), _highest(brachial_l, brachial_r))
        abi = reported if calculated is None else calculated
        if abi is None and tbi is None and incompressible != "Y":
            continue
        subject.pressures.append(Pressure(day - subject.proc, visit, abi, tbi, incompressible == "Y", page))


def _highest(one: int | None, other: int | None) -> int | None:
    if one is None:
        return other
    return one if other is None else max(one, other)


@lru_cache(maxsize=16)
def _category(code: str | None) -> int | None:
    return None if code is None else int(code)


READERS: dict[str, Callable[[Subject, Iterator[tuple], Thresholds], None]] = {
    "PRL": _residuals,
    "DISC": _discharge,
    "FU": _follow_up,
    "DUS": _duplex,
    "IMG": _angiography,
    "ABI": _pressures,
}
