"""The eligibility sheet in the browser, and as PDF."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from sites.access import Request, can, needs, require
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import dossier as dossiers
from visits.blinding import forms_open_to
from visits.eligibility import concluded_words, conversation
from visits.printing import documents
from visits.review.signing.standing import UNSIGNED, of_pages


@needs(Action.SUBJECT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def eligibility(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """Show the criteria of a subject as a conversation; POST asks for the sheet as PDF."""
    if "IE" not in forms_open_to(request.actor):
        raise Http404
    subject = subject_or_404(request.actor, subject_id, Action.SUBJECT_READ)
    if request.method == "POST":
        require(request.actor, Action.PDF_REQUEST, subject.site_id)
        return redirect("job", documents.request_eligibility(subject=subject, by=request.actor).pk)
    dossier = dossiers.load(subject)
    talk = conversation(dossier)
    context = {
        "subject": subject,
        "dossier": dossier,
        "talk": talk,
        "concluded": concluded_words(talk.concluded),
        "follows": concluded_words(talk.follows),
        "confirmed": dossier.value("ie.elig_confirmed_by"),
        "standing": next(iter(of_pages(dossier.of("IE")).values()), UNSIGNED),
        "may_print": can(request.actor, Action.PDF_REQUEST, subject.site_id),
        "sees_cohort": can(request.actor, Action.COHORT_READ, subject.site_id),
    }
    return render(request, "crf/eligibility.html", context)
