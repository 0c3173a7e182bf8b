"""Making the PDFs that were asked for; only job workers run this, since it loads WeasyPrint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse

from audit import clock
from audit.jobs import Progress
from audit.models import Job
from subjects.models import Subject
from visits import dossier as dossiers
from visits.crfs import FORMS
from visits.dossier import Dossier, PageRecord
from visits.models import Page
from visits.printing import documents
from visits.printing.appendix import appendix
from visits.printing.confined import confined_pdf
from visits.printing.eligible import eligibility_html
from visits.printing.pages import Printing, casebook_html, page_html
from visits.review import locking
from visits.safety.printed import sae_html
from visits.safety.records import SaeReport


def make_casebook(progress: Progress, subject_id: UUID, *, decisions: bool, language: str) -> dict[str, Any]:
    """Render and keep a subject's casebook; its removed pages too, struck through."""
    dossier = _dossier(subject_id)
    pages = [page for page in dossier.pages if decisions or page.form != "CEC"]
    locks = locking.covering(subject_id=subject_id, page_ids=[page.id for page in pages])
    beside = appendix(dossier.subject, [page.id for page in pages])
    html = casebook_html(dossier, pages, _printing(progress, language), locks=locks, appendix=beside)
    kind = documents.WITH_DECISIONS if decisions else documents.CASEBOOK
    return _make(progress, dossier, html, kind=kind, name="casebook", about=_sheets(pages) + 2)


def make_page(progress: Progress, page_id: UUID, *, language: str) -> dict[str, Any]:
    """Render and keep one page."""
    page = Page.objects.get(pk=page_id)
    dossier = _dossier(page.subject_id)
    record = dossier.page(page_id)
    if record is None:
        raise LookupError(f"page {page_id} is not in its subject's dossier")
    html = page_html(dossier, record, _printing(progress, language))
    name = (
        f"{record.visit or dossiers.LOG}_{record.identity if FORMS[record.form].repeating else record.form}"
    )
    return _make(progress, dossier, html, kind=documents.PAGE, name=name, about=1)


def make_sae_report(progress: Progress, report_id: UUID) -> dict[str, Any]:
    """Render and keep one version of the report of a serious event."""
    report = SaeReport.objects.get(pk=report_id)
    dossier = _dossier(report.subject_id)
    versions = list(SaeReport.objects.filter(page_id=report.page_id))
    html = sae_html(dossier, report, versions, simulated=clock.simulated() is not None)
    record = dossier.page(report.page_id)
    name = f"SAE_{record.identity if record else ''}_report_{report.number}"
    return _make(progress, dossier, html, kind=documents.SAE_REPORT, name=name, about=3)


def make_eligibility(progress: Progress, subject_id: UUID) -> dict[str, Any]:
    """Render and keep a subject's eligibility sheet."""
    dossier = _dossier(subject_id)
    html = eligibility_html(dossier, _printing(progress, "en"))
    return _make(progress, dossier, html, kind=documents.ELIGIBILITY, name="eligibility", about=2)


def _dossier(subject_id: UUID) -> Dossier:
    return dossiers.load(Subject.objects.select_related("site").get(pk=subject_id))


def _printing(progress: Progress, language: str) -> Printing:
    asked = Job.objects.filter(pk=progress.job).first() if progress.job else None
    by_name = asked.by_name if asked else progress.by.name
    return Printing(by_name, clock.now(), clock.simulated() is not None, language)


def _sheets(pages: Sequence[PageRecord]) -> int:
    return len({(page.visit, page.form) for page in pages})


def _make(
    progress: Progress, dossier: Dossier, html: str, *, kind: str, name: str, about: int
) -> dict[str, Any]:
    """Render within limits and keep the result; `about` is how many pages it will be, more or less."""
    most = 0

    def told(number: int) -> None:
        nonlocal most
        most = max(most, number)
        progress.set(most, max(about, most))

    progress.set(0, about)
    made = confined_pdf(html, told=told)
    progress.set(made.pages, made.pages)
    document = documents.keep(
        subject=dossier.subject,
        kind=kind,
        job_id=progress.job,
        name=f"{dossier.subject.usubjid}_{name}.pdf",
        content=made.content,
        pages=made.pages,
        by=progress.by,
    )
    return {"document": str(document.pk), "pages": made.pages, "url": reverse("document", args=[document.pk])}
