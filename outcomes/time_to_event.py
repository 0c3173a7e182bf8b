"""Time to the first event, with everything that can end the observation before it (protocol §5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

EVENT, LAST_CONTACT, DEATH, ABOVE_KNEE, HORIZON, WITHDRAWN = range(6)


class Source(NamedTuple):
    """The page and item that a day was read from; `kind` names the record in words (REV, AMP, FU)."""

    kind: str
    number: int
    page: str
    item: str
    day: int
    adjudicated: bool = False
    lesion: str | None = None


class Outcome(NamedTuple):
    """The value of one time-to-event parameter: how many days, how they ended, and what says so."""

    aval: int
    cnsr: int
    source: Source | None = None
    left: int | None = None
    """For patency: the last day known patent, so that the loss lies in (left, aval]."""

    @property
    def state(self) -> int:
        """State for Aalen–Johansen: 0 censored, 1 event, 2 competing event."""
        return STATE[self.cnsr]


@dataclass(frozen=True, slots=True)
class Course:
    """What can end the observation of one subject, with the page that says so."""

    known_limb: Source
    known_vital: Source
    death: Source | None = None
    above_knee: Source | None = None
    withdrawn: Source | None = None
    vital_permitted: bool = False
    seen: tuple[Source, ...] = field(default=())
    """Every date that the last contact was chosen from."""


STATE = {EVENT: 1, LAST_CONTACT: 0, DEATH: 2, ABOVE_KNEE: 2, HORIZON: 0, WITHDRAWN: 0}


def tte(
    events: Sequence[Source],
    *,
    block: Source | None,
    death: Source | None,
    withdrawn: Source | None,
    known: Source,
) -> Outcome:
    """Return the outcome without a horizon; on one day the event wins over death, death over amputation."""
    if withdrawn is not None:
        events = [event for event in events if event.day <= withdrawn.day]
        death = death if death is None or death.day <= withdrawn.day else None
        block = block if block is None or block.day <= withdrawn.day else None
    first = min(events, key=_day) if events else None
    if (
        first is not None
        and (death is None or first.day <= death.day)
        and (block is None or first.day <= block.day)
    ):
        return Outcome(first.day, EVENT, first)
    if death is not None and (block is None or death.day <= block.day):
        return Outcome(death.day, DEATH, death)
    if block is not None:
        return Outcome(block.day, ABOVE_KNEE, block)
    if withdrawn is not None:
        return Outcome(withdrawn.day, WITHDRAWN, withdrawn)
    return Outcome(known.day, LAST_CONTACT, known)


def _day(source: Source) -> int:
    return source.day


def at_horizon(outcome: Outcome, horizon: int) -> Outcome:
    """Cut an outcome at a horizon: later is administrative, and so is last being seen on that very day."""
    if outcome.aval > horizon or (outcome.aval == horizon and outcome.cnsr in (LAST_CONTACT, WITHDRAWN)):
        return Outcome(horizon, HORIZON, outcome.source, outcome.left)
    return outcome


def evaluable(outcome: Outcome, horizon: int, low: int) -> str:
    """Return Y, N or NE at a horizon from the untruncated outcome: N needs follow-up to `low` at least."""
    if outcome.cnsr == EVENT and outcome.aval <= horizon:
        return "Y"
    return "N" if outcome.aval >= low else "NE"
