"""A form that came too late comes back to be sent again as it was, so that nobody types twice (CON-05).

Nothing of it is kept here: who sent it gets back what they sent.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def opened_by(request: HttpRequest) -> str:
    """Return the id of the person for whom a page of ours was drawn that is sent now; empty for others."""
    return str(request.POST.get("opened_by", ""))


def give_back(request: HttpRequest, *, status: HTTPStatus) -> HttpResponse:
    """Show a form to be sent again: after a newer sign-in (403), or once signed in again (401)."""
    boxes = [
        (name, str(text))
        for name, texts in request.POST.lists()
        for text in texts
        if name != "csrfmiddlewaretoken"
    ]
    signed_out = status is HTTPStatus.UNAUTHORIZED
    return render(request, "crf/again.html", {"boxes": boxes, "signed_out": signed_out}, status=status)
