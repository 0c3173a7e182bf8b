"""A subject that moves to another site: one administrator proposes, another accepts (protocol §3.33).

The number stays, and with it the enrolling site, which is the stratum of every analysis. One update of the
subject's row takes all its rows along (subjects/sql); from then on the receiving site sees and enters
everything, and for the former site the subject does not exist.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import Http404

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting, record_event, take_chains
from protocol import identifiers
from protocol.words import Bilingual, T
from sites.access import require
from sites.models import Site
from sites.roles import Action
from subjects.models import Subject, Transfer

State = Transfer.State


@dataclass(frozen=True, slots=True)
class Move:
    """One answer to a proposal: from where, to where, and if it has to be somebody else's."""

    before: str
    after: str
    another: bool


MOVES: dict[str, Move] = {
    "accept": Move(State.PROPOSED, State.ACCEPTED, another=True),
    "decline": Move(State.PROPOSED, State.DECLINED, another=False),
}
LOCKED = "P0E05"  # what the database answers under a standing lock (visits/sql/lock.sql)

NO_SUBJECT = T("There is no subject of this number.", "没有该编号的受试者。")
NO_SITE = T(
    "A subject can go to an active clinical centre only, and to another than its own.",
    "受试者只能转至其他已启动的临床中心。",
)
NO_REASON = T("Say why the subject is transferred.", "请说明转中心的原因。")
NO_FUTURE = T("The day of the transfer cannot lie in the future.", "转中心日期不能晚于今天。")
PROPOSED_ALREADY = T(
    "A transfer of this subject waits for its answer already.", "该受试者已有待答复的转中心申请。"
)
SAME_PERSON = T(
    "You proposed this transfer: another administrator has to accept it.",
    "此转中心由您提出,须由另一位管理员接受。",
)
DECIDED = T("This transfer has been answered already.", "该转中心申请已答复。")
IS_LOCKED = T(
    "Data of this subject are locked: nothing can be transferred until a data manager unlocks them.",
    "该受试者的数据已锁定,须由数据管理员解锁后方可转中心。",
)
MOVED_ON = T("The subject is no longer at that site.", "受试者已不在该中心。")


class TransferRefused(Exception):
    """The transfer cannot be proposed or accepted; `field` names what is at fault, "" the whole."""

    def __init__(self, message: Bilingual, field: str = "") -> None:
        super().__init__(message.en)
        self.message = message
        self.field = field


def propose_transfer(*, usubjid: str, to_site: Site, on: date, reason: str, by: Actor) -> Transfer:
    """Propose to transfer a subject, named by its whole number; raises PermissionDenied, TransferRefused."""
    require(by, Action.SUBJECT_TRANSFER)
    if not reason.strip():
        raise TransferRefused(NO_REASON, "reason")
    if on > clock.today():
        raise TransferRefused(NO_FUTURE, "on")
    with acting(by=by):
        subject = _named(usubjid)
        _may_receive(subject, to_site)
        if subject.transfers.filter(state=State.PROPOSED).exists():
            raise TransferRefused(PROPOSED_ALREADY, "usubjid")
        return Transfer.objects.create(
            site_id=subject.site_id,
            subject=subject,
            from_site_id=subject.site_id,
            to_site=to_site,
            on=on,
            reason=reason.strip(),
            proposed_by_id=by.user_id or "",
            proposed_by=by.name,
            proposed_at=clock.now(),
        )


def _named(usubjid: str) -> Subject:
    wanted = usubjid.strip().upper()
    found = None
    if identifiers.is_valid(wanted):
        standing = Subject.objects.filter(voided_at=None)
        found = standing.select_for_update(of=("self",)).filter(usubjid=wanted).first()
    if found is None:
        raise TransferRefused(NO_SUBJECT, "usubjid")
    return found


def _may_receive(subject: Subject, site: Site) -> None:
    active = site.role == Site.Role.CLINICAL and site.status == Site.Status.ACTIVE
    if not active or site.code == subject.site_id:
        raise TransferRefused(NO_SITE, "to_site")


def accept_transfer(*, transfer: Transfer, by: Actor) -> Transfer:
    """Carry out what another administrator proposed: the subject and all its rows now belong to the new site.

    Raises PermissionDenied, TransferRefused for the proposer, under a lock, or where it was answered before.
    """
    require(by, Action.SUBJECT_TRANSFER)
    reason = Reason("OTHER", f"Transfer to site {transfer.to_site_id}: {transfer.reason}")
    try:
        with acting(by=by, reason=reason):
            take_chains(subjects=[transfer.subject_id], sites=[transfer.from_site_id, transfer.to_site_id])
            subject = Subject.objects.select_for_update(of=("self",)).get(pk=transfer.subject_id)
            standing = _waiting(transfer, MOVES["accept"], by)
            if subject.site_id != standing.from_site_id or subject.voided_at is not None:
                raise TransferRefused(MOVED_ON)
            _may_receive(subject, standing.to_site)
            _decide(standing, MOVES["accept"], by)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                subject.site = standing.to_site
                subject.save(update_fields=["site"])
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            detail = {"transfer": str(standing.pk), "subject": subject.usubjid, "on": standing.on.isoformat()}
            for site, kind in (
                (standing.from_site_id, "subject_left"),
                (standing.to_site_id, "subject_came"),
            ):
                record_event(kind, by=by, detail=detail, site=site)
            jobs.enqueue("recompute_subject", by=by, args={"subject": str(subject.pk)})
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCKED:
            raise TransferRefused(IS_LOCKED) from error
        raise
    standing.refresh_from_db()
    return standing


def decline_transfer(*, transfer: Transfer, by: Actor) -> Transfer:
    """Take a proposal from the list: by another administrator, or by the proposer who thinks again."""
    require(by, Action.SUBJECT_TRANSFER)
    with acting(by=by):
        standing = _waiting(transfer, MOVES["decline"], by)
        _decide(standing, MOVES["decline"], by)
    return standing


def _waiting(transfer: Transfer, move: Move, by: Actor) -> Transfer:
    found = Transfer.objects.select_for_update(of=("self",)).select_related("to_site").get(pk=transfer.pk)
    if found.state != move.before:
        raise TransferRefused(DECIDED)
    if move.another and (by.user_id is None or found.proposed_by_id == by.user_id):
        raise TransferRefused(SAME_PERSON)
    return found


def _decide(transfer: Transfer, move: Move, by: Actor) -> None:
    transfer.state = move.after
    transfer.decided_by_id, transfer.decided_by = by.user_id or "", by.name
    transfer.decided_at = clock.now()
    transfer.save(update_fields=["state", "decided_by_id", "decided_by", "decided_at"])


def transfers_visible(*, by: Actor) -> QuerySet[Transfer]:
    """Return all transfers, those that wait first; PermissionDenied for roles that may not see them."""
    require(by, Action.TRANSFER_READ)
    found = Transfer.objects.select_related("subject", "from_site", "to_site")
    return found.order_by("-state", "-proposed_at", "id")


def transfer_or_404(by: Actor, transfer_id: uuid.UUID) -> Transfer:
    """Return a transfer."""
    found = transfers_visible(by=by).filter(pk=transfer_id).first()
    if found is None:
        raise Http404
    return found
