"""Queries about what a save has hidden or removed: they close as obsolete, whoever asked (design §3.9)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from audit.actors import Actor
from audit.context import acting
from visits.capture import asking
from visits.capture.change import Change
from visits.dossier import Asked, Dossier, PageRecord
from visits.models import Query
from visits.review.queries import STANDING, close_obsolete, reopen_obsolete


def follow(dossier: Dossier, changes: Sequence[Change], *, by: Actor) -> list[uuid.UUID]:
    """Close the queries of removed rows and of items that are asked no longer; reopen those of restored rows.

    Nothing is read where nothing was hidden, removed or restored. Returns the queries that were closed.
    """
    gone: dict[uuid.UUID, frozenset[str] | None] = {}
    back: list[uuid.UUID] = []
    for change in changes:
        before, after = change.before, change.after
        if before is None:
            continue
        if after.removed and not before.removed:
            gone[after.id] = None
        elif before.removed and not after.removed:
            back.append(after.id)
        elif hidden := _hidden(dossier, change):
            gone[after.id] = hidden
    system = Actor.system("edit checks", on_behalf_of=by.user_id or by.name)
    if back:  # what the checks ask, they ask again by themselves
        asked = Query.objects.filter(page_id__in=back, close_reason="obsolete", origin=Query.Origin.MANUAL)
        with acting(by=system):
            reopen_obsolete(list(asked), by=system)
    if not gone:
        return []
    found = [
        query
        for query in Query.objects.filter(page_id__in=gone, state__in=STANDING)
        if _concerned(query, gone[query.page_id])
    ]
    if found:
        with acting(by=system):
            close_obsolete(found, by=system)
    _forget(dossier.asked, {query.pk for query in found})
    return [query.pk for query in found]


def _hidden(dossier: Dossier, change: Change) -> frozenset[str]:
    """Return the items that the page asked before the save and asks no longer."""
    if not change.items or change.before is None:
        return frozenset()
    return _asked(dossier, change, change.before) - _asked(dossier, change, change.after)


def _asked(dossier: Dossier, change: Change, page: PageRecord) -> frozenset[str]:
    known: Mapping[str, Any] = asking.answers(
        dossier, page.visit_code, page.values, page.ordinal, version=page.form_version
    )
    return frozenset(asking.asked(change.crf, known))


def _concerned(query: Query, hidden: frozenset[str] | None) -> bool:
    """Say whether a query is about nothing but what has gone; one of the whole page stays with the page."""
    return hidden is None or (bool(query.items) and set(query.items) <= hidden)


def _forget(asked: list[Asked] | None, closed: set[uuid.UUID]) -> None:
    if asked is not None:
        asked[:] = [query for query in asked if query.id not in closed]
