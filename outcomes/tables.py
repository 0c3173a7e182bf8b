"""Frames looked at by subject: one value of a form that does not repeat, or the rows of one that does."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from outcomes.assembly import Frames


class Pages:
    """All subjects of the frames, by usubjid."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self._singles: dict[str, pd.DataFrame] = {}

    @cached_property
    def subjects(self) -> pd.Index:
        """Every subject that has a page, sorted."""
        names: set[str] = set()
        for frame in self.frames.values():
            if len(frame):
                names.update(frame["subject"].unique())
        return pd.Index(sorted(names), name="subject")

    @cached_property
    def sites(self) -> pd.Series:
        """The enrolling site of each subject: that of its consent page, else of any page."""
        found = nothing(self.subjects)
        for form in ("IC", *self.frames):
            if found.notna().all():
                break
            found = found.combine_first(self.value(form, "site"))
        return found

    def frame(self, form: str) -> pd.DataFrame:
        """Return the rows of a form, an empty frame where there are none."""
        found = self.frames.get(form)
        return pd.DataFrame(columns=["subject"]) if found is None else found

    def has(self, form: str) -> pd.Series:
        """Say for each subject whether it has a page of the form."""
        return pd.Series(self.subjects.isin(self.frame(form)["subject"]), index=self.subjects)

    def _single(self, form: str) -> pd.DataFrame:
        if form not in self._singles:
            self._singles[form] = (
                self.frame(form).drop_duplicates("subject").set_index("subject").reindex(self.subjects)
            )
        return self._singles[form]

    def value(self, form: str, item: str) -> pd.Series:
        """Return the item of each subject's first page of a form, missing where there is none."""
        single = self._single(form)
        if item not in single.columns:
            return nothing(self.subjects)
        found = single[item]
        return plain(found) if found.dtype == object else found

    def number(self, form: str, item: str) -> pd.Series:
        """Return a numeric item as floats."""
        return self.value(form, item).astype("Float64").astype("float64")


def aggregate(frame: pd.DataFrame, item: str, how: str) -> pd.Series:
    """Aggregate one numeric or ordered-code item by subject, missing left out."""
    values = pd.to_numeric(frame[item], errors="coerce").astype("float64")
    grouped = values.groupby(frame["subject"])
    if how == "sum":
        return grouped.sum(min_count=1)
    return grouped.max() if how == "max" else grouped.min()


def plain(column: pd.Series) -> pd.Series:
    """Return a column with None where it has no value."""
    return column.astype(object).where(column.notna(), cast("Any", None))


def kept(column: pd.Series, condition: pd.Series) -> pd.Series:
    """Return a column of texts with None where the condition does not hold."""
    return column.astype(object).where(condition & column.notna(), cast("Any", None))


def holders(frame: pd.DataFrame, item: str, *values: str) -> list[str]:
    """Return the subjects that have a row in which the item is one of these values."""
    return frame.loc[frame[item].isin(values), "subject"].tolist() if item in frame.columns else []


def chosen(condition: Any, yes: Any, no: Any) -> Any:
    """Return, row by row, `yes` where the condition holds and `no` elsewhere; either may be None."""
    return np.where(condition, yes, no)


def nothing(subjects: pd.Index) -> pd.Series:
    """Return a column without a value for anybody (None, which pandas would make NaN)."""
    return pd.Series([None] * len(subjects), index=subjects, dtype=object)
