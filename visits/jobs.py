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


@job("sae_report_pdf", queue="pdf")
def sae_report_pdf(progress: Progress, report: str) -> dict[str, Any]:
    """Render one version of the report of a serious event."""
    from visits.printing.making import make_sae_report

    return make_sae_report(progress, UUID(report))


@job("sae_notice")
def sae_notice(progress: Progress, page: str) -> dict[str, Any]:
    """Tell those responsible that a serious event was entered."""
    from visits.safety import notices

    return {"told": notices.tell_entered(UUID(page), by=progress.by)}


@job("safety_hour")
def safety_hour(progress: Progress) -> dict[str, Any]:
    """Warn of clocks that run out, and settle what has become true by the passing of time."""
    from visits.safety import notices

    return notices.hour(by=progress.by)


@job("deviations_night")
def deviations_night(progress: Progress) -> dict[str, Any]:
    """Settle the automatic deviations that the passing of time makes: visits missed, examinations absent."""
    from visits.safety import nightly

    return nightly.settle_all(progress)


@job("check_import")
def check_import(progress: Progress, staged: str) -> dict[str, Any]:
    """Check a staged file against the study, and keep what was found."""
    from visits.imports import working

    return working.check_import(progress, UUID(staged))


@job("load_import")
def load_import(progress: Progress, staged: str) -> dict[str, Any]:
    """Load a checked file, all of it or nothing."""
    from visits.imports import working

    return working.load_import(progress, UUID(staged))


@job("check_night")
def check_night(progress: Progress) -> dict[str, Any]:
    """Run the checks that the passing of time, or a fact of the study, makes true or false."""
    from visits.review import rechecking

    return rechecking.recheck_facts(progress)


@job("rerun_checks")
def rerun_checks(progress: Progress, candidates: bool) -> dict[str, Any]:
    """Run all checks over all subjects; what is new waits for the data manager where `candidates`."""
    from visits.review import rechecking

    return rechecking.recheck_study(progress, candidates=candidates)


@job("eligibility_pdf", queue="pdf")
def eligibility_pdf(progress: Progress, subject: str) -> dict[str, Any]:
    """Render the eligibility sheet of a subject."""
    from visits.printing.making import make_eligibility

    return make_eligibility(progress, UUID(subject))


@job("reminders_day")
def reminders_day(progress: Progress) -> dict[str, Any]:
    """Mail people what waits for them, as they have chosen; run again, nothing is sent twice."""
    from visits.calendar import reminders

    return {"sent": reminders.remind_all()}


@job("visit_report", queue="pdf")
def visit_report(progress: Progress, report: str) -> dict[str, Any]:
    """Render the report of a monitoring visit."""
    from visits.review.sdv.report import make_report

    return make_report(progress, UUID(report))


@job("remind_blockers", atomic=True)
def remind_blockers(progress: Progress, owner: str, user: str) -> dict[str, Any]:
    """Mail one person the blockers that are theirs to clear."""
    from sites.models import User
    from visits.review import reminding

    return {"sent": reminding.mail(owner=owner, user=User.objects.get(pk=user))}


@job("relock")
def relock(progress: Progress) -> dict[str, Any]:
    """Shut the unlocks whose time is over, and write down what was changed under them."""
    from visits.review import unlocking

    return unlocking.relock_expired(by=progress.by)


@job("scan_upload")
def scan_upload(progress: Progress, upload: str) -> dict[str, Any]:
    """Have the scanner look at an uploaded file; while it cannot, the file stays in quarantine."""
    from visits.uploads import keeping

    return {"state": keeping.scan(UUID(upload), by=progress.by)}
