"""Columns of a frame as plain lists, cut into one slice per subject.

Dates become whole days since 1970-01-01, decimals become hundredths, missing becomes None: the endpoint
rules compare integers and never meet a NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd

EPOCH = date(1970, 1, 1).toordinal()
ZONE = "Asia/Shanghai"


def number(day: date) -> int:
    """Return a date as days since 1970-01-01."""
    return day.toordinal() - EPOCH


def calendar(days: int) -> date:
    """Return the date that lies `days` after 1970-01-01."""
    return date.fromordinal(days + EPOCH)


class Table:
    """The columns of one form that a derivation reads, rows of a subject side by side."""

    def __init__(self, frame: pd.DataFrame | None, subjects: pd.Index, items: Sequence[str]) -> None:
        """Sort the rows of `frame` by subject and make lists of `items` (unit: ":days", ":hundredths")."""
        count = len(subjects)
        if frame is None or frame.empty:
            self.bounds: list[int] = [0] * (count + 1)
            self.columns: list[list[Any]] = [[] for _ in items]
            return
        codes = subjects.get_indexer(pd.Index(frame["subject"]))
        order = np.argsort(codes, kind="stable")
        self.bounds = np.searchsorted(codes[order], np.arange(count + 1)).tolist()
        self.columns = [_plain(frame, item, order) for item in items]

    def rows(self, position: int) -> Iterator[tuple[Any, ...]]:
        """Return the rows of the subject at this position."""
        first, last = self.bounds[position], self.bounds[position + 1]
        if first == last:
            return iter(())
        return zip(*(column[first:last] for column in self.columns), strict=True)


def _plain(frame: pd.DataFrame, item: str, order: np.ndarray) -> list[Any]:
    name, _, unit = item.partition(":")
    if name not in frame.columns:
        return [None] * len(order)
    column = frame[name]
    if unit == "days":
        return _days(column, order)
    if unit == "hundredths":
        return _hundredths(column, order)
    if isinstance(column.dtype, pd.api.extensions.ExtensionDtype):
        return column.astype(object).where(column.notna(), cast("Any", None)).to_numpy()[order].tolist()
    values = column.to_numpy()[order]
    if values.dtype.kind == "f":
        return [None if value != value else value for value in values.tolist()]
    return [None if value is None or value != value else value for value in values.tolist()]


def _days(column: pd.Series, order: np.ndarray) -> list[int | None]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(ZONE).dt.tz_localize(None)
    days = column.to_numpy().astype("datetime64[D]")[order]
    plain = days.astype("int64").astype(object)
    plain[np.isnat(days)] = None
    return plain.tolist()


def _hundredths(column: pd.Series, order: np.ndarray) -> list[int | None]:
    values = column.to_numpy(dtype="float64", na_value=np.nan)[order]
    missing = np.isnan(values)
    plain = np.rint(np.where(missing, 0, values) * 100).astype("int64").astype(object)
    plain[missing] = None
    return plain.tolist()
