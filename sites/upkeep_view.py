"""Upkeep in the browser: sites, device catalogue, consent versions, study, accounts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sites import accounts as accounts_
from sites import forms, upkeep
from sites.access import can, needs
from sites.models import ConsentVersion, DeviceProduct, Site, User
from sites.roles import Action


def _kept(request: HttpRequest, form: Form, act: Callable[[dict[str, Any]], Any]) -> bool:
    """Do an act with a valid form; what the act refuses stands in the form, and nothing is lost."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as refused:
        form.add_error(None, refused)
        return False
    messages.success(request, _("Saved."))
    return True


@needs(Action.SITE_READ)
@require_GET
def site_list(request: HttpRequest) -> HttpResponse:
    """List the institutions of the study."""
    return render(request, "sites/list.html", {"sites": Site.objects.all()})


@needs(Action.SITE_READ)
@require_http_methods(["GET", "POST"])
def site(request: HttpRequest, code: str) -> HttpResponse:
    """Show one site; POST changes its approval, activation and status."""
    found = get_object_or_404(Site, pk=code)
    editable = can(request.actor, Action.SITE_EDIT)
    form = forms.SiteForm(request.POST or None, instance=Site.objects.get(pk=code)) if editable else None
    if request.method == "POST":
        if form is None:
            return HttpResponse(status=403)
        if _kept(request, form, lambda data: upkeep.change_site(site=found, by=request.actor, **data)):
            return redirect("site", code)
    status = 422 if request.method == "POST" else 200
    return render(request, "sites/site.html", {"site": found, "form": form}, status=status)


@needs(Action.CATALOGUE_EDIT)
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """List the device catalogue; POST adds a product."""
    form = forms.ProductForm(request.POST or None)
    if request.method == "POST" and _kept(
        request, form, lambda data: upkeep.add_device_product(by=request.actor, **data)
    ):
        return redirect("devices")
    context = {"products": DeviceProduct.objects.all(), "form": form}
    return render(request, "sites/devices.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.CONSENT_VERSION_EDIT)
@require_http_methods(["GET", "POST"])
def consents(request: HttpRequest) -> HttpResponse:
    """List the consent versions by site; POST adds one."""
    form = forms.ConsentVersionForm(request.POST or None)
    if request.method == "POST" and _kept(
        request, form, lambda data: upkeep.add_consent_version(by=request.actor, **data)
    ):
        return redirect("consents")
    context = {"versions": ConsentVersion.objects.select_related("site"), "form": form}
    return render(request, "sites/consents.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.STUDY_CONFIGURE)
@require_http_methods(["GET", "POST"])
def study(request: HttpRequest) -> HttpResponse:
    """Show the study as registered; POST changes its configuration."""
    found = upkeep.the_study()
    form = forms.StudyForm(request.POST or None, instance=upkeep.the_study())
    if request.method == "POST" and _kept(
        request, form, lambda data: upkeep.configure_study(by=request.actor, facts=data)
    ):
        return redirect("study")
    context = {"study": found, "form": form}
    return render(request, "sites/study.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.ACCOUNT_EDIT)
@require_http_methods(["GET", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts with their roles; POST makes one."""
    form = forms.AccountForm(request.POST or None)
    if request.method == "POST" and _kept(
        request, form, lambda data: accounts_.add_user(by=request.actor, **data)
    ):
        return redirect("accounts")
    people = User.objects.prefetch_related("memberships").order_by("full_name", "id")
    context = {"people": people, "form": form}
    return render(request, "sites/accounts.html", context, status=422 if request.method == "POST" else 200)


@needs(Action.ACCOUNT_EDIT)
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
    """Show one account and its roles; POST gives a role."""
    person = get_object_or_404(User, pk=user_id)
    form = forms.MembershipForm(request.POST or None)
    if request.method == "POST" and _kept(
        request, form, lambda data: accounts_.grant_membership(user=person, by=request.actor, **data)
    ):
        return redirect("account", user_id)
    context = {"person": person, "memberships": person.memberships.select_related("site"), "form": form}
    return render(request, "sites/account.html", context, status=422 if request.method == "POST" else 200)
