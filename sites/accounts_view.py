"""Accounts in the browser: who has one, which roles they hold and when, and their trainings."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from sites import account_forms as forms
from sites import account_lists, accounts, trained
from sites.access import Request, can, needs
from sites.factors import has_factor
from sites.invitations import ask_to_invite
from sites.models import Membership, User
from sites.roles import Action, Role
from sites.timeouts import sessions_of
from sites.upkeep_view import kept, shown
from sites.way_in import acts_upon


@sensitive_post_parameters("password")
@needs(Action.ACCOUNT_READ)
@never_cache
@require_http_methods(["GET", "POST"])
def account_list(request: Request) -> HttpResponse:
    """List the accounts with their roles; POST makes one."""
    form = None
    if can(request.actor, Action.ACCOUNT_EDIT):
        form = forms.AccountForm(request.POST or None, initial={"language": "zh-hans"})
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if kept(
            request,
            form,
            lambda data: _add(request, data),
        ):
            made = User.objects.get(username=form.cleaned_data["username"].strip())
            return redirect("account", made.pk)
    show, site = request.GET.get("show", "all"), request.GET.get("site", "")
    if show not in account_lists.LISTS:
        raise Http404
    context = {
        "people": account_lists.listed(show, site),
        "lists": [(name, words) for name, (words, _rule) in account_lists.LISTS.items()],
        "show": show,
        "site": site,
        "form": form,
        "today": clock.today(),
    }
    return shown(request, "sites/accounts.html", context)


def _add(request: Request, data: dict[str, Any]) -> None:
    """Make the account; without a first password its person is mailed a link to choose one (ACC-10)."""
    given = data.pop("password") or None
    if given is None and not data["email"]:
        raise ValidationError({"email": _("Without a first password an address is needed for the link.")})
    made = accounts.add_user(by=request.actor, password=given, must_change_password=given is not None, **data)
    if given is None:
        ask_to_invite(user=made, by=request.actor)


@needs(Action.ACCOUNT_READ)
@require_http_methods(["GET", "POST"])
def account(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Show one account with its roles and trainings; POST changes the account itself."""
    person = get_object_or_404(User, pk=user_id)
    form = forms.PersonForm(request.POST or None, instance=User.objects.get(pk=user_id))
    if request.method == "POST":
        if not can(request.actor, Action.ACCOUNT_EDIT):
            raise PermissionDenied
        if kept(request, form, lambda data: accounts.change_user(user=person, by=request.actor, **data)):
            return redirect("account", user_id)
    status = 422 if request.method == "POST" else 200
    return _account(request, person, status=status, form=form)


def _account(request: Request, person: User, *, status: int, **unkept: object) -> HttpResponse:
    """Show an account; a form that was refused stands in its place, the others are new."""
    context = {
        "person": person,
        "held": person.memberships.select_related("site"),
        "trainings": person.trainings.all(),
        "delegations": person.delegations.select_related("site"),
        "today": clock.today(),
        "sessions": sessions_of(person),
        "has_factor": has_factor(person),
        "acts": acts_upon(person),
        "may_edit": can(request.actor, Action.ACCOUNT_EDIT),
        "form": forms.PersonForm(instance=User.objects.get(pk=person.pk)),
        "grant": forms.MembershipForm(initial={"from_date": clock.today()}),
        "train": forms.TrainingForm(),
        "secret": forms.NewPasswordForm(),
        **unkept,
    }
    return render(request, "sites/account.html", context, status=status)


@needs(Action.ACCOUNT_EDIT)
@require_POST
def grant(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Give a person a role."""
    person = get_object_or_404(User, pk=user_id)
    form = forms.MembershipForm(request.POST)
    if kept(
        request,
        form,
        lambda data: accounts.grant_membership(
            user=person, by=request.actor, **{**data, "role": Role(data["role"])}
        ),
    ):
        return redirect("account", user_id)
    return _account(request, person, status=422, grant=form)


@needs(Action.ACCOUNT_EDIT)
@require_POST
def end_role(request: Request, user_id: uuid.UUID, membership_id: uuid.UUID) -> HttpResponse:
    """Let a role end today, or on its first day where that is yet to come."""
    held = get_object_or_404(Membership, pk=membership_id, user_id=user_id)
    last = max(clock.today(), held.from_date)
    try:
        accounts.end_membership(membership=held, on=last, by=request.actor)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The role ends with this day: %(day)s.") % {"day": last.isoformat()})
    return redirect("account", user_id)


@needs(Action.ACCOUNT_READ)
@require_safe
def trainings(request: Request) -> HttpResponse:
    """Show who lacks which training today, and whose runs out soon."""
    return render(request, "sites/trainings.html", {"people": trained.everybody()})


@needs(Action.ACCOUNT_EDIT)
@require_POST
def train(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Record a training that a person completed."""
    person = get_object_or_404(User, pk=user_id)
    form = forms.TrainingForm(request.POST)
    if kept(
        request,
        form,
        lambda data: accounts.record_training(
            user=person,
            kind=data["kind"],
            version=data["version"],
            on=data["on_date"],
            valid_to=data["valid_to"],
            by=request.actor,
        ),
    ):
        return redirect("account", user_id)
    return _account(request, person, status=422, train=form)


@sensitive_post_parameters("password")
@needs(Action.ACCOUNT_EDIT)
@require_POST
def give_password(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Give a person a new password, which they change at the next sign-in."""
    person = get_object_or_404(User, pk=user_id)
    if str(person.pk) == request.actor.user_id:
        return redirect("password")
    form = forms.NewPasswordForm(request.POST)
    if kept(
        request,
        form,
        lambda data: accounts.set_password(user=person, password=data["password"], by=request.actor),
    ):
        return redirect("account", user_id)
    return _account(request, person, status=422, secret=form)
