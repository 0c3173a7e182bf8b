"""What is handed to save_pages, what it answers, and how it refuses."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol.words import Bilingual
from visits.dossier import PageRecord


@dataclass(frozen=True, slots=True)
class PageEntry:
    """What a person entered on one page; items not named in `values` or `missing` stay as they are.

    `page_id` is None for a page or row that does not exist yet. `revision` is the one that the person had
    opened (0: the page did not exist); None means that nobody looked (an import into a new page).
    `clear_hidden` says that the person has agreed to clear the items that the answers hide.
    """

    subject_id: uuid.UUID
    form: str
    visit: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    page_id: uuid.UUID | None = None
    revision: int | None = None
    removed: bool | None = None
    not_done: bool | None = None
    not_done_reason: str = ""
    clear_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps an entry from being saved: where (index of the entry, item) and why."""

    entry: int
    item: str
    code: str
    message: Bilingual


@dataclass(slots=True)
class Saved:
    """What a save did: its pages, what changed on them, and the queries it opened and closed."""

    pages: list[PageRecord]
    changed: dict[uuid.UUID, list[str]]
    opened: list[uuid.UUID] = field(default_factory=list)
    closed: list[uuid.UUID] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the answer as it is kept beside the one-time key."""
        return {
            "pages": [str(page.id) for page in self.pages],
            "changed": {str(key): items for key, items in self.changed.items()},
        }


class NotSaved(Exception):
    """Nothing of this save was stored."""


class SaveRefused(NotSaved):
    """The entry breaks a type, format, hard range or a hard rule within its page (design §3.7)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.item}: {p.message.en}" for p in problems))
        self.problems = list(problems)


class ReasonNeeded(NotSaved):
    """A stored value changes or goes, and no reason was given (AUD-09)."""

    def __init__(self, items: Sequence[tuple[int, str]]) -> None:
        super().__init__(", ".join(item for _, item in items))
        self.items = list(items)


class ClearingUnconfirmed(NotSaved):
    """Answers on the page hide items that hold values; the person has to agree to clear them."""

    def __init__(self, items: Sequence[tuple[int, str]]) -> None:
        super().__init__(", ".join(item for _, item in items))
        self.items = list(items)


class Conflict(NotSaved):
    """Somebody else saved the page after it was opened; `stored` is what stands now (CON-01)."""

    def __init__(self, entry: int, stored: PageRecord) -> None:
        super().__init__(f"revision {stored.revision} stands")
        self.entry = entry
        self.stored = stored


class Gone(NotSaved):
    """The page that was opened stands here no longer: somebody has put it where it belongs."""


class Locked(NotSaved):
    """A lock covers the page, the subject or the study (LCK-01)."""


class Frozen(Locked):
    """The page is frozen: only items with an open query change. `items`: what would have changed."""

    def __init__(self, items: Sequence[tuple[int, str]]) -> None:
        super().__init__(", ".join(item for _, item in items))
        self.items = list(items)


class SentBefore(NotSaved):
    """The form was sent before and made a subject; its other answers belong on that subject's page."""


def digest_of_entries(entries: Sequence[PageEntry]) -> str:
    """Return the SHA-256 of what was entered, so that a form sent twice is told from one typed on."""
    typed = [
        (
            *(entry.form, entry.visit, entry.revision, entry.removed, entry.not_done, entry.not_done_reason),
            *(sorted(entry.values.items()), sorted(entry.missing.items()), sorted(entry.raw.items())),
            entry.clear_hidden,
        )
        for entry in entries
    ]
    return hashlib.sha256(repr(typed).encode()).hexdigest()
