"""The final lock of the study, and the lifting of an interim one: proposed by one, confirmed by another.

CONFIRM and WITHDRAW are the two ways out of PROPOSED; the database itself refuses a confirmation by the
person who proposed (LCK-02). Both sign, with the proof that every signature takes, the same content: the
digests of all pages. Where the data have changed in between, nothing is locked.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import require
from sites.roles import Action
from visits.models import Lock
from visits.review import locking
from visits.review.blockers import in_the_way
from visits.review.locking import AlreadyLocked, Blocked
from visits.review.records import LockProposal, LockSignature
from visits.review.signing.acts import Proven, same_person

State, Meaning = LockProposal.State, LockSignature.Meaning


@dataclass(frozen=True, slots=True)
class Move:
    """One way out of a state: where it leads, who may go it, and if it has to be somebody else."""

    before: str
    after: str
    action: Action
    another: bool


MOVES: dict[str, Move] = {
    "confirm": Move(State.PROPOSED, State.CONFIRMED, Action.LOCK_CONFIRM, another=True),
    "withdraw": Move(State.PROPOSED, State.WITHDRAWN, Action.LOCK_CONFIRM, another=False),
}


class Decided(Exception):
    """Somebody has decided about it meanwhile."""


class Moved(Exception):
    """The data are not those under which the proposal was signed."""


def propose_lock(*, by: Actor, reason: str, proven: Proven) -> LockProposal:
    """Propose and sign the final lock.

    Raises PermissionDenied, ValueError without a reason, AlreadyLocked, Blocked by what is open.
    """
    require(by, Action.LOCK)
    same_person(by, proven)
    left = in_the_way(Lock.Level.STUDY)
    if left:
        raise Blocked(left)
    if locking.covering(subject_id=None):
        raise AlreadyLocked
    with acting(by=by):
        proposal = _propose(LockProposal.Act.LOCK, None, by=by, reason=reason)
        _sign(proposal, Meaning.PROPOSED, by=by, proven=proven)
    return proposal


def propose_lift(*, standing: Lock, by: Actor, reason: str) -> LockProposal:
    """Propose to lift an interim lock of a site or the study; a final one is opened by unlocks alone."""
    require(by, Action.LOCK, standing.site_id)
    if not standing.interim or standing.released_at is not None:
        raise ValueError("only a standing interim lock is lifted")
    return _propose(LockProposal.Act.LIFT, standing, by=by, reason=reason)


def _propose(act: str, standing: Lock | None, *, by: Actor, reason: str) -> LockProposal:
    if not reason.strip():
        raise ValueError("a proposal needs a reason")
    if LockProposal.objects.filter(act=act, lock=standing, state=State.PROPOSED).exists():
        raise AlreadyLocked("proposed already")
    with acting(by=by):
        return LockProposal.objects.create(
            act=act,
            lock=standing,
            reason=reason.strip(),
            by_id=by.user_id or "",
            by_name=by.name,
            at=clock.now(),
        )


def decide(*, proposal: LockProposal, move: str, by: Actor, proven: Proven | None = None) -> LockProposal:
    """Confirm and sign a proposal, which carries it out past the gates as they stand now, or withdraw it.

    Raises PermissionDenied (also for confirming one's own, or unproven), Decided, Moved, Blocked,
    AlreadyLocked.
    """
    step = MOVES[move]
    require(by, step.action)
    with acting(by=by):
        current = LockProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
        if current.state != step.before:
            raise Decided(current.state)
        if step.another and by.user_id == current.by_id:
            raise PermissionDenied(_("Another person has to confirm this. Nothing was changed."))
        if move == "confirm":
            same_person(by, proven)
        current.state, current.decided_at = step.after, clock.now()
        current.decided_by_id, current.decided_by = by.user_id or "", by.name
        current.save(update_fields=["state", "decided_at", "decided_by_id", "decided_by"])
        if move == "confirm" and proven is not None:
            locking.wait_for_writes(locking.Scope(Lock.Level.STUDY))
            _sign(current, Meaning.CONFIRMED, by=by, proven=proven)
            _carry_out(current, by=by)
    return current


def content_of_study() -> tuple[str, int]:
    """Return the digest of all standing pages as they are, and how many there are; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT encode(sha256(convert_to(coalesce(string_agg(
                          p.id || ' ' || coalesce(d.digest, '') || ' ' || p.not_done, ',' ORDER BY p.id), ''),
                          'UTF8')), 'hex'), count(*)
                 FROM visits_page p LEFT JOIN visits_digest d ON d.page_id = p.id WHERE NOT p.removed"""
        )
        content, pages = cursor.fetchone()
    return content, pages


def _sign(proposal: LockProposal, meaning: str, *, by: Actor, proven: Proven) -> None:
    """Sign the data as they stand; raises Moved where the other signature is under something else."""
    content, pages = content_of_study()
    if proposal.act == LockProposal.Act.LOCK and proposal.signatures.exclude(content=content).exists():
        raise Moved
    LockSignature.objects.create(
        proposal=proposal,
        meaning=meaning,
        content=content,
        pages=pages,
        method=proven.method,
        by_id=by.user_id or "",
        by_name=by.name,
        by_role=by.role,
        at=clock.now(),
    )


def signatures_of(lock: Lock) -> list[LockSignature]:
    """Return the signatures under a final lock of the study, the proposer's first; of others none."""
    return list(LockSignature.objects.filter(proposal__lock=lock, proposal__act=LockProposal.Act.LOCK))


def _carry_out(proposal: LockProposal, *, by: Actor) -> None:
    if proposal.act == LockProposal.Act.LIFT and proposal.lock is not None:
        locking.release(proposal.lock, by=by, reason=proposal.reason)
        return
    proposer = Actor(proposal.by_id, proposal.by_name, by.role, origin=by.origin)
    proposal.lock = locking.make_final(reason=proposal.reason, by=proposer, confirmed=by)
    proposal.save(update_fields=["lock"])


def proposals(*, by: Actor) -> list[LockProposal]:
    """Return the proposals that wait for a second person, the newest first."""
    require(by, Action.LOCK_READ)
    return list(LockProposal.objects.filter(state=State.PROPOSED).select_related("lock"))
