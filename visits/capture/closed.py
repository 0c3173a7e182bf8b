"""Refusing what a lock or a freeze does not let be changed, before anything is written (LCK-01)."""

from __future__ import annotations

from collections.abc import Sequence

from visits.capture.change import Change
from visits.capture.entry import Frozen, Locked
from visits.review.guard import Act, Guard, State


def refuse_closed(standing: Guard, changes: Sequence[Change]) -> None:
    """Raise Locked or Frozen where a change reaches what is closed; a freeze lets items with a query go."""
    if standing.is_idle:
        return
    refused: list[tuple[int, str]] = []
    for change in changes:
        if not change.is_any:
            continue
        names, locked = _not_permitted(standing, change)
        if locked:
            raise Locked(f"{change.entry.form} is locked")
        refused += [(change.number, name) for name in names]
    if refused:
        raise Frozen(refused)


def _not_permitted(standing: Guard, change: Change) -> tuple[list[str], bool]:
    """Return the items that may not change ("": the page as a whole), and if a lock is why."""
    page = change.after
    if change.before is None:
        may, where = standing.may(Act.ADD, visit=page.visit_id), [""]
        state = standing.state(visit=page.visit_id)
    else:
        items = [*change.items, *([""] if change.page_facts else [])]
        where = standing.refused(Act.CHANGE, items, page=page.id)
        may = not where
        state = standing.state(page=page.id, item=where[0]) if where else State.OPEN
    return ([], False) if may else (where, state is State.LOCKED)
