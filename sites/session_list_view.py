"""Where people are signed in: each ends their own sessions, an administrator everybody's (ACC-07).

The administrator's other acts upon a person's way in stand here as well: invitation, lost factor, lockout.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sites import factors, invitations
from sites.access import Request, needs
from sites.lockout import forget_failures
from sites.models import User
from sites.roles import Action
from sites.timeouts import end_sessions


@require_POST
def end_session(request: Request) -> HttpResponse:
    """End one of one's own sessions, or (none named) all but this one."""
    if not request.user.is_authenticated:
        return redirect_to_login("/profile/")
    named = request.POST.get("session", "")
    only = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
    but = request.session.session_key
    ended = end_sessions(user=request.user, by=request.actor, only=only, but=but)
    messages.success(request, _("Sessions ended: %(n)s.") % {"n": ended})
    return redirect("profile")


@needs(Action.ACCOUNT_EDIT)
@require_POST
def end_all(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """End every session of a person."""
    person = get_object_or_404(User, pk=user_id)
    ended = end_sessions(user=person, by=request.actor)
    messages.success(request, _("Sessions ended: %(n)s.") % {"n": ended})
    return redirect("account", user_id)


@needs(Action.ACCOUNT_EDIT)
@require_POST
def invite(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Have a link mailed to a person, by which they choose a password."""
    person = get_object_or_404(User, pk=user_id)
    try:
        invitations.ask_to_invite(user=person, by=request.actor)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The link is on its way; it works once, for 24 hours."))
    return redirect("account", user_id)


@needs(Action.ACCOUNT_EDIT)
@require_POST
def remove_factor(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Take away the second factor of somebody who lost it, and end their sessions."""
    person = get_object_or_404(User, pk=user_id)
    if str(person.pk) == request.actor.user_id:
        raise PermissionDenied(_("Another administrator does this for you."))
    factors.remove_factors(user=person, by=request.actor)
    end_sessions(user=person, by=request.actor)
    messages.success(request, _("The second factor is gone: a new one is chosen at the next sign-in."))
    return redirect("account", user_id)


@needs(Action.ACCOUNT_EDIT)
@require_POST
def open_again(request: Request, user_id: uuid.UUID) -> HttpResponse:
    """Open an account that wrong passwords have shut, before its thirty minutes are over."""
    person = get_object_or_404(User, pk=user_id)
    if str(person.pk) == request.actor.user_id:
        raise PermissionDenied(_("Another administrator does this for you."))
    forget_failures(user=person, by=request.actor)
    messages.success(request, _("The account is open for sign-in."))
    return redirect("account", user_id)
