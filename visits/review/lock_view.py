"""Locks in the browser: what is locked, what stands in the way, and the act of locking."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.models import Job
from sites.access import Request, can, needs, require
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.dossier import PageRecord
from visits.models import Lock, Page
from visits.review import locking
from visits.review.blockers import KINDS, blockers, rehearse

PER_PAGE = 100


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
    }
    return render(request, "locks/blockers.html", context)


def _show(request: Request, *, status: int = 200, reason: str = "", problem: str = "") -> HttpResponse:
    actor = request.actor
    standing = list(locking.locks_visible(by=actor)[:200])
    jobs = Job.objects.filter(key__in=[f"snapshot:{lock.pk}" for lock in standing])
    by_lock = {str(job.key).removeprefix("snapshot:"): job for job in jobs}
    subject = _subject(request.POST.get("subject") or request.GET.get("subject", ""))
    context = {
        "locks": [(lock, by_lock.get(str(lock.pk))) for lock in standing],
        "study_locked": any(lock.level == "study" and lock.released_at is None for lock in standing),
        "rehearsal": rehearse(by=actor),
        "may_lock": can(actor, Action.LOCK),
        "may_follow": can(actor, Action.JOB_READ),
        "subject": subject,
        "pages": _pages(subject) if subject and can(actor, Action.LOCK) else [],
        "asked": request.POST.get("subject") or request.GET.get("subject", ""),
        "chosen": request.POST.get("page") or request.GET.get("page", ""),
        "reason": reason,
        "problem": problem,
    }
    return render(request, "locks/locks.html", context, status=status)


def _lock(request: Request) -> HttpResponse:
    """Lock what was chosen; a refusal keeps what was typed."""
    require(request.actor, Action.LOCK)
    level, reason = request.POST.get("level", ""), request.POST.get("reason", "")
    if level not in Lock.Level.values:
        raise Http404
    subject = page = None
    if level != Lock.Level.STUDY:
        subject = _subject(request.POST.get("subject", ""))
        if subject is None:
            raise Http404
        chosen = request.POST.get("page")
        page = get_object_or_404(Page, pk=_uuid(chosen), subject=subject) if chosen else None
        level = Lock.Level.PAGE if page else Lock.Level.SUBJECT
    elif not request.POST.get("seen"):
        return _show(
            request,
            status=422,
            reason=reason,
            problem=_("Tick that the blockers are known. Nothing was locked."),
        )
    try:
        locking.lock(
            level=level, subject=None if page else subject, page=page, by=request.actor, reason=reason
        )
    except ValueError:
        return _show(request, status=422, problem=_("Say why you lock. Nothing was locked."))
    except locking.AlreadyLocked:
        return _show(request, status=409, reason=reason, problem=_("A lock covers this already."))
    messages.success(request, _("Locked. Its snapshot is being made."))
    return redirect("locks")


def _subject(text: str) -> Subject | None:
    """Return the subject of a number or an id, None where there is none."""
    wanted = text.strip()
    if not wanted:
        return None
    found = Subject.objects.filter(voided_at=None).select_related("site")
    try:
        return found.filter(pk=uuid.UUID(wanted)).first()
    except ValueError:
        return found.filter(usubjid__iexact=wanted.replace("\0", "")).first()


def _pages(subject: Subject) -> list[PageRecord]:
    return [page for page in dossiers.load(subject).pages if not page.removed]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
