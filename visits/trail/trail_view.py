"""The trail in the browser: histories of an item, a page and a subject; the lists and their reviews."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from audit.context import record_event
from audit.models import Entry
from sites.access import Request, can, from_script, needs, visible_sites
from sites.models import Site
from sites.proof import needs_code
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits.blinding import forms_open_to
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page
from visits.review.signing.proving import Unproven, proven
from visits.trail import history, lists, reviews
from visits.trail.history import Wanted
from visits.trail.told import Line, lines, versions_of

PER_PAGE = 50


@needs(Action.TRAIL_READ)
@require_GET
def item(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID, item: str) -> HttpResponse:
    """Show the history of one item: alone where the page's script asks, else as a page."""
    subject, page = _page_or_404(request, subject_id, page_id)
    asked = FORMS[page.form].items().get(item)
    if asked is None:
        raise Http404
    told = history.item_history(page, item, by=request.actor)
    record_event(
        "trail_viewed", by=request.actor, detail={"page": str(page.pk), "item": item}, subject=subject.pk
    )
    context = {
        "lines": told,
        "subject": subject,
        "page": page,
        "item": item,
        "label": asked.label,
        "redactable": can(request.actor, Action.REDACT, subject.site_id),
        **_around(page),
    }
    return render(request, "trail/in_place.html" if from_script(request) else "trail/item.html", context)


@needs(Action.TRAIL_READ)
@require_GET
def page(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Show everything that happened to one page."""
    subject, found = _page_or_404(request, subject_id, page_id)
    told = history.page_history(found, by=request.actor)
    record_event("trail_viewed", by=request.actor, detail={"page": str(found.pk)}, subject=subject.pk)
    return render(
        request,
        "trail/page.html",
        {
            "lines": told,
            "subject": subject,
            "page": found,
            "redactable": can(request.actor, Action.REDACT, subject.site_id),
            **_around(found),
        },
    )


@needs(Action.TRAIL_READ)
@require_GET
def subject(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show a subject's chain, newest first, narrowed by who, when and which form."""
    found = subject_or_404(request.actor, subject_id, Action.TRAIL_READ)
    wanted, before = _wanted(request), request.GET.get("before", "")
    told, further = history.subject_history(
        found.pk,
        by=request.actor,
        wanted=wanted,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
    )
    record_event("trail_viewed", by=request.actor, detail={"from": before or "newest"}, subject=found.pk)
    named = {one.page_id for line in told for one in (line, *line.parts) if one.page_id}
    pages = Page.objects.filter(pk__in=named).select_related("visit")
    context = {
        "subject": found,
        "lines": told,
        "addresses": {str(one.pk): one for one in pages},
        "further": f"?{_query(request, before=further)}" if further else "",
        "forms": [(form, FORMS[form].title) for form in FORMS if form in forms_open_to(request.actor)],
        "wanted": wanted,
    }
    return render(request, "trail/subject.html", context)


@needs(Action.TRAIL_LISTS_READ)
@require_GET
def trail(request: Request) -> HttpResponse:
    """Show the lists with how much each holds, who reviewed it last, and the export."""
    wanted = _wanted(request)
    site = _site(request)
    found = [
        {
            "name": name,
            "title": title,
            "purpose": purpose,
            "count": len(lists.findings(name, by=request.actor, wanted=wanted, site=site)),
            "review": reviews.last_review(name, site=request.actor.site or site),
        }
        for name, (title, purpose) in lists.WORDS.items()
    ]
    context = {"lists": found, "most": lists.MOST, "may_export": can(request.actor, Action.TRAIL_EXPORT)}
    context["may_see_redactions"] = can(request.actor, Action.REDACTION_READ)
    return render(request, "trail/lists.html", context | _filters(request, wanted, site))


@sensitive_post_parameters("password", "code")
@needs(Action.TRAIL_LISTS_READ)
@never_cache
@require_http_methods(["GET", "POST"])
def trail_list(request: Request, name: str) -> HttpResponse:
    """Show one list; POST signs that it was looked through, as it was shown (AUD-14)."""
    if name not in lists.WORDS:
        raise Http404
    wanted, site, subject = _wanted(request), _site(request), request.GET.get("subject", "").strip()
    found = lists.findings(name, by=request.actor, wanted=wanted, site=site, subject=subject)
    site = request.actor.site or site
    status = 200
    if request.method == "POST":
        problem, status = _reviewed(request, name, found=found, wanted=wanted, site=site, subject=subject)
        if not problem:
            messages.success(request, _("Your review is recorded by name."))
            return redirect(f"{request.path}?{_query(request)}")
        messages.warning(request, problem)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "name": name,
        "title": lists.WORDS[name][0],
        "purpose": lists.WORDS[name][1],
        "page": shown,
        "told": told_of(list(shown.object_list)),
        "cut": len(found) >= lists.MOST,
        "most": lists.MOST,
        "last": reviews.last_review(name, site=site),
        "reviews": reviews.reviews_of(name, by=request.actor),
        "may_review": can(request.actor, Action.TRAIL_REVIEW, site or None),
        "subject": subject,
        "query": _query(request, page=None),
        "remark": request.POST.get("remark", ""),
        "seen": lists.digest_of(found),
        "needs_code": needs_code(request),
    }
    return render(request, "trail/list.html", context | _filters(request, wanted, site), status=status)


