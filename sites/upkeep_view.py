"""Upkeep in the browser: sites, device catalogue, consent versions, the study's own facts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from sites import accounts, forms, upkeep
from sites.access import Request, can, needs, visible_sites
from sites.models import ConsentVersion, Delegation, DeviceProduct, Site
from sites.plain_forms import show
from sites.roles import Action


def kept(request: Request, form: Form, act: Callable[[dict[str, Any]], Any]) -> bool:
    """Do an act with a valid form; what the act refuses stands in the form, and nothing typed is lost."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as refused:
        show(form, refused)
        return False
    messages.success(request, _("Saved."))
    return True


def shown(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    """Show a page; 422 where what was posted was not kept."""
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _site_or_404(request: Request, code: str, action: Action = Action.SITE_READ) -> Site:
    """Return a site that this person may see; 403 where seeing is all (ACL-03)."""
    seen = visible_sites(request.actor, Action.SITE_READ)
    found = get_object_or_404(Site, pk=code)
    if seen is not None and found.code not in seen:
        raise Http404
    if not can(request.actor, action, found.code):
        raise PermissionDenied
    return found


@needs(Action.SITE_READ)
@require_GET
def site_list(request: Request) -> HttpResponse:
    """List the institutions that this person may see."""
    seen = visible_sites(request.actor, Action.SITE_READ)
    found = Site.objects.all() if seen is None else Site.objects.filter(code__in=seen)
    return shown(request, "sites/list.html", {"sites": found})


@needs(Action.SITE_READ)
@require_http_methods(["GET", "POST"])
def site(request: Request, code: str) -> HttpResponse:
    """Show one site; POST changes its approval, activation and status."""
    posted = request.method == "POST"
    found = _site_or_404(request, code, Action.SITE_EDIT if posted else Action.SITE_READ)
    form = None
    if can(request.actor, Action.SITE_EDIT, found.code):
        form = forms.SiteForm(request.POST if posted else None, instance=Site.objects.get(pk=code))
        if posted and kept(
            request, form, lambda data: upkeep.change_site(site=found, by=request.actor, **data)
        ):
            return redirect("site", code)
    return _site(request, found, status=422 if posted else 200, form=form)


def _site(request: Request, found: Site, *, status: int, **unkept: object) -> HttpResponse:
    """Show a site; a form that was refused stands in its place, the others are new."""
    may_edit = can(request.actor, Action.SITE_EDIT, found.code)
    context = {
        "site": found,
        "form": forms.SiteForm(instance=Site.objects.get(pk=found.pk)) if may_edit else None,
        "delegate": forms.DelegationForm(site=found, initial={"from_date": clock.today()})
        if may_edit
        else None,
        "may_edit": may_edit,
        "today": clock.today(),
        "unconfirmed": bool(found.ethics_no) and not found.ethics_covers_study,
        "may_confirm": can(request.actor, Action.ETHICS_CONFIRM, found.code),
        "people": found.memberships.select_related("user").order_by("role", "user__full_name"),
        "versions": found.consent_versions.all(),
        "delegations": found.delegations.select_related("user"),
        **unkept,
    }
    return render(request, "sites/site.html", context, status=status)


@needs(Action.SITE_EDIT)
@require_POST
def delegate(request: Request, code: str) -> HttpResponse:
    """Enter a line in a site's delegation log."""
    found = _site_or_404(request, code, Action.SITE_EDIT)
    form = forms.DelegationForm(request.POST, site=found)
    if kept(request, form, lambda data: accounts.delegate(site=found, by=request.actor, **data)):
        return redirect("site", code)
    return _site(request, found, status=422, delegate=form)


@needs(Action.SITE_EDIT)
@require_POST
def end_delegation(request: Request, code: str, delegation_id: uuid.UUID) -> HttpResponse:
    """Let a delegation end today, or on its first day where that is yet to come."""
    found = _site_or_404(request, code, Action.SITE_EDIT)
    line = get_object_or_404(Delegation, pk=delegation_id, site=found)
    last = max(clock.today(), line.from_date)
    accounts.end_delegation(delegation=line, on=last, by=request.actor)
    messages.success(request, _("The delegation ends with this day: %(day)s.") % {"day": last.isoformat()})
    return redirect("site", code)


@needs(Action.ETHICS_CONFIRM)
@require_POST
def confirm_ethics(request: Request, code: str) -> HttpResponse:
    """Confirm that a site's ethics approval covers this study (C02)."""
    found = _site_or_404(request, code, Action.ETHICS_CONFIRM)
    try:
        upkeep.confirm_ethics(site=found, by=request.actor)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("Confirmed: the approval covers this study."))
    return redirect("site", code)


