"""Finding a subject by its number, with or without prefix, check character or dashes."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from protocol.identifiers import numbers_of
from sites.access import Request, needs
from sites.rates import limited
from sites.roles import Action
from subjects.fetch import subjects_visible
from subjects.models import Subject

NUMBER = re.compile(r"(?:DEFIER|S)?-?([0-9]{2})-?([0-9]{1,3})(?:-?([0-9X]))?")
SEQUENCE = re.compile(r"[0-9]{1,3}")
MOST = 20


@limited("search")
@needs(Action.SUBJECT_READ)
@require_GET
def find(request: Request) -> HttpResponse:
    """Go to the subject that `?q=` names; list several, and say so where there is none to be seen."""
    asked = request.GET.get("q", "").strip()[:40]
    found = list(matching(subjects_visible(request.actor), asked)[:MOST])
    if len(found) == 1:
        return redirect("subject", found[0].pk)
    status = 200 if found or not asked else 404
    return render(request, "subjects/found.html", {"asked": asked, "found": found}, status=status)


def matching(visible: QuerySet[Subject], asked: str) -> QuerySet[Subject]:
    """Return the visible subjects that a typed number can mean; a wrong check character means none."""
    typed = asked.upper().replace(" ", "").replace("–", "-").replace("—", "-")
    if SEQUENCE.fullmatch(typed):
        return visible.filter(seq=int(typed))
    match = NUMBER.fullmatch(typed)
    if match is None:
        return visible.none()
    site, sequence, check = match.groups()
    meant = Q(usubjid__startswith=f"{numbers_of(site)}{int(sequence):03d}-")
    if check:
        meant &= Q(usubjid__endswith=f"-{check}")
    return visible.filter(meant)
