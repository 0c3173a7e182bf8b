"""Days on dual antiplatelet therapy after the procedure, from the medication log (ADSL DAPTDUR, §7.3)."""

from __future__ import annotations

import pandas as pd

from outcomes.tables import Pages
from protocol.partial_dates import PartialDate

BOTH = ("ASA", "P2Y12")


def dapt_days(pages: Pages, known_until: pd.Series) -> pd.Series:
    """Return the days from the procedure on which aspirin and a P2Y12 inhibitor were both taken.

    A missing start counts from the procedure; what is ongoing lasts to the last date known alive. Partial
    dates take their earliest day as end and their latest day as start: the count never overstates.
    """
    frame = pages.frame("CM")
    found = pd.Series(pd.NA, index=pages.subjects, dtype="Int64")
    if "cm_class" not in frame.columns:
        return found
    proc = pd.to_datetime(pages.value("PR", "proc_date"))
    taken: dict[str, dict[str, set[int]]] = {}
    for row in frame[frame["cm_class"].isin(BOTH)].to_dict("records"):
        subject = row["subject"]
        first, last = proc[subject], known_until[subject]
        if pd.isna(first) or pd.isna(last):
            continue
        started = _day(row.get("cm_start"), first, latest=True)
        ended = last if row.get("cm_ongoing") == "Y" else _day(row.get("cm_end"), last, latest=False)
        days = range(max((started - first).days, 0), (min(ended, last) - first).days)
        taken.setdefault(subject, {}).setdefault(row["cm_class"], set()).update(days)
    for subject, classes in taken.items():
        found[subject] = len(classes.get(BOTH[0], set()) & classes.get(BOTH[1], set()))
    return found


def _day(text: object, otherwise: pd.Timestamp, *, latest: bool) -> pd.Timestamp:
    if not isinstance(text, str):
        return otherwise
    parts = PartialDate.parse(text)
    return pd.Timestamp(parts.latest if latest else parts.earliest)