@needs(Action.CATALOGUE_EDIT)
@require_http_methods(["GET", "POST"])
def devices(request: Request) -> HttpResponse:
    """List the device catalogue; POST adds a product."""
    form = forms.ProductForm(request.POST or None)
    if request.method == "POST" and kept(
        request, form, lambda data: upkeep.add_device_product(by=request.actor, **data)
    ):
        return redirect("devices")
    return shown(request, "sites/devices.html", {"products": DeviceProduct.objects.all(), "form": form})


@needs(Action.CATALOGUE_EDIT)
@require_http_methods(["GET", "POST"])
def device(request: Request, code: str) -> HttpResponse:
    """Show one product; POST changes it."""
    found = get_object_or_404(DeviceProduct, pk=code)
    form = forms.ProductForm(request.POST or None, instance=DeviceProduct.objects.get(pk=code))
    if request.method == "POST" and kept(
        request, form, lambda data: upkeep.change_device_product(product=found, by=request.actor, **data)
    ):
        return redirect("devices")
    return shown(request, "sites/device.html", {"product": found, "form": form})


@needs(Action.CONSENT_VERSION_EDIT)
@require_http_methods(["GET", "POST"])
def consents(request: Request) -> HttpResponse:
    """List the consent versions by site; POST adds one."""
    form = forms.ConsentVersionForm(request.POST or None)
    if request.method == "POST" and kept(
        request, form, lambda data: upkeep.add_consent_version(by=request.actor, **data)
    ):
        return redirect("consents")
    versions = ConsentVersion.objects.select_related("site")
    return shown(request, "sites/consents.html", {"versions": versions, "form": form})


@needs(Action.CONSENT_VERSION_EDIT)
@require_http_methods(["GET", "POST"])
def consent(request: Request, consent_id: uuid.UUID) -> HttpResponse:
    """Show one consent version; POST gives its last day, and from when it has to be signed again."""
    found = get_object_or_404(ConsentVersion.objects.select_related("site"), pk=consent_id)
    days = {"on": found.approved_to, "reconsent_from": found.reconsent_from}
    form = forms.ConsentDaysForm(request.POST or None, initial=days)
    if request.method == "POST" and kept(request, form, lambda data: _consent_days(found, request, **data)):
        return redirect("consents")
    return shown(request, "sites/consent.html", {"version": found, "form": form})


def _consent_days(
    found: ConsentVersion, request: Request, *, on: date | None, reconsent_from: date | None
) -> None:
    """Write those of the two days that were changed."""
    if reconsent_from != found.reconsent_from:
        upkeep.ask_reconsent(consent_version=found, since=reconsent_from, by=request.actor)
    if on is not None and on != found.approved_to:
        upkeep.end_consent_version(consent_version=found, on=on, by=request.actor)


@needs(Action.SITE_READ)
@require_http_methods(["GET", "POST"])
def study(request: Request) -> HttpResponse:
    """Show the study as registered; POST changes its facts and configuration."""
    found = upkeep.the_study()
    form = None
    if can(request.actor, Action.STUDY_CONFIGURE):
        form = forms.StudyForm(request.POST or None, instance=upkeep.the_study())
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if kept(request, form, lambda _data: upkeep.configure_study(by=request.actor, facts=form.facts())):
            return redirect("study")
    return shown(request, "sites/study.html", {"study": found, "form": form})
