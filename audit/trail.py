"""Reading the trail: the history of a page, an item, a row, a subject. Callers decode the values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.models import Entry, Op

# Columns that carry a row's address or bookkeeping, not what somebody entered.
BOOKKEEPING = frozenset({"id", "page_id", "site_id", "subject_id", "visit_id"})


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One column as it was and as it became; None is empty."""

    item: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the trail as people read it: who, when, why, and each column that changed."""

    chain: str
    n: int
    at: datetime
    simulated: bool
    actor_id: str
    actor_name: str
    actor_role: str
    actor_site: str | None
    on_behalf_of: str | None
    origin: str
    request_id: str | None
    reason_code: str | None
    reason_text: str | None
    op: Op
    table: str
    row_key: str | None
    page_id: str | None
    items: tuple[ItemChange, ...]

    def of(self, item: str) -> ItemChange | None:
        """Return the change of one item, or None."""
        return next((change for change in self.items if change.item == item), None)


def page_history(page_id: UUID | str, *, tables: Iterable[str] | None = None) -> list[Change]:
    """Return every entry about a page, its typed row and what hangs on it, oldest first.

    A page that was moved has entries in the chains of several subjects (`chain` names them); the move itself
    is told once.
    """
    entries = Entry.objects.filter(page_id=str(page_id)).order_by("at", "n")
    if tables is not None:
        entries = entries.filter(table_name__in=list(tables))
    return [change(entry) for entry in entries if not _left_behind(entry)]


def _left_behind(entry: Entry) -> bool:
    """Say whether this is the copy of a move in the chain of the subject that the row has left."""
    went_to = (entry.new or {}).get("subject_id") if entry.op == Op.UPDATE else None
    return went_to is not None and entry.chain != f"subject:{went_to}"


def item_history(page_id: UUID | str, item: str, *, table: str) -> list[Change]:
    """Return the entries that set, changed or cleared one item of a page, oldest first.

    An entry also counts when it changed the item's missing reason (`missing`) alone.
    """
    return [
        one
        for one in page_history(page_id, tables=[table])
        if one.of(item) or _key_changed(one.of("missing"), item) or _key_changed(one.of("raw"), item)
    ]


def subject_history(subject_id: UUID | str, *, after: int = 0, limit: int = 500) -> list[Change]:
    """Return entries of a subject's chain beyond number `after`, oldest first, at most `limit`."""
    entries = Entry.objects.filter(chain=f"subject:{subject_id}", n__gt=after).order_by("n")[:limit]
    return [change(entry) for entry in entries]


def change(entry: Entry) -> Change:
    """Return an entry as a Change; an insert lists what was filled in, a deletion what was there."""
    return Change(
        chain=entry.chain,
        n=entry.n,
        at=entry.at,
        simulated=entry.clock == "simulated",
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        actor_role=entry.actor_role,
        actor_site=entry.actor_site,
        on_behalf_of=entry.on_behalf_of,
        origin=entry.origin,
        request_id=entry.request_id,
        reason_code=entry.reason_code,
        reason_text=entry.reason_text,
        op=Op(entry.op),
        table=entry.table_name,
        row_key=entry.row_key,
        page_id=entry.page_id,
        items=tuple(_items(entry)),
    )


def _items(entry: Entry) -> Iterator[ItemChange]:
    old, new = entry.old or {}, entry.new or {}
    for item in {**old, **new}:
        before, after = old.get(item), new.get(item)
        if item not in BOOKKEEPING and not (before is None and after is None):
            yield ItemChange(item, before, after)


def _key_changed(whole: ItemChange | None, item: str) -> bool:
    return whole is not None and (whole.old or {}).get(item) != (whole.new or {}).get(item)
