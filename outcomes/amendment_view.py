"""Amendments in the browser: what each changes, a site's approval, the dry run, the switch (EDQ-08)."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from outcomes import amending
from outcomes.amending import NotReady
from outcomes.models import ImpactReport
from protocol import endpoints
from protocol import version as protocol
from protocol.words import Bilingual
from sites import reader
from sites.access import Request, can, needs
from sites.forms import ApprovalForm
from sites.models import Site
from sites.roles import Action
from sites.upkeep_view import kept
from sites.versions import SiteVersion, record_approval
from visits.amendments import changes_of

LACKING = {
    "approval": gettext_lazy("The ethics committee's approval is not recorded."),
    "report": gettext_lazy("There is no impact report yet."),
    "unread": gettext_lazy("A data manager has not approved the impact report."),
    "stale": gettext_lazy("Pages or locks have changed since the impact report: run it again."),
    "on": gettext_lazy("The version is switched on already."),
    "read": gettext_lazy("The impact report is approved already."),
}


@needs(Action.AMENDMENT_READ)
@require_safe
def amendments(request: Request) -> HttpResponse:
    """List the versions of the protocol: what each changes, and where it is approved and switched on."""
    sites = list(Site.objects.filter(role=Site.Role.CLINICAL))
    known: dict[tuple[str, str], SiteVersion] = {
        (one.version, one.site_id): one for one in SiteVersion.objects.all()
    }
    told = [
        {
            "amendment": one,
            "changes": changes_of(one.version),
            "sites": [(site, known.get((one.version, site.code))) for site in sites],
        }
        for one in reversed(protocol.AMENDMENTS)
    ]
    return render(request, "amendments/list.html", {"amendments": told, "first": protocol.FIRST})


@needs(Action.AMENDMENT_READ)
@require_http_methods(["GET", "POST"])
def amendment(request: Request, version: str, code: str) -> HttpResponse:
    """Show a version at a site: approval, impact report, switch; POST records the approval."""
    site = _site_or_404(version, code)
    approval = SiteVersion.objects.filter(site=site, version=version).first()
    may_record = can(request.actor, Action.PROTOCOL_APPROVAL_RECORD, code)
    is_on = approval is not None and approval.switched_on_at is not None
    form = None
    if request.method == "POST" and not may_record:
        raise PermissionDenied
    if may_record and not is_on:
        form = ApprovalForm(request.POST or None, initial=_initial(approval))
    if (
        form is not None
        and request.method == "POST"
        and kept(
            request,
            form,
            lambda data: record_approval(site=code, version=version, by=request.actor, **data),
        )
    ):
        return redirect("amendment", version, code)
    report = amending.newest_report(version, code)
    context = {
        "amendment": protocol.amendment(version),
        "site": site,
        "approval": approval,
        "is_on": is_on,
        "form": form,
        "report": report,
        "stale": report is not None and not is_on and amending.is_stale(report),
        "approved": getattr(report, "approval", None) if report else None,
        "moved": _moved(report) if report else [],
        "may_report": can(request.actor, Action.IMPACT_REPORT, code) and not is_on,
        "may_switch": can(request.actor, Action.PROTOCOL_SWITCH_ON, code) and not is_on,
    }
    return render(request, "amendments/site.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.IMPACT_REPORT)
@require_POST
def report(request: Request, version: str, code: str) -> HttpResponse:
    """Have the dry run done by a job, and show how far it is."""
    job = amending.ask_for_report(version=version, site=_site_or_404(version, code), by=request.actor)
    return redirect("job", job.pk)


@needs(Action.PROTOCOL_SWITCH_ON)
@require_POST
def approve(request: Request, version: str, code: str) -> HttpResponse:
    """Approve by name the impact report that was shown."""
    _site_or_404(version, code)
    try:
        wanted = uuid.UUID(request.POST.get("report", ""))
    except ValueError as error:
        raise Http404 from error
    shown = get_object_or_404(ImpactReport, pk=wanted, version=version, site_id=code)
    try:
        amending.approve_report(shown, by=request.actor)
        messages.success(request, _("The impact report is approved."))
    except NotReady as lacking:
        messages.error(request, LACKING[lacking.why])
    return redirect("amendment", version, code)


@needs(Action.PROTOCOL_SWITCH_ON)
@require_POST
def switch(request: Request, version: str, code: str) -> HttpResponse:
    """Let the site work by the version from its effective day on."""
    _site_or_404(version, code)
    try:
        done = amending.switch_on(version=version, site=code, by=request.actor)
    except NotReady as lacking:
        messages.error(request, LACKING[lacking.why])
    else:
        messages.success(
            request,
            _("Switched on: new pages of visits from %(day)s on follow this version.")
            % {"day": done.effective_from.isoformat()},
        )
    return redirect("amendment", version, code)


def _site_or_404(version: str, code: str) -> Site:
    if version not in protocol.versions()[1:]:
        raise Http404
    return get_object_or_404(Site, pk=code, role=Site.Role.CLINICAL)


def _initial(approval: SiteVersion | None) -> dict[str, Any]:
    if approval is None:
        return {}
    return {
        "ethics_no": approval.ethics_no,
        "ethics_date": approval.ethics_date,
        "effective_from": approval.effective_from,
    }


def _moved(found: ImpactReport) -> list[dict[str, Any]]:
    """Return the results that change, in words."""
    return [
        {
            "subject": one["subject"],
            "endpoint": _label(one["paramcd"]),
            "before": _answer(one["before"]),
            "after": _answer(one["after"]),
        }
        for one in found.content["endpoints"]
    ]


def _label(paramcd: str) -> Bilingual:
    if paramcd in endpoints.ENDPOINT:
        return endpoints.ENDPOINT[paramcd].label
    if paramcd in endpoints.BY_VISIT:
        label, visit = endpoints.BY_VISIT[paramcd].label, paramcd.partition(".")[2]
        return Bilingual(f"{label.en}, {visit}", f"{label.zh},{visit}")
    found = next((one for one in endpoints.SAFETY_ENDPOINTS if one.paramcd == paramcd), None)
    return found.label if found else Bilingual(paramcd, paramcd)


def _answer(stored: str) -> str:
    """Return a stored answer in words: yes, no, not evaluable, a number, or the day and how it ended."""
    language = reader.language()
    if stored in endpoints.ANSWERS:
        return endpoints.ANSWERS[stored].in_(language)
    day, slash, ended = stored.partition("/")
    if not slash:
        return stored
    return _("day %(day)s, %(end)s") % {"day": day, "end": endpoints.CNSR[int(ended)].in_(language)}
