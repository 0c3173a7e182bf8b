"""Writing a note beside an item in the browser."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import dossier as dossiers
from visits.arranging.notes import LONGEST, NoteRefused, add_note
from visits.blinding import forms_open_to
from visits.capture.entry import Locked
from visits.capture.forms import in_both
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page


@needs(Action.NOTE_ADD)
@require_http_methods(["GET", "POST"])
def note(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Offer the items of a page to write a note beside (`?item=`); POST writes it."""
    subject = subject_or_404(request.actor, subject_id, Action.NOTE_ADD)
    page = Page.objects.select_related("visit").filter(pk=page_id, subject=subject).first()
    if page is None or page.form not in forms_open_to(request.actor):
        raise Http404
    if not can(request.actor, Action.NOTE_ADD, subject.site_id):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    item, text = given.get("item", ""), given.get("text", "")
    here = reverse("page", args=[subject.pk, page.visit.key if page.visit else LOG, page.form])
    problem, ask, status = "", False, 200
    if request.method == "POST":
        try:
            add_note(page=page, item=item, text=text, by=request.actor, harmless=given.get("harmless") == "1")
        except NoteRefused as refused:
            problem, ask, status = in_both(refused.message), refused.ask, 422
        except Locked:
            problem, status = _("This page is locked. Nothing was saved. Unlocking: data manager."), 409
        except ValueError as error:
            raise Http404 from error
        else:
            messages.success(request, _("The note is kept. It cannot be changed."))
            return redirect(here)
    context = {
        "subject": subject,
        "record": dossiers.load(subject).page(page.pk),
        "questions": [(name, asked.label) for name, asked in FORMS[page.form].questions().items()],
        "item": item,
        "text": text,
        "longest": LONGEST,
        "problem": problem,
        "ask": ask,
        "here": here,
    }
    return render(request, "arrange/note.html", context, status=status)
