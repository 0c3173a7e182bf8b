"""The files of a subject in the browser: list, upload, take out."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sites.access import Request, can, needs, require
from sites.rates import limited
from sites.reader import said
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits.uploads import keeping
from visits.uploads.checking import MOST_BYTES, TOO_LARGE, UploadRefused

NO_FILE = b""


@limited("upload", posts_only=True)
@needs(Action.UPLOAD_READ)
@require_http_methods(["GET", "POST"])
def files(request: Request, subject_id: uuid.UUID) -> HttpResponse:
    """List the files of a subject; POST takes one in."""
    subject = subject_or_404(request.actor, subject_id, Action.UPLOAD_READ)
    problem = ""
    if request.method == "POST":
        require(request.actor, Action.PAGE_SAVE, subject.site_id)
        sent = request.FILES.get("file")
        try:
            if sent is not None and (sent.size or 0) > MOST_BYTES:
                raise UploadRefused(TOO_LARGE)
            keeping.keep(
                subject=subject,
                name=sent.name or "" if sent else "",
                content=sent.read() if sent else NO_FILE,
                label=request.POST.get("label", ""),
                attested=request.POST.get("attested") == "1",
                by=request.actor,
            )
        except UploadRefused as refused:
            problem = said(refused.message)
        else:
            messages.success(request, _("The file is kept. It can be named on a page now."))
            return redirect("files", subject_id)
    context = {
        "subject": subject,
        "files": keeping.uploads_of(subject),
        "problem": problem,
        "label": request.POST.get("label", ""),
        "may_upload": can(request.actor, Action.PAGE_SAVE, subject.site_id),
    }
    return render(request, "subject/files.html", context, status=422 if problem else 200)


@limited("export")
@needs(Action.UPLOAD_READ)
@require_safe
@never_cache
def take_file(request: Request, upload_id: uuid.UUID) -> HttpResponse:
    """Hand out a file as an attachment that may do nothing in the browser."""
    upload = keeping.upload_or_404(request.actor, upload_id)
    content = keeping.handed_out(upload, by=request.actor)
    response = HttpResponse(content, content_type=upload.mime)
    ending = upload.kind.lower()
    response["Content-Disposition"] = f'attachment; filename="{upload.pk}.{ending}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
