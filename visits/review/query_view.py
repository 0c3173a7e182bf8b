"""Queries in the browser: the list, one thread, raising, answering, closing."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page, Query
from visits.review.queries import (
    ANSWERS,
    CLOSE_REASONS,
    NotPossible,
    may_be_released,
    move_query,
    queries_visible,
    raise_query,
)

PER_PAGE = 50
LISTS = {
    "open": Q(state="OPEN"),
    "answered": Q(state="ANSWERED"),
    "all": ~Q(state="CANDIDATE"),
    "closed": Q(state="CLOSED"),
    "changed": Q(state="CLOSED", close_reason__in=["corrected", "auto"]),
    "candidates": Q(state="CANDIDATE"),
    "every": Q(),
}
OFFERED = ("open", "answered", "all")


@needs(Action.QUERY_READ)
@require_GET
def query_list(request: Request) -> HttpResponse:
    """List the queries that this person may read, oldest first; `?show=` as in LISTS, `?check=` of one."""
    visible = queries_visible(by=request.actor)
    show = request.GET.get("show", "open")
    if show not in LISTS:
        raise Http404
    found = visible.filter(LISTS[show]).select_related("page__visit", "subject").order_by("opened_at", "id")
    subject = request.GET.get("subject", "")
    if subject:
        found = found.filter(subject__usubjid=subject)
    check = request.GET.get("check", "")
    if check:
        found, visible = found.filter(check_id=check), visible.filter(check_id=check)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    counts = {name: visible.filter(LISTS[name]).count() for name in OFFERED}
    context = {
        "page": page,
        "show": show,
        "counts": counts,
        "subject": subject,
        "check": check,
        "may_read_checks": can(request.actor, Action.CHECK_READ),
    }
    return render(request, "queries/list.html", context)


@needs(Action.QUERY_READ)
@require_http_methods(["GET", "POST"])
def query(request: Request, query_id: uuid.UUID) -> HttpResponse:
    """Show one thread; POST takes it a step further."""
    found = get_object_or_404(
        queries_visible(by=request.actor).select_related("page__visit", "subject").prefetch_related("steps"),
        pk=query_id,
    )
    if request.method == "POST":
        return _move(request, found)
    actor = request.actor
    context = {
        "query": found,
        "may_answer": can(actor, Action.QUERY_ANSWER, found.site_id) and found.state == "OPEN",
        "may_close": can(actor, Action.QUERY_CLOSE, found.site_id) and found.state in ("OPEN", "ANSWERED"),
        "may_ask": can(actor, Action.QUERY_RAISE, found.site_id) and found.state in ("ANSWERED", "CLOSED"),
        "may_release": can(actor, Action.QUERY_CLOSE, found.site_id) and found.state == "CANDIDATE",
        "for_site": may_be_released(found),
        "close_reasons": {key: words for key, words in CLOSE_REASONS.items() if key != "auto"},
        "page_url": page_url(found.page),
    }
    return render(request, "queries/thread.html", context)


def page_url(page: Page) -> str:
    """Return the address of the page that a query is about."""
    visit = page.visit.key if page.visit else LOG
    record = f"?record={page.ordinal}" if FORMS[page.form].repeating else ""
    return reverse("page", args=[page.subject_id, visit, page.form]) + record


def _move(request: Request, found: Query) -> HttpResponse:
    move = request.POST.get("move", "")
    text = request.POST.get("text", "").strip()
    reason = request.POST.get("reason", "")
    given = request.POST.get("answer", "")
    if move == "answer" and given in ANSWERS:
        said, reason = ANSWERS[given], given
        text = f"{said.en} {said.zh}" + (f" {text}" if text else "")
    try:
        move_query(query=found, move=move, by=request.actor, text=text, reason=reason)
    except NotPossible:
        messages.warning(request, _("Somebody moved this query on meanwhile. Nothing was changed."))
    except (ValueError, KeyError):
        messages.error(request, _("Write an answer, or choose a reason. Nothing was changed."))
    else:
        messages.success(request, _("Done."))
    return redirect(_back(request, reverse("query", args=[found.pk])))


@needs(Action.QUERY_RAISE)
@require_POST
def raise_one(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Ask about an item or a page of a subject."""
    subject = subject_or_404(request.actor, subject_id, Action.QUERY_RAISE)
    try:
        page_id = uuid.UUID(request.POST.get("page", ""))
    except ValueError as error:
        raise Http404 from error
    page = get_object_or_404(Page, pk=page_id, subject=subject)
    item = request.POST.get("items", "")
    try:
        raise_query(
            page=page, items=[item] if item else [], text=request.POST.get("text", ""), by=request.actor
        )
        messages.success(request, _("The query is open."))
    except ValueError:
        messages.error(request, _("A query needs a question."))
    return redirect(_back(request, page_url(page)))


def _back(request: Request, otherwise: str) -> str:
    target = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else otherwise
