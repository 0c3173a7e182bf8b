"""PDFs in the browser: asking for one, the list of those made, handing one out."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sites.access import Request, can, needs
from sites.rates import limited
from sites.reader import reads_chinese
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.blinding import forms_open_to
from visits.models import Document, Page
from visits.printing import documents


@limited("export", posts_only=True)
@needs(Action.PDF_REQUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def subject_pdf(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """List the PDFs of a subject; POST asks for the casebook, or with `page` for that page."""
    subject = subject_or_404(request.actor, subject_id, Action.PDF_REQUEST)
    language = "zh-hans" if reads_chinese() else "en"
    if request.method == "POST":
        wanted = request.POST.get("page", "")
        if wanted:
            mine = Page.objects.filter(subject=subject, form__in=forms_open_to(request.actor))
            page = get_object_or_404(mine, pk=_uuid(wanted))
            job = documents.request_page(page=page, by=request.actor, language=language)
        else:
            job = documents.request_casebook(subject=subject, by=request.actor, language=language)
        return redirect("job", job.pk)
    made = Document.objects.filter(subject=subject).defer("content").order_by("-created_at", "id")
    if not can(request.actor, Action.CEC_READ, subject.site_id):
        made = made.exclude(kind=documents.WITH_DECISIONS)
    return render(request, "printing/documents.html", {"subject": subject, "documents": made})


@needs(Action.PDF_REQUEST)
@require_safe
@never_cache
def document(request: Request, document_id: uuid.UUID) -> HttpResponse:
    """Hand out a PDF whose bytes still have the hash that was stored with them."""
    found = documents.document_or_404(request.actor, document_id)
    response = HttpResponse(documents.handed_out(found, by=request.actor), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
