"""Verification in the browser: the monitor's work lists, verifying what is listed, taking a mark back."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from audit.context import REASONS
from protocol.words import Bilingual
from sites.access import Request, can, from_script, needs
from sites.models import Site
from sites.reader import said
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits import dossier as dossiers
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page
from visits.review import locking
from visits.review.queries import queries_visible
from visits.review.sdv import plan as plans
from visits.review.sdv import standing
from visits.review.sdv.changes import Changed, changed
from visits.review.sdv.records import Verification
from visits.review.sdv.states import seen
from visits.review.sdv.verifying import (
    ChangedMeanwhile,
    NotPossible,
    UnderLock,
    verify_page,
    withdraw,
)
from visits.trail.history import item_history

PER_PAGE = 50
STALE, CRITICAL, EVERY = "stale", "critical", "all"
LISTS = (STALE, CRITICAL, EVERY)
PURPOSES = {
    "endpoint": Bilingual("read by endpoints", "用于终点计算"),
    "eligibility": Bilingual("read by eligibility", "用于入排判断"),
    "safety": Bilingual("read by safety rules", "用于安全性规则"),
}


@needs(Action.SDV_READ)
@require_GET
def verify(request: Request) -> HttpResponse:
    """Show what waits: `?list=` as in LISTS, `?site=`, `?visit=`, `?at=` the mark that stands open."""
    wanted, site = request.GET.get("list", STALE), request.GET.get("site", "")
    if wanted not in LISTS or (site and not Site.objects.filter(code=site).exists()):
        raise Http404
    plan = plans.in_force()
    by = request.actor
    critical = standing.progress(by=by, plan=plan, critical_only=True, site=site)
    every = standing.progress(by=by, plan=plan, site=site)
    marks = standing.stale_marks(by=by, site=site)
    context: dict[str, Any] = {
        "wanted": wanted,
        "site": site,
        "plan": plan,
        "counts": _counts(critical, every, len(marks)),
        "answered": queries_visible(by=by)
        .filter(state="ANSWERED", **({"site_id": site} if site else {}))
        .count(),
        "visits": _by_visit(critical),
        "sites": sorted({one.site for one in every}),
        "may_verify": can(by, Action.SDV_VERIFY),
        "may_ask": can(by, Action.QUERY_RAISE),
        "may_report": can(by, Action.VISIT_REPORT_READ),
        "purposes": PURPOSES,
    }
    if wanted == STALE:
        context |= _stale(request, marks, plan)
    else:
        pages = standing.waiting_pages(
            by=by, plan=plan, site=site, visit=request.GET.get("visit", ""), critical_only=wanted == CRITICAL
        )
        context["page"] = Paginator([(one, page_address(one)) for one in pages], PER_PAGE).get_page(
            request.GET.get("page")
        )
    return render(request, "sdv/verify.html", context)


def _counts(critical: list[standing.Progress], every: list[standing.Progress], stale: int) -> dict[str, int]:
    _due, first, _changed = standing.counted(critical)
    _due, pending, _changed = standing.counted(every)
    return {STALE: stale, CRITICAL: first, EVERY: pending}


def _by_visit(found: list[standing.Progress]) -> list[standing.Progress]:
    """Return how far the critical items of each visit are, over all sites."""
    visits: dict[str, list[standing.Progress]] = {}
    for one in found:
        visits.setdefault(one.visit, []).append(one)
    return [
        standing.Progress("", visit, *standing.counted(rows), sum(row.pages for row in rows))
        for visit, rows in visits.items()
    ]


def _stale(request: Request, marks: list[standing.Stale], plan: plans.InForce) -> dict[str, Any]:
    only = request.GET.get("only", "") == "critical"
    listed = [mark for mark in marks if not only or plan.is_critical(mark.form, mark.item)]
    newest = sorted(changed(listed, plan=plan), key=lambda one: one.days)
    page = Paginator(newest, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    at = request.GET.get("at", "")
    place = next((number for number, one in enumerate(rows) if str(one.mark.id) == at), 0)
    here = rows[place] if rows else None
    return {
        "page": page,
        "rows": rows,
        "only": only,
        "critical_stale": sum(plan.is_critical(mark.form, mark.item) for mark in marks),
        "here": here,
        "number": place + 1,
        "before": rows[place - 1] if place else None,
        "after": rows[place + 1] if place + 1 < len(rows) else None,
        "reasons": REASONS,
        **(_panel(request, here) if here else {}),
    }


def _panel(request: Request, one: Changed) -> dict[str, Any]:
    page = Page.objects.get(pk=one.mark.page_id)
    earlier = Verification.objects.filter(page=page, item=one.mark.item).order_by("-at")[:5]
    history = item_history(page, one.mark.item, by=request.actor)[:12]
    happened = [(mark.at, mark, None) for mark in earlier] + [(line.at, None, line) for line in history]
    return {
        "happened": sorted(happened, key=lambda one: one[0], reverse=True),
        "address": page_address(one.mark),
        "stamp": stamp_of(page, one.mark.item),
    }


def stamp_of(page: Page, item: str) -> str:
    """Return what a form sends to verify an item as it stands now: page, item, and the value looked at."""
    record = dossiers.load(Subject.objects.get(pk=page.subject_id)).page(page.pk)
    return "" if record is None else f"{page.pk}:{item}:{seen(record, item)}"


def page_address(one: standing.Stale | standing.WaitingPage) -> str:
    """Return the address of the page on which something waits."""
    record = f"?record={one.ordinal}" if FORMS[one.form].repeating else ""
    return reverse("page", args=[one.subject_id, one.visit or LOG, one.form]) + record


@needs(Action.SDV_VERIFY)
@require_POST
def verify_items(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Verify the items listed as `mark` (page:item:value looked at); `only` takes those of one row."""
    subject = subject_or_404(request.actor, subject_id, Action.SDV_VERIFY)
    listed = _listed(request, subject)
    try:
        new = verify_page(subject=subject, seen=listed, by=request.actor)
    except ChangedMeanwhile as changes:
        return _answer(request, subject, 409, _told_changed(listed, changes))
    except UnderLock:
        return _answer(request, subject, 409, _("Locked meanwhile. Nothing was verified."))
    except NotPossible:
        return _answer(request, subject, 422, _("There is no value to verify. Nothing was verified."))
    except ValueError:
        return _answer(request, subject, 422, _("Name what you have verified. Nothing was verified."))
    except DatabaseError as error:
        if not locking.refused_by_lock(error):
            raise
        return _answer(request, subject, 409, _("Locked meanwhile. Nothing was verified."))
    return _answer(
        request, subject, 200, ngettext("%(n)d item verified.", "%(n)d items verified.", new) % {"n": new}
    )


