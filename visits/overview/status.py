"""One sign per cell of subject × visit: the first line of the precedence that holds (ux.md, Glyphs).

A role sees a to-do sign as work only where it can act on it. Open queries give way to what lies under them;
a visit that is overdue, incomplete or due has no other true sign, so readers see the same glyph, quiet and
not counted as theirs. What waits for a signature, or broke one, is a sign for who signs alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from audit.actors import Actor
from sites.access import can
from sites.roles import Action

PRECEDENCE = (
    "query-open",
    "overdue",
    "incomplete",
    "closing",
    "due",
    "query-answered",
    "stale",
    "broken",
    "to-sign",
    "to-verify",
    "locked",
    "frozen",
    "signed",
    "verified",
    "complete",
    "missed",
    "not-yet",
    "not-expected",
)
ACTS: Mapping[str, Action] = {
    "query-open": Action.QUERY_ANSWER,
    "overdue": Action.PAGE_SAVE,
    "incomplete": Action.PAGE_SAVE,
    "closing": Action.PAGE_SAVE,
    "due": Action.PAGE_SAVE,
    "query-answered": Action.QUERY_CLOSE,
    "stale": Action.SDV_VERIFY,
    "to-verify": Action.SDV_VERIFY,
    "broken": Action.SIGN,
    "to-sign": Action.SIGN,
}
GIVES_WAY = frozenset({"query-open", "query-answered", "stale", "to-verify", "broken", "to-sign"})
GROUNDS = {"query-open": "q", "overdue": "q", "incomplete": "w", "closing": "w", "due": "i"}
CLOSING = timedelta(days=14)


@dataclass(slots=True)
class CellFacts:
    """What is known of one visit of one subject; `owed` says whether anything is expected of it."""

    owed: bool = True
    entered: bool = False
    unfinished: bool = False
    missed: bool = False
    locked: bool = False
    to_sign: int = 0
    broken: int = 0
    signed: bool = False
    opened: int = 0
    answered: int = 0
    pending: int = 0
    stale: int = 0
    verified: bool = False
    opens: date | None = None
    closes: date | None = None
    target: date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The sign of a cell, how many it stands for, and whether it is this reader's work."""

    sign: str
    count: int = 1
    todo: bool = False

    @property
    def ground(self) -> str:
        """The class of the soft ground; work alone is tinted."""
        return GROUNDS.get(self.sign, "") if self.todo else ""


NOTHING = Mark("not-expected")


def acts_of(by: Actor) -> frozenset[str]:
    """Return the signs that are work for this person."""
    return frozenset(sign for sign, action in ACTS.items() if can(by, action))


def mark(cell: CellFacts, *, today: date, acts: frozenset[str]) -> Mark:
    """Return the sign of a cell for a reader whose work is `acts`."""
    held = signs(cell, today=today)
    for sign in PRECEDENCE:
        if sign in held and (sign in acts or sign not in GIVES_WAY):
            return _mark(sign, held[sign], sign in acts)
    return NOTHING


@cache
def _mark(sign: str, count: int, todo: bool) -> Mark:
    """Return the mark itself; a study has thousands of cells and a few dozen marks."""
    return Mark(sign, count, todo)


def signs(cell: CellFacts, *, today: date) -> dict[str, int]:
    """Return every sign that holds for a cell, with the number it stands for."""
    held = {"query-open": cell.opened, "query-answered": cell.answered}
    if cell.entered:
        settled = "missed" if cell.missed else "complete"
        held |= {"stale": cell.stale, "to-verify": cell.pending}
        held |= {"locked": int(cell.locked), "verified": int(cell.verified), settled: 1}
        held["incomplete"] = int(cell.unfinished and not cell.missed and not cell.locked)
        held |= _signatures(cell)
    elif cell.owed:
        held[_waiting(cell, today)] = 1
    else:
        held["not-expected"] = 1
    return {sign: count for sign, count in held.items() if count}


def _signatures(cell: CellFacts) -> dict[str, int]:
    """Return the signs of the signatures of an entered visit; only what is settled is to be signed."""
    unsettled = cell.unfinished or cell.opened or cell.answered
    return {
        "broken": 0 if cell.locked else cell.broken,
        "to-sign": int(bool(cell.to_sign) and not unsettled and not cell.locked),
        "signed": int(cell.signed),
    }


def _waiting(cell: CellFacts, today: date) -> str:
    """Return the sign of a visit that is owed and not entered."""
    if cell.opens is None or today < cell.opens:
        return "not-yet"
    if cell.closes is None:
        return "due"
    if cell.closes < today:
        return "overdue"
    return "closing" if cell.closes - today <= CLOSING else "due"
