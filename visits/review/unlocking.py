"""Unlocking for a time: asked for by one, granted by another, shut by the clock, told by a diff (LCK-03).

ASKED -> GRANTED or REFUSED; GRANTED -> RELOCKED. What is opened is the smallest part that is asked for (an
item, a page, a visit, a subject: never a site or the study); the lock itself stands on around it. At `until`
the database closes it by itself; the job only writes down what was changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol.words import Bilingual
from sites import reader
from sites.access import require, visible_sites
from sites.roles import Action
from subjects.models import Subject
from visits.crfs import FORMS
from visits.models import Lock, Page, Visit
from visits.review import changed, locking
from visits.review.records import Unlock
from visits.review.signing.acts import Proven, same_person

State = Unlock.State
DAYS = (1, 3, 7, 14)
RELOCKED = "Locked again after an unlock. 解锁到期后重新锁定。"


@dataclass(frozen=True, slots=True)
class Move:
    """One transition of an unlock: from where, to where, who may; by another, and proven anew, or not."""

    before: str
    after: str
    action: Action
    another: bool
    proof: bool = False


MOVES: dict[str, Move] = {
    "grant": Move(State.ASKED, State.GRANTED, Action.LOCK_CONFIRM, another=True, proof=True),
    "refuse": Move(State.ASKED, State.REFUSED, Action.LOCK_CONFIRM, another=False),
    "relock": Move(State.GRANTED, State.RELOCKED, Action.LOCK, another=False),
}


class NotPossible(Exception):
    """The unlock is not in a state from which this move exists."""


def ask_to_unlock(
    *,
    lock: Lock,
    level: str,
    by: Actor,
    reason: str,
    days: int,
    subject: Subject | None = None,
    visit: Visit | None = None,
    page: Page | None = None,
    item: str = "",
) -> Unlock:
    """Ask for an item, a page, a visit or a subject under a lock to be opened for some days.

    Raises PermissionDenied, ValueError (no reason, no such scope under this lock, days not in DAYS),
    NotPossible where one for the same is asked for or granted already.
    """
    what = locking.scope(level, subject=subject, visit=visit, page=page, item=item)
    require(by, Action.LOCK, what.site)
    if what.subject is None or days not in DAYS or not reason.strip() or not _under(lock, what):
        raise ValueError("an unlock needs a reason, a time, and a part of a subject under a standing lock")
    standing = Unlock.objects.filter(**what.keys, state__in=[State.ASKED, State.GRANTED])
    with acting(by=by):
        if standing.exists():
            raise NotPossible
        return Unlock.objects.create(
            lock=lock,
            site_id=what.subject.site_id,
            **what.keys,
            reason=reason.strip(),
            days=days,
            by_id=by.user_id or "",
            by_name=by.name,
            at=clock.now(),
        )


def _under(lock: Lock, what: locking.Scope) -> bool:
    """Say whether a lock stands and covers what is to be opened."""
    if lock.released_at is not None or lock.kind != Lock.Kind.LOCKED or what.subject is None:
        return False
    visit_id = what.page.visit_id if what.page else what.visit and what.visit.pk
    page_id = what.page.pk if what.page else None
    return {
        Lock.Level.STUDY: True,
        Lock.Level.SITE: lock.site_id == what.site,
        Lock.Level.SUBJECT: lock.subject_id == what.subject.pk,
        Lock.Level.VISIT: lock.visit_id is not None and lock.visit_id == visit_id,
        Lock.Level.PAGE: lock.page_id is not None and lock.page_id == page_id,
        Lock.Level.ITEM: (lock.page_id, lock.item) == (page_id, what.item),
    }[Lock.Level(lock.level)]


def decide(*, unlock: Unlock, move: str, by: Actor, proven: Proven | None = None) -> Unlock:
    """Grant (somebody else than who asked, proven anew), refuse, or end an unlock.

    Raises PermissionDenied (also for granting unproven, or one's own), NotPossible.
    """
    step = MOVES[move]
    require(by, step.action, unlock.site_id)
    if move == "relock":
        return relock(unlock, by=by)
    with acting(by=by):
        current = Unlock.objects.select_for_update(of=("self",)).select_related("lock").get(pk=unlock.pk)
        if current.state != step.before:
            raise NotPossible(current.state)
        if step.another and by.user_id == current.by_id:
            raise PermissionDenied(_("Another person has to grant this. Nothing was changed."))
        if step.proof:
            same_person(by, proven)
        if move == "grant" and current.lock.released_at is not None:
            raise NotPossible("its lock stands no longer")
        current.state, current.decided_at = step.after, clock.now()
        current.decided_by_id, current.decided_by = by.user_id or "", by.name
        if move == "grant":
            current.until = current.decided_at + timedelta(days=current.days)
        current.save(update_fields=["state", "decided_at", "decided_by_id", "decided_by", "until"])
    return current


def relock(unlock: Unlock, *, by: Actor) -> Unlock:
    """Shut an unlock and write down what was changed; its lock is then made anew, for a new snapshot."""
    with acting(by=by):
        subject = Subject.objects.select_for_update(of=("self",)).get(pk=unlock.subject_id)
        current = Unlock.objects.select_for_update(of=("self",)).select_related("lock").get(pk=unlock.pk)
        if current.state != MOVES["relock"].before:
            raise NotPossible(current.state)
        now = clock.now()
        current.changes = changed.since_granted(subject, current)
        current.state, current.relocked_at = MOVES["relock"].after, now
        current.save(update_fields=["state", "relocked_at", "changes"])
    if current.changes and not _others_stand(current):
        _lock_anew(current.lock, by=by)
    return current


def _others_stand(unlock: Unlock) -> bool:
    return Unlock.objects.filter(lock=unlock.lock, state=State.GRANTED).exists()


def _lock_anew(ended: Lock, *, by: Actor) -> None:
    """End a lock and make it again in one transaction: at no moment is anything open."""
    with acting(by=by):
        locking.wait_for_writes(locking.Scope(ended.level, ended.site_id, ended.subject))
        standing = Lock.objects.select_for_update(of=("self",)).get(pk=ended.pk)
        if standing.released_at is None:
            locking.release(standing, by=by, reason=RELOCKED)
            locking.make_again(standing, by=by, reason=RELOCKED)


def relock_expired(*, by: Actor) -> dict[str, Any]:
    """Shut every unlock whose time is over; for the job, which may be run again at any time."""
    done = 0
    for unlock in _expired().order_by("until"):
        try:
            relock(unlock, by=by)
            done += 1
        except NotPossible:
            continue
    return {"relocked": done}


def any_expired() -> bool:
    """Say whether there is anything for the job to do."""
    return _expired().exists()


def _expired() -> QuerySet[Unlock]:
    return Unlock.objects.filter(state=State.GRANTED, until__lte=clock.now())


def unlocks_visible(*, by: Actor) -> QuerySet[Unlock]:
    """Return the unlocks that this person may read, the newest first."""
    require(by, Action.LOCK_READ)
    found = Unlock.objects.select_related("lock", "subject", "visit", "page__visit").order_by("-at", "id")
    sites = visible_sites(by, Action.LOCK_READ)
    return found if sites is None else found.filter(site_id__in=sites)


@dataclass(frozen=True, slots=True)
class Told:
    """One change under an unlock, in words: where, which item, from what to what, who and when."""

    form: str
    visit: str | None
    label: Bilingual
    old: str
    new: str
    by: str
    at: datetime


def told(unlock: Unlock) -> list[Told]:
    """Return what was changed under an unlock: as kept once it is shut, as it stands while it is open."""
    open_still = unlock.state == State.GRANTED
    found = changed.since_granted(unlock.subject, unlock) if open_still else unlock.changes
    return [_in_words(one) for one in found]


def _in_words(one: dict[str, Any]) -> Told:
    item = FORMS[one["form"]].items().get(one["item"])
    label = item.label if item else Bilingual("The page", "页面")
    at = datetime.fromisoformat(one["at"])
    return Told(
        one["form"], one["visit"], label, _read(item, one["old"]), _read(item, one["new"]), one["by"], at
    )


def _read(item: Any, stored: str | None) -> str:
    """Return a stored code as its term reads, anything else as it stands."""
    if stored is None:
        return "–"
    codelist = getattr(item, "codelist", None)
    if codelist is None or stored not in codelist:
        return stored
    return str(codelist.decode(stored).in_(reader.language()))
