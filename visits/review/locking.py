"""Freezing and locking, by whom and past which gates; which locks stand over a page (LCK-01, LCK-02).

The database refuses every write under a standing lock, and lets one win between a save and a lock
(visits/sql/lock.sql); visits/review/guard.py says the same beforehand; unlocking.py opens again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet

from audit import clock, jobs
from audit.actors import Actor
from audit.context import Reason, acting
from sites.access import require, visible_sites
from sites.models import Site
from sites.roles import Action
from subjects.models import Subject
from visits.crfs import FORMS
from visits.models import Lock, Page, Visit
from visits.review.blockers import Count, in_the_way

REFUSED = ("P0E05", "P0E08", "P0E09")  # under a lock; of a voided subject; under a freeze
Kind, Level = Lock.Kind, Lock.Level


class AlreadyLocked(Exception):
    """A standing lock covers already what should be locked."""


class Blocked(Exception):
    """Work is left open there: `counts` says which, and whose."""

    def __init__(self, counts: Sequence[Count]) -> None:
        super().__init__(", ".join(f"{count.number} {count.kind.label.en}" for count in counts))
        self.counts = list(counts)


class NeedsAnother(Exception):
    """The final lock of the study takes two people: one proposes it, another confirms it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a lock is to cover; exactly what its level names is given (nothing: the study)."""

    level: str
    site: str | None = None
    subject: Subject | None = None
    visit: Visit | None = None
    page: Page | None = None
    item: str = ""

    @property
    def keys(self) -> dict[str, object]:
        """The columns of a lock or an unlock of just this."""
        named = {"subject": self.subject, "visit": self.visit, "page": self.page}
        return {"level": self.level, **named, "item": self.item}


def scope(
    level: str,
    *,
    site: Site | None = None,
    subject: Subject | None = None,
    visit: Visit | None = None,
    page: Page | None = None,
    item: str = "",
) -> Scope:
    """Return a scope whose level fits what is named; ValueError where it does not."""
    within = page or visit
    found = within.subject if within is not None else subject
    given = (site is not None, found is not None, visit is not None, page is not None, bool(item))
    wanted = {
        Level.STUDY: (False, False, False, False, False),
        Level.SITE: (True, False, False, False, False),
        Level.SUBJECT: (False, True, False, False, False),
        Level.VISIT: (False, True, True, False, False),
        Level.PAGE: (False, True, False, True, False),
        Level.ITEM: (False, True, False, True, True),
    }
    if wanted.get(Level(level)) != given or (page and item and item not in FORMS[page.form].items()):
        raise ValueError(f"a lock of {level} does not fit what is named")
    code = found.site_id if found else site.code if site else None
    return Scope(level, code, found, visit, page, item)


def lock(
    *,
    level: str,
    by: Actor,
    reason: str,
    site: Site | None = None,
    subject: Subject | None = None,
    visit: Visit | None = None,
    page: Page | None = None,
    item: str = "",
    interim: bool = False,
) -> Lock:
    """Lock an item, a page, a visit, a subject, a site or (interim) the study; its snapshot is made.

    `interim` locks with work left open, for a cut of the data. Raises PermissionDenied, ValueError without a
    reason or where level and target do not fit, AlreadyLocked, Blocked, NeedsAnother for the final lock.
    """
    what = scope(level, site=site, subject=subject, visit=visit, page=page, item=item)
    require(by, Action.LOCK, what.site)
    if level == Level.STUDY and not interim:
        raise NeedsAnother
    return _make(what, Kind.LOCKED, by=by, reason=reason, interim=interim)


def freeze(
    *,
    level: str,
    by: Actor,
    reason: str,
    site: Site | None = None,
    subject: Subject | None = None,
    visit: Visit | None = None,
    page: Page | None = None,
    item: str = "",
) -> Lock:
    """Freeze: no value changes any more but of items with an open query; queries and marks go on.

    Raises PermissionDenied, ValueError, AlreadyLocked.
    """
    what = scope(level, site=site, subject=subject, visit=visit, page=page, item=item)
    require(by, Action.LOCK, what.site)
    return _make(what, Kind.FROZEN, by=by, reason=reason)


def unfreeze(*, frozen: Lock, by: Actor, reason: str) -> Lock:
    """Let values change again; PermissionDenied, ValueError for what is no freeze, AlreadyLocked if gone."""
    require(by, Action.LOCK, frozen.site_id)
    if frozen.kind != Kind.FROZEN or not reason.strip():
        raise ValueError("only a freeze ends by one person's word, and with a reason")
    return release(frozen, by=by, reason=reason)


def release(standing: Lock, *, by: Actor, reason: str) -> Lock:
    """End a freeze or a lock; the caller has asked who may."""
    with acting(by=by, reason=Reason("OTHER", reason.strip())):
        current = Lock.objects.select_for_update().get(pk=standing.pk)
        if current.released_at is not None:
            raise AlreadyLocked("it stands no longer")
        current.released_at, current.released_by = clock.now(), by.name
        current.released_reason = reason.strip()
        current.save(update_fields=["released_at", "released_by", "released_reason"])
    return current


def _make(
    what: Scope,
    kind: str,
    *,
    by: Actor,
    reason: str,
    interim: bool = False,
    confirmed: Actor | None = None,
) -> Lock:
    """Write a lock or a freeze once every write that had begun is over; the gates are asked under it."""
    if not reason.strip():
        raise ValueError("a lock needs a reason")
    with acting(by=confirmed or by, reason=Reason("OTHER", reason.strip())):
        wait_for_writes(what)
        if _stands_over(what, kind):
            raise AlreadyLocked(what.level)
        if kind == Kind.LOCKED:
            left = in_the_way(what.level, what.site, what.subject, what.visit, what.page, what.item)
            if interim:
                left = [count for count in left if count.kind.code == "UNLOCKED"]
            if left:
                raise Blocked(left)
        made = Lock.objects.create(
            kind=kind,
            site_id=what.site,
            **what.keys,
            interim=interim,
            reason=reason.strip(),
            by_id=by.user_id or "",
            by_name=by.name,
            confirmed_by_id=(confirmed and confirmed.user_id) or "",
            confirmed_by=confirmed.name if confirmed else "",
            created_at=clock.now(),
        )
        if kind == Kind.LOCKED and what.level != Level.ITEM:
            jobs.enqueue("build_snapshot", by=by, args={"lock": made.pk}, key=f"snapshot:{made.pk}")
    return made


def make_final(*, reason: str, by: Actor, confirmed: Actor) -> Lock:
    """Make the final lock of the study for two people (visits/review/finality.py asks who they are)."""
    return _make(Scope(Level.STUDY), Kind.LOCKED, by=by, reason=reason, confirmed=confirmed)


def make_again(ended: Lock, *, by: Actor, reason: str) -> Lock:
    """Make a lock anew where it stood, in the names of who made it, for a snapshot of what is there now."""
    with acting(by=by, reason=Reason("SYSTEM", reason)):
        kept = ("kind", "level", "site", "subject", "visit", "page", "item", "interim")
        people = ("by_id", "by_name", "confirmed_by_id", "confirmed_by")
        made = Lock.objects.create(
            **{name: getattr(ended, name) for name in (*kept, *people)},
            reason=f"{ended.reason} · {reason}",
            created_at=clock.now(),
        )
        if made.level != Level.ITEM:
            jobs.enqueue("build_snapshot", by=by, args={"lock": made.pk}, key=f"snapshot:{made.pk}")
    return made


def wait_for_writes(what: Scope) -> None:
    """Take what the lock's trigger takes, the door or the subject's row: two locks come one by one."""
    if what.subject is not None:
        Subject.objects.select_for_update(of=("self",)).get(pk=what.subject.pk)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('visits.lock'))")


def _stands_over(what: Scope, kind: str) -> bool:
    """Say whether a lock (for a freeze: or a freeze) covers all of this already."""
    kinds = [Kind.LOCKED] if kind == Kind.LOCKED else [Kind.LOCKED, Kind.FROZEN]
    wider = Q(level=Level.STUDY)
    if what.site is not None:
        wider |= Q(level=Level.SITE, site_id=what.site)
    if what.subject is not None:
        wider |= Q(level=Level.SUBJECT, subject=what.subject)
    visit_id = what.page.visit_id if what.page else what.visit and what.visit.pk
    if visit_id is not None:
        wider |= Q(level=Level.VISIT, visit_id=visit_id)
    if what.page is not None:
        wider |= Q(level=Level.PAGE, page=what.page)
    if what.item:
        wider |= Q(level=Level.ITEM, page=what.page, item=what.item)
    return Lock.objects.filter(wider, released_at=None, kind__in=kinds).exists()


def covering(*, subject_id: uuid.UUID | None, page_ids: Sequence[uuid.UUID] = ()) -> list[Lock]:
    """Return the standing locks over a subject (None: over the study) and these pages of it, whole."""
    wider = Q(level=Level.STUDY) | Q(level=Level.PAGE, page_id__in=list(page_ids))
    if subject_id is not None:
        wider |= Q(level=Level.SUBJECT, subject_id=subject_id)
        wider |= Q(level=Level.SITE, site__in=Subject.objects.filter(pk=subject_id).values("site"))
        wider |= Q(level=Level.VISIT, visit__in=Page.objects.filter(pk__in=list(page_ids)).values("visit"))
    return list(Lock.objects.filter(wider, released_at=None, kind=Kind.LOCKED))


def locks_visible(*, by: Actor) -> QuerySet[Lock]:
    """Return all locks that this person may read, the newest first; PermissionDenied for roles without."""
    require(by, Action.LOCK_READ)
    found = Lock.objects.select_related("subject", "visit", "page__visit").order_by("-created_at", "id")
    sites = visible_sites(by, Action.LOCK_READ)
    return found if sites is None else found.filter(Q(site_id__in=sites) | Q(level=Level.STUDY))


def is_freeze(error: DatabaseError) -> bool:
    """Say whether it was a freeze that refused: items with an open query may still change."""
    return getattr(error.__cause__, "sqlstate", None) == "P0E09"


def refused_by_lock(error: DatabaseError) -> bool:
    """Say whether the database refused a write because of a lock, or for a voided subject (LCK-01)."""
    return getattr(error.__cause__, "sqlstate", None) in REFUSED
