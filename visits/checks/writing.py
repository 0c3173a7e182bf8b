"""Who wrote a page, as the trail tells it; for checks about reviewers and about what came after a review."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from audit.models import Entry
from audit.trail import change


@dataclass(frozen=True, slots=True)
class Writing:
    """One write of a page's answers: its number in the trail, when, by whom, and which items."""

    page_id: str
    n: int
    at: datetime
    actor_id: str
    actor_name: str
    items: frozenset[str]

    @property
    def person(self) -> bool:
        """Whether a person with an account wrote it, and not the system."""
        try:
            uuid.UUID(self.actor_id)
        except ValueError:
            return False
        return True


def writings_of(pages: Iterable[uuid.UUID]) -> list[Writing]:
    """Return the writes of the answers of these pages, in the order of the trail; one statement."""
    ids = [str(page) for page in pages]
    found = Entry.objects.filter(page_id__in=ids, table_name__startswith="crf_").order_by("n")
    return [
        Writing(
            str(entry.page_id),
            entry.n,
            entry.at,
            entry.actor_id,
            entry.actor_name,
            frozenset(one.item for one in change(entry).items),
        )
        for entry in found
    ]
