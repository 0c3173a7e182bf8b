"""A page as it was at an earlier revision, and who has saved it since: read from the trail alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.models import Entry
from visits.crfs import FORMS
from visits.dossier import PageRecord

PAGES = "visits_page"


@dataclass(frozen=True, slots=True)
class Saving:
    """One save of a page: which revision it made, by whom, when, and which items it set."""

    revision: int
    by: str
    at: datetime
    items: frozenset[str]


@dataclass(slots=True)
class Version:
    """What a page held at one revision; revision 0 holds nothing."""

    revision: int
    values: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def since(page: PageRecord, revision: int) -> tuple[Version | None, list[Saving]]:
    """Return a page at a revision and the saves since then, oldest first, in one statement.

    None where the trail no longer says (a lawful redaction): nothing may be assumed about that version then.
    """
    crf = FORMS[page.form]
    entries = Entry.objects.filter(
        page_id=str(page.id), table_name__in=[PAGES, crf._meta.db_table], op__in=["I", "U"]
    )
    row: dict[str, Any] | None = {}
    savings: list[Saving] = []
    for step in _saves(entries.order_by("at", "n")):
        number = _revision(step[0])
        if number <= revision:
            row = _written(row, step[1:])
        else:
            items = frozenset(name for entry in step[1:] for name in _touched(entry, crf.items()))
            savings.append(Saving(number, step[0].actor_name, step[0].at, items))
    return (None if row is None else _version(revision, row, page.form)), savings


def _saves(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Return the entries of each save: the page with its new revision first, then its typed row."""
    saves: list[list[Entry]] = []
    for entry in entries:
        if entry.table_name != PAGES:
            saves[-1].append(entry)
        elif _revision(entry):
            saves.append([entry])
    return saves


def _revision(entry: Entry) -> int:
    """Return the revision that an entry of the page set, 0 where it set none."""
    return int((entry.new or {}).get("revision") or 0)


def _written(row: dict[str, Any] | None, entries: Sequence[Entry]) -> dict[str, Any] | None:
    for entry in entries:
        if entry.new is None or row is None:
            return None
        row = {**row, **entry.new}
    return row


def _touched(entry: Entry, items: Iterable[str]) -> set[str]:
    new, old = entry.new or {}, entry.old or {}
    reasons = {
        name
        for name in {**(new.get("missing") or {}), **(old.get("missing") or {})}
        if (new.get("missing") or {}).get(name) != (old.get("missing") or {}).get(name)
    }
    return {name for name in items if name in new and new.get(name) != old.get(name)} | reasons


def _version(revision: int, row: dict[str, Any], form: str) -> Version:
    values = {
        name: item.from_json(row[name])
        for name, item in FORMS[form].items().items()
        if row.get(name) is not None
    }
    return Version(revision, values, dict(row.get("missing") or {}))
