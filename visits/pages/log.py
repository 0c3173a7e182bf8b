"""A repeating form as a table of its records, of which one stands open (ux.md, Repeats).

A short one is a grid, edited in place (Sheet.is_grid); of a long one the table shows what tells its records
apart, and the record that is asked for stands below it. Removed records stay in the table, struck through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from visits.capture.forms import PageForm
from visits.crfs.base import Crf
from visits.dossier import PageRecord
from visits.items import Item, TextItem
from visits.pages.row import LONG_TEXT

TELLING = 5  # so many items tell the records of a form apart
NEW = "new"


@dataclass(frozen=True, slots=True)
class Line:
    """One record in the table: what it says, and what can be done to it."""

    record: PageRecord
    cells: tuple[str, ...]
    asked: bool
    open: bool


def columns(crf: type[Crf]) -> list[Item]:
    """Return the items that tell the records of a form apart: the first that every record has."""
    questions = crf.questions().values()
    short = [q for q in questions if isinstance(q, Item) and not _is_long(q)]
    always = [item for item in short if item.required in ("R!", "R") and not item.show_if]
    return (always or short)[:TELLING]


def _is_long(item: Item) -> bool:
    return isinstance(item, TextItem) and (item.max_length or 0) > LONG_TEXT


def drawn(forms: Sequence[PageForm], opened: str) -> list[PageForm]:
    """Return the records of a long form that stand open.

    Those that were sent, else the one that `opened` names ("new": a record to add), else the only one there
    is; with none yet, the first can be entered at once.
    """
    sent = [form for form in forms if form.is_bound and f"{form.prefix}-revision" in form.data]
    if sent:
        return sent
    stored = [form for form in forms if form.record]
    wanted = [form for form in forms if name_of(form.record) == opened]
    return wanted or (stored if len(stored) == 1 else [] if stored else list(forms))


def name_of(record: PageRecord | None) -> str:
    """Return how an address names a record: its number among the subject's records of the form."""
    return str(record.ordinal) if record else NEW
