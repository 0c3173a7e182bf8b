"""Raising one question at many places at once, from any list (peers.md ask 17)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.actors import Actor
from audit.context import acting, take_chains
from sites.access import require
from sites.roles import Action
from visits.models import Page, Query
from visits.review import guard
from visits.review.guard import Act
from visits.review.queries import raise_query

MOST = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked: a page, and items of it (none: the whole page)."""

    page: Page
    items: tuple[str, ...] = ()


@dataclass(slots=True)
class Raised:
    """What became of a bulk: the queries, and the places that are locked."""

    queries: list[Query] = field(default_factory=list)
    locked: list[Place] = field(default_factory=list)


def raise_queries(*, places: Sequence[Place], text: str, by: Actor) -> Raised:
    """Ask the same question at each place, in one transaction; places under a lock are left out and named.

    Raises PermissionDenied (one place is enough), ValueError for no words, no place or more than MOST.
    """
    if not places or len(places) > MOST or not text.strip():
        raise ValueError("a question, and one place or more")
    for place in places:
        require(by, Action.QUERY_RAISE, place.page.site_id)
    done = Raised()
    subjects = sorted({place.page.subject_id for place in places}, key=str)
    with acting(by=by):
        take_chains(subjects=subjects)
        standing: dict[uuid.UUID, guard.Guard] = {one: guard.over(one) for one in subjects}
        for place in places:
            if standing[place.page.subject_id].may_all(Act.QUERY, place.items, page=place.page.pk):
                done.queries.append(raise_query(page=place.page, items=place.items, text=text, by=by))
            else:
                done.locked.append(place)
    return done