def _reviewed(
    request: Request, name: str, *, found: Sequence[lists.Finding], wanted: Wanted, site: str, subject: str
) -> tuple[str, int]:
    """Record a review under its signature; return what stands against it, and the status of the answer."""
    if not can(request.actor, Action.TRAIL_REVIEW, site or None):
        raise PermissionDenied
    remark = request.POST.get("remark", "").strip()
    if problem := _refused(remark):
        return problem, 422
    try:
        reviews.record_review(
            name,
            found=found,
            seen=request.POST.get("seen", ""),
            wanted=wanted,
            site=site,
            subject=subject,
            remark=remark,
            by=request.actor,
            proven=proven(request),
        )
    except Unproven as refused:
        return str(refused), refused.status
    except reviews.ListMoved:
        return _("The list has changed since you opened it. Look through it again; nothing was signed."), 409
    return "", 302


def told_of(found: Sequence[lists.Finding]) -> dict[tuple[str, int], Line]:
    """Return the entries that findings are about, in words, by chain and number."""
    entries = list(Entry.objects.filter(pk__in=[(one.chain, one.n) for one in found]))
    told = lines(entries, versions=versions_of({entry.page_id for entry in entries if entry.page_id}))
    return {(line.chain, line.n): line for line in told}


def _refused(remark: str) -> str:
    """Return why a remark cannot be kept, nothing where it can."""
    if len(remark) > reviews.LONGEST:
        return _("Remark: at most %(n)d characters. Nothing was recorded.") % {"n": reviews.LONGEST}
    if "\x00" in remark or any("\ud800" <= sign <= "\udfff" for sign in remark):
        return _("Remark: it holds a character that cannot be kept. Nothing was recorded.")
    return ""


def _page_or_404(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> tuple[Subject, Page]:
    subject = subject_or_404(request.actor, subject_id, Action.TRAIL_READ)
    found = Page.objects.select_related("visit", "subject").filter(pk=page_id, subject=subject).first()
    if found is None or found.form not in forms_open_to(request.actor):
        raise Http404
    return subject, found


def _around(page: Page) -> dict[str, Any]:
    crf = FORMS[page.form]
    visit = page.visit.key if page.visit else LOG
    return {"crf": crf, "visit": visit, "record": page.ordinal if crf.repeating else None}


def _wanted(request: Request) -> Wanted:
    given = request.GET
    form, item = given.get("form", ""), given.get("item", "")
    if form not in forms_open_to(request.actor):
        form = ""
    return Wanted(
        user=given.get("user", "").replace("\x00", "").strip()[:120],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        form=form,
        item=item if any(item in crf.items() for crf in FORMS.values()) else "",
        values_only=given.get("show") == "values",
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _site(request: Request) -> str:
    given, sites = request.GET.get("site", ""), visible_sites(request.actor, Action.TRAIL_LISTS_READ)
    known = Site.objects.filter(pk=given).exists() if given.isalnum() else False
    return given if known and (sites is None or given in sites) else ""


def _query(request: Request, **changed: object) -> str:
    sent = {name: str(text) for name, text in request.GET.items()}
    given = {name: text for name, text in sent.items() if text and "\x00" not in text}
    given.update({name: str(value) for name, value in changed.items() if value is not None})
    return urlencode({name: text for name, text in given.items() if changed.get(name, text) is not None})


def _filters(request: Request, wanted: Wanted, site: str) -> dict[str, Any]:
    """Return what a list may be narrowed by, and by what it is."""
    sites = visible_sites(request.actor, Action.TRAIL_LISTS_READ)
    offered = Site.objects.order_by("pk") if sites is None else Site.objects.filter(pk__in=sites)
    crf = FORMS.get(wanted.form)
    return {
        "wanted": wanted,
        "site": site,
        "sites": offered,
        "forms": [(form, FORMS[form].title) for form in FORMS if form in forms_open_to(request.actor)],
        "items": [(name, asked.label) for name, asked in crf.items().items()] if crf else [],
        "today": clock.today(),
        "chosen": _query(request, page=None),
    }
