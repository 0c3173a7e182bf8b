"""Asking for a PDF, keeping it, and handing it out again to whom it is open."""

from __future__ import annotations

import hashlib
import uuid

from django.http import Http404

from audit import clock, jobs
from audit.actors import Actor
from audit.context import record_event
from audit.models import Job
from sites.access import can, require
from sites.roles import Action
from subjects.fetch import subject_or_404
from subjects.models import Subject
from visits.blinding import forms_open_to
from visits.models import Document, Page
from visits.safety.records import SaeReport

QUEUE = "pdf"
CASEBOOK, PAGE, WITH_DECISIONS = "casebook", "page", "casebook+cec"
SAE_REPORT = "sae-report"
ELIGIBILITY = "eligibility"


class Damaged(Exception):
    """A stored document is not what was stored."""


def request_casebook(*, subject: Subject, by: Actor, language: str = "en") -> Job:
    """Have the casebook of a subject made: every page that this person may open."""
    require(by, Action.PDF_REQUEST, subject.site_id)
    decisions = "CEC" in forms_open_to(by)
    return jobs.enqueue(
        "casebook",
        by=by,
        args={"subject": subject.pk, "decisions": decisions, "language": language},
        queue=QUEUE,
    )


def request_page(*, page: Page, by: Actor, language: str = "en") -> Job:
    """Have one page made as PDF; Http404 for a form that is not open to this person."""
    require(by, Action.PDF_REQUEST, page.site_id)
    if page.form not in forms_open_to(by):
        raise Http404
    return jobs.enqueue("page_pdf", by=by, args={"page": page.pk, "language": language}, queue=QUEUE)


def request_sae_report(*, report: SaeReport, by: Actor) -> Job:
    """Have one version of the report of a serious event made as PDF."""
    require(by, Action.PDF_REQUEST, report.site_id)
    return jobs.enqueue("sae_report_pdf", by=by, args={"report": report.pk}, queue=QUEUE)


def request_eligibility(*, subject: Subject, by: Actor) -> Job:
    """Have the eligibility sheet of a subject made as PDF."""
    require(by, Action.PDF_REQUEST, subject.site_id)
    return jobs.enqueue("eligibility_pdf", by=by, args={"subject": subject.pk}, queue=QUEUE)


def keep(
    *, subject: Subject, kind: str, job_id: uuid.UUID | None, name: str, content: bytes, pages: int, by: Actor
) -> Document:
    """Store a PDF once per job, and record that it was made."""
    known = Document.objects.filter(job_id=job_id).first() if job_id else None
    if known is not None:
        return known
    document = Document.objects.create(
        site_id=subject.site_id,
        subject=subject,
        kind=kind,
        job_id=job_id,
        name=name,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        pages=pages,
        created_at=clock.now(),
    )
    detail = {"document": str(document.pk), "name": name, "sha256": document.sha256, "pages": pages}
    record_event("document_made", by=by, detail=detail, subject=subject.pk)
    return document


def document_or_404(by: Actor, document_id: uuid.UUID) -> Document:
    """Return a document; 404 to people of other sites, 403 to roles that do not print (ACL-03)."""
    document = Document.objects.select_related("subject").filter(pk=document_id).first()
    if document is None:
        raise Http404
    subject_or_404(by, document.subject_id, Action.PDF_REQUEST)
    if document.kind == WITH_DECISIONS and not can(by, Action.CEC_READ, document.site_id):
        raise Http404
    return document


def handed_out(document: Document, *, by: Actor) -> bytes:
    """Return the bytes after checking their hash, and record who took them; Damaged where they differ."""
    content = bytes(document.content)
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Damaged(str(document.pk))
    detail = {"document": str(document.pk), "name": document.name, "sha256": document.sha256}
    record_event("document_taken", by=by, detail=detail, subject=document.subject_id)
    return content
