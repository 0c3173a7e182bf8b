"""The jobs of this application: pages and casebooks as PDF, on a queue of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from audit.jobs import Progress, job


@job("casebook", queue="pdf")
def casebook(progress: Progress, subject: str, decisions: bool, language: str = "en") -> dict[str, Any]:
    """Render all pages of a subject with cover and contents; CEC decisions only where `decisions`."""
    from visits.printing.making import make_casebook

    return make_casebook(progress, UUID(subject), decisions=decisions, language=language)


@job("page_pdf", queue="pdf")
def page_pdf(progress: Progress, page: str, language: str = "en") -> dict[str, Any]:
    """Render one page."""
    from visits.printing.making import make_page

    return make_page(progress, UUID(page), language=language)
