"""A subject's frames made from a timeline, then changed cell by cell for what the notation cannot say."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from outcomes.assembly import subjects_of
from outcomes.derivation import Derived, derive
from outcomes.enactment import PROC_DATE
from outcomes.timelines import read
from outcomes.verification import frames_of

Frames = dict[str, pd.DataFrame]


def frames(tokens: str) -> Frames:
    """Return the frames of one subject named S."""
    return frames_of(read(f"S | {tokens} | CDTLR24 => E@0"))


def on(day: int) -> date:
    """Return the date of a day."""
    return date.fromordinal(PROC_DATE.toordinal() + day)


def put(found: Frames, form: str, row: int = 0, **values: Any) -> Frames:
    """Change cells of one row of a form."""
    frame = found[form]
    for item, value in values.items():
        if item not in frame.columns:
            frame[item] = pd.Series([None] * len(frame), dtype=object)
        column = frame[item].astype(object)
        column.iloc[row] = pd.Timestamp(value) if isinstance(value, date) else value
        frame[item] = pd.to_datetime(column) if isinstance(value, date) else column
    return found


def add(found: Frames, form: str, values: Mapping[str, Any]) -> Frames:
    """Add a row to a form, in the same types."""
    row = {"subject": "S", "site": "07", "visit": None, "ordinal": 1, "page": f"added-{form}", **values}
    row = {name: pd.Timestamp(value) if isinstance(value, date) else value for name, value in row.items()}
    fresh = pd.DataFrame([row])
    known = found.get(form)
    if known is None:
        found[form] = fresh
    else:
        columns = {
            name: [*known.get(name, [None] * len(known)), row.get(name)] for name in {*known.columns, *row}
        }
        found[form] = pd.DataFrame(
            {
                name: pd.to_datetime(pd.Series(values))
                if any(isinstance(value, pd.Timestamp) for value in values)
                else pd.Series(values, dtype=object)
                for name, values in columns.items()
            }
        )
    return found


def derived(found: Frames, cut_off: date | None = None) -> Derived:
    """Derive the one subject."""
    [subject] = subjects_of(found, cut_off=cut_off)
    return derive(subject)


def result(found: Frames, paramcd: str, cut_off: date | None = None) -> tuple[int, int]:
    """Return AVAL and CNSR of one parameter."""
    outcome = derived(found, cut_off).outcomes[paramcd]
    return outcome.aval, outcome.cnsr
