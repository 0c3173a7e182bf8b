"""The one guard: what may be done to an item, page, visit or subject as it stands (LCK-01).

Saves, queries, verification, signing, coding, imports, upgrades and jobs all ask here before they write, so
that a refusal has words; the triggers of visits/sql/lock.sql hold the same rules against every other way.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection

from protocol.words import Bilingual, T
from visits.capture.entry import Locked
from visits.dossier import Dossier
from visits.models import Lock
from visits.statement import STANDING

Level = Lock.Level


class State(StrEnum):
    """How a thing stands. Signed is open: a signature refuses nothing, a change breaks it."""

    OPEN = "OPEN"
    SIGNED = "SIGNED"
    FROZEN = "FROZEN"
    LOCKED = "LOCKED"


class Act(StrEnum):
    """What somebody, or a job, is about to do."""

    CHANGE = "CHANGE"
    ADD = "ADD"
    QUERY = "QUERY"
    NOTE = "NOTE"
    VERIFY = "VERIFY"
    SIGN = "SIGN"
    CODE = "CODE"
    REPORT = "REPORT"


# The whole rule: frozen means that no value changes (but of an item with an open query), locked that nothing
# is written. What is not named is refused.
PERMITTED: dict[State, frozenset[Act]] = {
    State.OPEN: frozenset(Act),
    State.SIGNED: frozenset(Act),
    State.FROZEN: frozenset(Act) - {Act.CHANGE, Act.ADD},
    State.LOCKED: frozenset(),
}

LEVELS: dict[str, Bilingual] = {
    Level.ITEM: T("Item", "条目"),
    Level.PAGE: T("Page", "页面"),
    Level.VISIT: T("Visit", "访视"),
    Level.SUBJECT: T("Subject", "受试者"),
    Level.SITE: T("Site", "研究中心"),
    Level.STUDY: T("Study", "研究"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A standing lock or freeze, or an unlock, over a subject or a part of it; of a visit, one per page."""

    level: str
    visit: uuid.UUID | None = None
    page: uuid.UUID | None = None
    item: str = ""

    def covers(self, *, page: uuid.UUID | None, visit: uuid.UUID | None) -> bool:
        """Whether this reaches a page, or (None) what is new at a visit (None: a log, or a new visit)."""
        if self.level == Level.VISIT:
            return self.page == page if page is not None else self.visit == visit
        if self.level in (Level.PAGE, Level.ITEM):
            return self.page == page
        return True


@dataclass(slots=True)
class Guard:
    """What stands over one subject now: locks, freezes, unlocks, and the items with an open query."""

    locked: list[Held] = field(default_factory=list)
    frozen: list[Held] = field(default_factory=list)
    opened: list[Held] = field(default_factory=list)
    asked: set[tuple[uuid.UUID | None, str]] = field(default_factory=set)

    def state(
        self, *, page: uuid.UUID | None = None, visit: uuid.UUID | None = None, item: str = ""
    ) -> State:
        """Return how an item (none: a whole page; no page: what is new at the visit) stands."""
        if any(self._reaches(one, page, visit, item) for one in self.opened):
            return State.OPEN
        for state, held in ((State.LOCKED, self.locked), (State.FROZEN, self.frozen)):
            if any(self._reaches(one, page, visit, item) for one in held):
                return state
        return State.OPEN

    @staticmethod
    def _reaches(one: Held, page: uuid.UUID | None, visit: uuid.UUID | None, item: str) -> bool:
        return one.covers(page=page, visit=visit) and (not one.item or one.item == item)

    def may(
        self, act: Act, *, page: uuid.UUID | None = None, visit: uuid.UUID | None = None, item: str = ""
    ) -> bool:
        """Say whether something may be done to an item, a page, or (no page) to what is new at a visit."""
        state = self.state(page=page, visit=visit, item=item)
        if act in PERMITTED[state]:
            return True
        return state is State.FROZEN and act is Act.CHANGE and bool(item) and (page, item) in self.asked

    def may_all(self, act: Act, items: Iterable[str], *, page: uuid.UUID) -> bool:
        """Say whether it may be done to all of these items (none: to the page itself)."""
        return all(self.may(act, page=page, item=item) for item in list(items) or [""])

    def refused(self, act: Act, items: Iterable[str], *, page: uuid.UUID | None) -> list[str]:
        """Return those of these items to which it may not be done."""
        return [name for name in items if not self.may(act, page=page, item=name)]

    @property
    def is_idle(self) -> bool:
        """Whether nothing is locked or frozen here: everything may be done."""
        return not (self.locked or self.frozen)


def refuse(act: Act, *, subject: uuid.UUID, page: uuid.UUID, items: Iterable[str] = ()) -> None:
    """Raise Locked where something may not be done to these items (none: to the page itself)."""
    if not over(subject).may_all(act, items, page=page):
        raise Locked(str(page))


def of(dossier: Dossier) -> Guard:
    """Return the guard of a dossier's subject, read once for as long as the dossier is used."""
    if dossier.guard is None:
        dossier.guard = over(dossier.subject.pk) if dossier.held is None else _guard(dossier.held)
    return dossier.guard


def over(subject_id: uuid.UUID) -> Guard:
    """Return the guard of a subject, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"subject": subject_id})
        return _guard(cursor.fetchall())


def _guard(rows: Iterable[Sequence[Any]]) -> Guard:
    found = Guard()
    for kind, level, visit, page, item in rows:
        if kind == "asked":
            found.asked.add((_id(page), item))
        else:
            where = {"locked": found.locked, "frozen": found.frozen, "opened": found.opened}[kind]
            where.append(Held(level, _id(visit), _id(page), item))
    return found


def _id(value: uuid.UUID | str | None) -> uuid.UUID | None:
    return uuid.UUID(value) if isinstance(value, str) else value
