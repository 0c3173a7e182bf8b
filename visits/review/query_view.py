"""Queries in the browser: the list, one thread, raising, answering, closing."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sites.access import Request, can, needs, visible_sites
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page, Query
from visits.review import query_lists
from visits.review.bulk import MOST, Place, raise_queries
from visits.review.queries import (
    ANSWERS,
    CLOSE_REASONS,
    NotPossible,
    may_be_released,
    move_query,
    queries_visible,
    raise_query,
)
from visits.review.query_lists import AGES, Wanted

PER_PAGE = 50
OFFERED = ("open", "answered", "closed", "all")


@needs(Action.QUERY_READ)
@require_GET
def query_list(request: Request) -> HttpResponse:
    """List the queries that this person may read, longest waiting first; the address is Wanted's."""
    wanted = Wanted.of(request.GET.dict())
    if wanted is None:
        raise Http404
    actor = request.actor
    page = Paginator(query_lists.listed(by=actor, wanted=wanted), PER_PAGE).get_page(request.GET.get("page"))
    in_state = query_lists.in_state(by=actor, wanted=wanted, shows=OFFERED)
    context = {
        "page": page,
        "wanted": wanted,
        "show": wanted.show,
        "shows": [(show, wanted.with_(show=show).address, in_state[show]) for show in OFFERED],
        "counted": query_lists.counted(by=actor, wanted=wanted),
        "pace": {one.site: one for one in query_lists.pace(by=actor)},
        "ages": [(name, wanted.with_(age=name).address, age[2]) for name, age in AGES.items()],
        "check": wanted.check,
        "may_read_checks": can(actor, Action.CHECK_READ),
        "may_ask": can(actor, Action.QUERY_RAISE),
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
    return _thread(request, found)


def _thread(request: Request, found: Query, *, unsent: str | None = None, status: int = 200) -> HttpResponse:
    """Show one thread; with `unsent`, what came too late, so that nobody writes it twice."""
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
        "list": _list_of(request),
        "spent": [(state, time.days) for state, time in query_lists.time_in_states(found).items()],
        "too_late": unsent is not None,
        "unsent": unsent,
    }
    return render(request, "queries/thread.html", context, status=status)


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
        now = queries_visible(by=request.actor).select_related("page__visit", "subject").get(pk=found.pk)
        return _thread(request, now, unsent=request.POST.get("text", "").strip(), status=409)
    except (ValueError, KeyError):
        messages.error(request, _("Write an answer, or choose a reason. Nothing was changed."))
    else:
        messages.success(request, _("Done."))
    back = _list_of(request)
    here = reverse("query", args=[found.pk]) + (f"?{urlencode({'list': back})}" if back else "")
    return redirect(_back(request, here))


def _list_of(request: Request) -> str:
    """Return the address of the list that this person came from, as far as it is one."""
    given = request.GET.get("list") or request.POST.get("list", "")
    wanted = Wanted.of(dict(parse_qsl(given)))
    return wanted.address if given and wanted is not None else ""


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
    items = [name for name in request.POST.getlist("items") if name]
    try:
        raise_query(page=page, items=items, text=request.POST.get("text", ""), by=request.actor)
        messages.success(request, _("The query is open."))
    except ValueError:
        messages.error(request, _("A query needs a question, and items of this page."))
    return redirect(_back(request, page_url(page)))


@needs(Action.QUERY_RAISE)
@require_POST
def raise_many(request: Request) -> HttpResponse:
    """Ask one question at every place that was ticked on a list: `at` is a page, or a page and its items."""
    try:
        places = _places(request)
        done = raise_queries(places=places, text=request.POST.get("text", ""), by=request.actor)
    except ValueError:
        messages.error(request, _("Tick one place or more (at most 200) and write a question."))
        return redirect(_back(request, reverse("queries")))
    said = ngettext("%(n)d query is open.", "%(n)d queries are open.", len(done.queries))
    messages.success(request, said % {"n": len(done.queries)})
    if done.locked:
        left = ngettext("%(n)d place is locked.", "%(n)d places are locked.", len(done.locked))
        messages.warning(request, left % {"n": len(done.locked)})
    return redirect(_back(request, reverse("queries")))


def _places(request: Request) -> list[Place]:
    """Return the places that a list names, of the sites that this person reaches; 404 for any other."""
    asked: dict[tuple[uuid.UUID, tuple[str, ...]], None] = {}
    for one in request.POST.getlist("at")[: MOST + 1]:
        page_id, _sep, items = one.partition(":")
        asked[uuid.UUID(page_id), tuple(name for name in items.split(",") if name)] = None
    sites = visible_sites(request.actor, Action.QUERY_RAISE)
    found = Page.objects.filter(pk__in=[page_id for page_id, _items in asked], subject__voided_at=None)
    pages = {page.pk: page for page in (found if sites is None else found.filter(site_id__in=sites))}
    if any(page_id not in pages for page_id, _items in asked):
        raise Http404
    return [Place(pages[page_id], items) for page_id, items in asked]


def _back(request: Request, otherwise: str) -> str:
    target = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else otherwise
