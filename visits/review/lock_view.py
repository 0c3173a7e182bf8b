"""Locks in the browser: what is locked, what stands in the way, and the act of locking."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.models import Job
from sites.access import Request, can, needs, require
from sites.models import Site
from sites.proof import needs_code
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.models import Lock, Page, Visit
from visits.review import finality, locking, reminding, unlocking
from visits.review.blockers import Count, blockers, rehearse
from visits.review.gates import KINDS, OWNERS

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing was done, and the blockers that say so."""

    words: str
    counts: tuple[Count, ...] = ()


@needs(Action.LOCK_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def locks(request: Request) -> HttpResponse:
    """Show locks and blockers; POST locks. `?subject=` (number or id) offers that subject and its pages."""
    if request.method == "POST":
        return _lock(request)
    return _show(request)


@needs(Action.LOCK_READ)
@require_safe
def blocker_list(request: Request) -> HttpResponse:
    """List the blockers that a number counts: `?what=` a kind, `?site=`."""
    what, site = request.GET.get("what", ""), request.GET.get("site", "")
    if what and what not in KINDS:
        raise Http404
    found = list(blockers(by=request.actor, kinds=[what] if what else [], site=site))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "kind": KINDS.get(what),
        "what": what,
        "site": site,
        "may_open": can(request.actor, Action.PAGE_READ),
        "may_ask": can(request.actor, Action.QUERY_RAISE),
    }
    return render(request, "locks/blockers.html", context)


@needs(Action.LOCK)
@require_POST
def remind(request: Request) -> HttpResponse:
    """Have everybody reminded by mail whose blockers stand in the way: those of one owner."""
    owner = request.POST.get("owner", "")
    if owner not in OWNERS:
        raise Http404
    told = reminding.remind(owner=owner, by=request.actor)
    if told:
        said = ngettext("%(n)d person is reminded by mail.", "%(n)d people are reminded by mail.", told)
        messages.success(request, said % {"n": told})
    else:
        messages.warning(request, _("Nobody with an address has anything of this to clear."))
    return redirect("locks")


def _show(
    request: Request, *, status: int = 200, reason: str = "", problem: Problem | None = None
) -> HttpResponse:
    actor = request.actor
    standing = list(locking.locks_visible(by=actor)[:200])
    jobs = Job.objects.filter(key__in=[f"snapshot:{lock.pk}" for lock in standing])
    by_lock = {str(job.key).removeprefix("snapshot:"): job for job in jobs}
    subject = find_subject(request.POST.get("subject") or request.GET.get("subject", ""))
    may_lock = can(actor, Action.LOCK)
    pages = pages_of(subject) if subject and may_lock else []
    rehearsal = rehearse(by=actor)
    context = {
        "locks": [(lock, by_lock.get(str(lock.pk))) for lock in standing],
        "study_locked": any(
            lock.level == "study" and lock.kind == "locked" and lock.released_at is None for lock in standing
        ),
        "rehearsal": rehearsal,
        "most": max((count.number for count in rehearsal.counts), default=0),
        "may_lock": may_lock,
        "may_confirm": can(actor, Action.LOCK_CONFIRM),
        "may_follow": can(actor, Action.JOB_READ),
        "proposals": finality.proposals(by=actor),
        "unlocks": unlocking.unlocks_visible(by=actor)[:50],
        "me": actor.user_id,
        "subject": subject,
        "pages": pages,
        "visits": sorted(
            {(page.visit_id, page.visit) for page in pages if page.visit_id}, key=lambda one: str(one[1])
        ),
        "items": [
            (page, FORMS[page.form].items().items()) for page in pages if str(page.id) == _chosen(request)
        ],
        "asked": request.POST.get("subject") or request.GET.get("subject", ""),
        "chosen": _chosen(request),
        "reason": reason,
        "problem": problem,
        "needs_code": needs_code(request),
    }
    return render(request, "locks/locks.html", context, status=status)


def _chosen(request: Request) -> str:
    return request.POST.get("page") or request.GET.get("page", "")


def _lock(request: Request) -> HttpResponse:
    """Lock or freeze what was chosen; a refusal keeps what was typed."""
    require(request.actor, Action.LOCK)
    level, reason = request.POST.get("level", ""), request.POST.get("reason", "")
    if level not in Lock.Level.values:
        raise Http404
    if level == Lock.Level.STUDY and not request.POST.get("seen"):
        words = _("Tick that the blockers are known. Nothing was locked.")
        return _show(request, status=422, reason=reason, problem=Problem(words))
    what = _what(request, level)
    frozen = request.POST.get("kind") == Lock.Kind.FROZEN
    try:
        if frozen:
            locking.freeze(**what, by=request.actor, reason=reason)
        else:
            interim = bool(request.POST.get("interim") or request.POST.get("seen"))
            locking.lock(**what, by=request.actor, reason=reason, interim=interim)
    except ValueError:
        return _show(request, status=422, problem=Problem(_("Say why you lock. Nothing was locked.")))
    except locking.AlreadyLocked:
        return _show(request, status=409, reason=reason, problem=Problem(_("A lock covers this already.")))
    except locking.Blocked as blocked:
        words = _("Not locked: this is still open there.")
        return _show(request, status=409, reason=reason, problem=Problem(words, tuple(blocked.counts)))
    messages.success(request, _("Frozen.") if frozen else _("Locked. Its snapshot is being made."))
    return redirect("locks")


def _what(request: Request, level: str) -> dict[str, Any]:
    """Return what is to be locked, as the form names it: a part of a subject, a site, or the study."""
    if level == Lock.Level.STUDY:
        return {"level": level}
    if level == Lock.Level.SITE:
        return {"level": level, "site": get_object_or_404(Site, code=request.POST.get("site", ""))}
    subject = find_subject(request.POST.get("subject", ""))
    if subject is None:
        raise Http404
    return part_of(request, subject)


def part_of(request: Request, subject: Subject) -> dict[str, Any]:
    """Return the level and the part of a subject that a form names: visit, page, item, or all of it."""
    page_id, item = request.POST.get("page", ""), request.POST.get("item", "")
    if page_id.startswith("visit:"):
        visit = get_object_or_404(Visit, pk=_uuid(page_id.removeprefix("visit:")), subject=subject)
        return {"level": Lock.Level.VISIT, "visit": visit}
    if not page_id:
        return {"level": Lock.Level.SUBJECT, "subject": subject}
    page = get_object_or_404(Page, pk=_uuid(page_id), subject=subject)
    if item:
        return {"level": Lock.Level.ITEM, "page": page, "item": item}
    return {"level": Lock.Level.PAGE, "page": page}


def find_subject(text: str) -> Subject | None:
    """Return the subject of a number or an id, None where there is none."""
    wanted = text.strip()
    if not wanted:
        return None
    found = Subject.objects.filter(voided_at=None).select_related("site")
    try:
        return found.filter(pk=uuid.UUID(wanted)).first()
    except ValueError:
        return found.filter(usubjid__iexact=wanted.replace("\0", "")).first()


def pages_of(subject: Subject) -> list[PageRecord]:
    return [page for page in dossiers.load(subject).pages if not page.removed]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
