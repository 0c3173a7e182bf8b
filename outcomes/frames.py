"""CRF tables as frames: the only place where the rows of the CRFs are read for analysis (design §2).

A frame has a row per standing page (removed and not-done pages are left out), sorted by subject, with the
columns subject (usubjid), site (that enrolled, wherever the subject is followed now), visit (M12, UNS2, None
on a log), ordinal, page (id) and the form's items.
Types come from the item classes, once: dates datetime64, times UTC, decimals float, whole numbers Int64,
codes and texts object, several codes a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from django.db import connections

from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.items.base import Item

Frames = dict[str, pd.DataFrame]
ADDRESS = ("subject", "site", "visit", "ordinal", "page")
CAST = {"dec": "::float8"}


def read_frames(
    subject_ids: Collection[UUID] | None = None,
    *,
    forms: Iterable[str] | None = None,
    using: str = "default",
) -> Frames:
    """Read the named forms (all by default) of these subjects (all by default), one statement per form."""
    return {form: _read(FORMS[form], subject_ids, using) for form in (FORMS if forms is None else forms)}


def _read(crf: type[Crf], subject_ids: Collection[UUID] | None, using: str) -> pd.DataFrame:
    items = crf.items()
    wanted = "" if subject_ids is None else " AND p.subject_id = ANY(%s)"
    columns = ", ".join(f'c."{item.column}"{CAST.get(item.kind, "")}' for item in items.values())
    statement = f"""
        SELECT s.usubjid, substr(s.usubjid, 8, 2),
               CASE WHEN v.code = 'UNS' THEN v.code || v.ordinal ELSE v.code END,
               p.ordinal, p.id::text{", " if columns else ""}{columns}
        FROM {crf._meta.db_table} c
        JOIN visits_page p ON p.id = c.page_id
        JOIN subjects_subject s ON s.id = p.subject_id
        LEFT JOIN visits_visit v ON v.id = p.visit_id
        WHERE NOT p.removed AND NOT p.not_done{wanted}
        ORDER BY s.usubjid, p.ordinal, p.id"""  # noqa: S608 table and column names of our own classes
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [] if subject_ids is None else [list(subject_ids)])
        rows = cursor.fetchall()
    cells = list(zip(*rows, strict=True)) if rows else [()] * (len(ADDRESS) + len(items))
    found: dict[str, pd.Series] = {
        "subject": pd.Series(cells[0], dtype=object),
        "site": pd.Series(cells[1], dtype=object),
        "visit": pd.Series(cells[2], dtype=object),
        "ordinal": pd.Series(cells[3], dtype="int64"),
        "page": pd.Series(cells[4], dtype=object),
    }
    for (name, item), values in zip(items.items(), cells[len(ADDRESS) :], strict=True):
        found[name] = typed(item, values)
    return pd.DataFrame(found)


def typed(item: Item, values: Iterable[object]) -> pd.Series:
    """Return one column in the type that its item class stands for."""
    plain: list[Any] = list(values)
    if item.kind == "date":
        return pd.Series(np.array(plain, dtype="datetime64[D]").astype("datetime64[ns]"))
    if item.kind == "dt":
        return pd.Series(pd.to_datetime(pd.Series(plain, dtype=object), utc=True))
    if item.kind == "dec":
        return pd.Series(np.array(plain, dtype="float64"))
    if item.kind == "int":
        return pd.Series(pd.array(plain, dtype="Int64"))
    return pd.Series(plain, dtype=object)
