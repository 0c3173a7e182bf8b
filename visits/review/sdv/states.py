"""The four states of an item's verification, and one table of what a monitor may do in each.

Nothing here is stored: a state follows from the plan, from what is stored on the page, and from the value
that a standing verification keeps (design §3.9, peers.md §3b and §3e).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from protocol.words import Bilingual, T
from sites.roles import Action
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.review.sdv.plan import VERIFIABLE, InForce


class State(StrEnum):
    """Where the verification of one item stands."""

    NOT_REQUIRED = "NOT_REQUIRED"
    PENDING = "PENDING"
    VERIFIED = "VERIFIED"
    STALE = "STALE"


LABELS: dict[State, Bilingual] = {
    State.NOT_REQUIRED: T("No verification asked", "无需核查"),
    State.PENDING: T("To verify", "待核查"),
    State.VERIFIED: T("Verified", "已核查"),
    State.STALE: T("Changed after verification", "核查后已修改"),
}
GLYPHS = {State.PENDING: "to-verify", State.VERIFIED: "sdv", State.STALE: "stale"}


@dataclass(frozen=True, slots=True)
class Move:
    """Something a person may do to an item's mark: from which states, and the action that entitles to it."""

    before: frozenset[State]
    action: Action


MOVES: dict[str, Move] = {
    "verify": Move(frozenset({State.NOT_REQUIRED, State.PENDING, State.STALE}), Action.SDV_VERIFY),
    "withdraw": Move(frozenset({State.VERIFIED, State.STALE}), Action.SDV_VERIFY),
}


def state_of(record: PageRecord, item: str, *, plan: InForce, usubjid: str) -> State:
    """Return the state of an item; on a page that does not count, or of a blank item, nothing is required.

    A blank item whose verification stands was cleared by hand, and is STALE; where another answer hides it,
    the save that cleared it has made the verification void.
    """
    if record.removed or record.not_done:
        return State.NOT_REQUIRED
    mark = record.verified.get(item)
    if mark is not None:
        return State.STALE if mark.stale else State.VERIFIED
    if not holds(record, item):
        return State.NOT_REQUIRED
    required = plan.requires(record.form, item, visit=record.visit_code, usubjid=usubjid)
    return State.PENDING if required else State.NOT_REQUIRED


def holds(record: PageRecord, item: str) -> bool:
    """Say whether an item has something to verify: a value, or a reason why there is none."""
    if record.form not in VERIFIABLE or item not in FORMS[record.form].items():
        return False
    return record.values.get(item) is not None or item in record.missing


def seen(record: PageRecord, item: str) -> str:
    """Return what tells a value that a monitor has looked at from any other: 16 hexadecimal digits."""
    value = record.values.get(item)
    stands = [None if value is None else FORMS[record.form].items()[item].to_json(value)]
    said = json.dumps([*stands, record.missing.get(item, "")], default=str, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def to_verify(record: PageRecord, *, plan: InForce, usubjid: str) -> list[str]:
    """Return the items of a page that wait for a monitor, in the order of the form: PENDING and STALE."""
    waiting = (State.PENDING, State.STALE)
    return [
        item
        for item in FORMS[record.form].questions()
        if item in FORMS[record.form].items()
        and state_of(record, item, plan=plan, usubjid=usubjid) in waiting
    ]


def rows_to_verify(
    dossier: Dossier, records: list[PageRecord], *, plan: InForce
) -> list[tuple[PageRecord, list[str]]]:
    """Return the pages among these on which something waits, each with its items."""
    usubjid = dossier.subject.usubjid
    found = [(record, to_verify(record, plan=plan, usubjid=usubjid)) for record in records]
    return [(record, items) for record, items in found if items]
