"""The leg as it would be with what is typed, drawn while somebody types; nothing is stored."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sites.access import Request, can, needs
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import dossier as dossiers
from visits.blinding import forms_open_to
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.drawing.typed import SHOWN_ON, leg_of
from visits.pages import neighbours
from visits.pages.opened import sheet_of


@needs(Action.PAGE_READ)
@require_POST
def typed_leg(request: Request, subject_id: uuid.UUID, visit: str, form: str) -> HttpResponse:
    """Draw the boxes of a page as they stand; 404 where that would tell the cohort (ACL-05)."""
    known = form in SHOWN_ON and neighbours.is_page(visit, form) and form in forms_open_to(request.actor)
    if not known or not can(request.actor, Action.COHORT_READ):
        raise Http404
    subject = subject_or_404(request.actor, subject_id, Action.PAGE_READ)
    at = None if visit == LOG else visit
    sheet = sheet_of(request, dossiers.load(subject), FORMS[form], at, typed=request.POST)
    return render(request, "crf/leg.html", {"leg": leg_of(sheet)})