def _listed(request: Request, subject: Subject) -> dict[uuid.UUID, dict[str, str]]:
    """Read what is listed; 404 for pages of other subjects and for what was not made by our own page."""
    found: dict[uuid.UUID, dict[str, str]] = {}
    for mark in request.POST.getlist("mark"):
        page, _colon, rest = mark.partition(":")
        item, _colon, looked_at = rest.partition(":")
        if request.POST.get("only", page) == page:
            found.setdefault(_uuid(page), {})[item] = looked_at
    if Page.objects.filter(pk__in=found, subject=subject).count() != len(found):
        raise Http404
    return found


def _told_changed(listed: dict[uuid.UUID, dict[str, str]], changes: ChangedMeanwhile) -> str:
    form = Page.objects.get(pk=next(iter(listed))).form
    labels = ", ".join(said(FORMS[form].items()[item].label) for item in changes.items)
    return _("Changed since you looked: %(items)s. Nothing was verified.") % {"items": labels}


@needs(Action.SDV_VERIFY)
@require_POST
def withdraw_mark(request: Request, subject_id: uuid.UUID, mark_id: uuid.UUID) -> HttpResponse:
    """Take a mark back, with a reason."""
    subject = subject_or_404(request.actor, subject_id, Action.SDV_VERIFY)
    mark = get_object_or_404(Verification, pk=mark_id, subject=subject)
    try:
        withdraw(verification=mark, reason=request.POST.get("text", ""), by=request.actor)
    except ValueError:
        return _answer(request, subject, 422, _("Say why the mark is taken back. Nothing was changed."))
    except NotPossible:
        return _answer(request, subject, 409, _("This mark stands no longer. Nothing was changed."))
    return _answer(request, subject, 200, _("The mark is taken back."))


def _answer(request: Request, subject: Subject, status: int, words: str) -> HttpResponse:
    """Say what came of it: to the page's script as JSON, else on the page one came from."""
    if from_script(request):
        return JsonResponse({"said": words}, status=status)
    (messages.success if status == 200 else messages.warning)(request, words)
    target = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if safe else reverse("subject", args=[subject.pk]))


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
