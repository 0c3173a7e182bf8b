"""Bringing a page to the newer version of the protocol: what it will do, then the act, with its reason."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from protocol.version import place
from sites.access import Request, needs, require
from sites.roles import Action
from subjects.fetch import subject_or_404
from visits import dossier as dossiers
from visits.capture import edition, upgrade
from visits.capture.entry import Locked
from visits.capture.upgrade import NothingToUpgrade, Preview
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import Page
from visits.review.locking import covering


@needs(Action.PAGE_UPGRADE)
@require_http_methods(["GET", "POST"])
def upgrade_page(request: Request, subject_id: uuid.UUID, page_id: uuid.UUID) -> HttpResponse:
    """Show what the newer version asks of a page; POST, with a reason, brings the page to it."""
    subject = subject_or_404(request.actor, subject_id)
    require(request.actor, Action.PAGE_UPGRADE, subject.site_id)
    dossier = dossiers.load(subject)
    record = dossier.page(page_id)
    if record is None or record.removed:
        raise Http404
    version = edition.version_for(dossier, None)
    address = ("page", subject.pk, record.visit or LOG, record.form)
    if place(version) <= place(record.form_version):
        messages.info(request, _("The page has the version that is in force at its site."))
        return redirect(*address)
    problem = ""
    if request.method == "POST":
        problem = _done(request, page_id)
        if not problem:
            messages.success(request, _("The page follows version %(n)s now.") % {"n": version})
            return redirect(*address)
    context = {
        "subject": subject,
        "record": record,
        "problem": problem,
        "locked": bool(covering(subject_id=subject.pk, page_ids=[page_id])),
        "reason": request.POST.get("reason", ""),
        **_shown(upgrade.preview(dossier, record, version)),
    }
    return render(request, "crf/upgrade.html", context, status=422 if problem else 200)


def _done(request: Request, page_id: uuid.UUID) -> str:
    """Do it; what keeps it from being done comes back in words."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _("Say why the page is brought to the newer version.")
    try:
        upgrade.upgrade_page(page=Page.objects.get(pk=page_id), by=request.actor, reason=reason)
    except Locked:
        return _("This page is locked.")
    except NothingToUpgrade:
        return ""
    return ""


def _shown(found: Preview) -> dict[str, Any]:
    crf = FORMS[found.page.form]

    def labels(names: Iterable[str], version: str) -> list[Any]:
        return [crf.items_at(version)[name].label for name in names]

    return {
        "version": found.version,
        "asked": labels(found.asked, found.version),
        "kept": labels(found.kept, found.page.form_version),
        "unanswered": found.unanswered,
        "queries": [firing.message for firing in found.queries],
    }
