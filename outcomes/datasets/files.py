"""A file of a snapshot, and how frames and rows become CSV: UTF-8, no byte order mark, lines end in LF.

The analysis profile (EXP-04): values exactly as they are, nothing escaped for spreadsheets. A number is
written in full and shortest, a date as ISO 8601, several codes joined by semicolons, nothing for no value.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from protocol.words import Bilingual


@dataclass(frozen=True, slots=True)
class BuiltFile:
    """A file: its name, what it is in words, its bytes, and how many rows and columns it has."""

    name: str
    title: Bilingual
    content: bytes
    rows: int | None = None
    columns: int | None = None

    @property
    def sha256(self) -> str:
        """The digest of the bytes."""
        return hashlib.sha256(self.content).hexdigest()


def csv_of_rows(
    name: str, title: Bilingual, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> BuiltFile:
    """Return rows as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(["" if cell is None else cell for cell in row])
        count += 1
    return BuiltFile(name, title, text.getvalue().encode(), count, len(header))


def csv_of_frame(name: str, title: Bilingual, frame: pd.DataFrame) -> BuiltFile:
    """Return a frame as a CSV file, its rows in their order."""
    columns = [_texts(frame[column]) for column in frame.columns]
    rows = zip(*columns, strict=True) if columns else ()
    return csv_of_rows(name, title, [str(column) for column in frame.columns], rows)


def _texts(column: pd.Series) -> list[str]:
    absent = column.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        texts = np.datetime_as_string(column.to_numpy(dtype="datetime64[s]"), unit="D")
        return ["" if gone else str(text) for text, gone in zip(texts, absent, strict=True)]
    return ["" if gone else _text(value) for value, gone in zip(column.tolist(), absent, strict=True)]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ";".join(str(one) for one in value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
