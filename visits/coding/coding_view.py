"""Coding in the browser: texts that wait for a code or its review, and the dictionaries."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sites.access import Request, can, needs, require
from sites.roles import Action
from visits.capture.forms import in_both
from visits.coding import deciding, dictionaries
from visits.coding.deciding import Moved, OwnProposal, Wording, by_text, wordings
from visits.coding.dictionaries import DictionaryRefused, dictionaries_visible
from visits.coding.records import Dictionary, Term

PER_PAGE = 50
STATES = ("open", "changed", "proposed", "reviewed")


@needs(Action.CODING_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def coding(request: Request) -> HttpResponse:
    """List texts by how far their coding is; POST proposes, chooses a term or reviews."""
    if request.method == "POST":
        return _act(request)
    found = wordings(by=request.actor)
    counts = {state: sum(one.state == state for one in found) for state in STATES}
    waiting = next((state for state in STATES[:3] if counts[state]), "reviewed")
    show = request.GET.get("show", waiting)
    if show not in STATES:
        raise Http404
    groups = list(by_text([one for one in found if one.state == show]))
    context = {
        "counts": counts,
        "show": show,
        "page": Paginator(groups, PER_PAGE).get_page(request.GET.get("page")),
        "may_code": can(request.actor, Action.CODE),
        "in_use": dictionaries_visible(by=request.actor).filter(in_use=True),
        "me": request.actor.user_id,
    }
    return render(request, "coding/list.html", context)


@needs(Action.CODING_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def choose_term(request: Request, page_id: uuid.UUID) -> HttpResponse:
    """Look for the term of a text; POST gives it to all pages that hold the same words."""
    found = wordings(by=request.actor)
    one = next((wording for wording in found if wording.page_id == page_id), None)
    if one is None:
        raise Http404
    alike = [other for other in found if (other.form, other.text) == (one.form, one.text)]
    if request.method == "POST":
        require(request.actor, Action.CODE)
        term = get_object_or_404(
            Term.objects.filter(dictionary__kind=one.kind, dictionary__in_use=True),
            pk=_number(request.POST.get("term", "")),
        )
        return _choose(request, one, term)
    words = request.GET.get("words", one.text)
    context = {
        "one": one,
        "alike": alike,
        "words": words,
        "terms": dictionaries.search(one.kind, words),
        "may_code": can(request.actor, Action.CODE),
    }
    return render(request, "coding/choose.html", context)


def _choose(request: Request, one: Wording, term: Term) -> HttpResponse:
    """Give the term to the pages that were shown; a text that has changed since is not coded."""
    pages = [_uuid(page) for page in request.POST.getlist("pages")] or [one.page_id]
    try:
        given = deciding.code_text(
            page_ids=pages, text=request.POST.get("text", ""), term=term, by=request.actor
        )
    except Moved:
        messages.warning(request, _("The text changed meanwhile. Nothing was coded: read it again."))
        return redirect("choose-term", one.page_id)
    said = ngettext(
        "%(n)d text coded; somebody else reviews it.", "%(n)d texts coded; somebody else reviews them.", given
    )
    messages.success(request, said % {"n": given})
    return redirect("coding")


def _act(request: Request) -> HttpResponse:
    require(request.actor, Action.CODE)
    back = reverse("coding") + f"?show={request.POST.get('show', 'open')}"
    if request.POST.get("act") == "propose":
        proposed = deciding.propose_known(by=request.actor)
        said = ngettext("%(n)d code proposed.", "%(n)d codes proposed.", proposed)
        messages.success(request, said % {"n": proposed})
        return redirect(back)
    if request.POST.get("act") != "review":
        raise Http404
    try:
        agreed = deciding.review(
            codings=[_uuid(one) for one in request.POST.getlist("coding")], by=request.actor
        )
    except OwnProposal:
        messages.warning(request, _("You proposed this code yourself: somebody else reviews it."))
    except Moved:
        messages.warning(request, _("A text or its code changed meanwhile. Nothing was reviewed."))
    else:
        messages.success(
            request, ngettext("%(n)d code reviewed.", "%(n)d codes reviewed.", agreed) % {"n": agreed}
        )
    return redirect(back)


@needs(Action.CODING_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def dictionary_list(request: Request) -> HttpResponse:
    """List the dictionaries; POST loads one from the licensee's own files."""
    problem, status = "", 200
    if request.method == "POST":
        require(request.actor, Action.CODE)
        sent = request.FILES.get("file")
        try:
            if sent is None:
                problem, status = _("Choose a file. Nothing was loaded."), 422
            else:
                made = dictionaries.load_dictionary(
                    kind=request.POST.get("kind", ""),
                    version=request.POST.get("version", ""),
                    language=request.POST.get("language_of", ""),
                    content=sent.read(),
                    by=request.actor,
                )
                messages.success(request, _("Loaded: %(n)d terms.") % {"n": made.terms_loaded})
                return redirect("dictionaries")
        except DictionaryRefused as refused:
            problem, status = in_both(refused.message), 422
    context: dict[str, Any] = {
        "dictionaries": dictionaries_visible(by=request.actor),
        "kinds": Dictionary.Kind.choices,
        "may_code": can(request.actor, Action.CODE),
        "problem": problem,
        "typed": request.POST,
    }
    return render(request, "coding/dictionaries.html", context, status=status)


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Http404
    return int(text)
