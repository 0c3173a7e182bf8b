"""Who is asking, and what they may do: the actor of a request, and the questions put to the policy."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import record_event
from sites.again import give_back, opened_by
from sites.models import Membership, User
from sites.passwords import has_run_out
from sites.proven import proven_at
from sites.roles import POLICY, Action, Role, Scope

MEMBERSHIP = "membership"
NOBODY = Actor(user_id=None, name="nobody", role="NONE")
SYSTEM = "SYSTEM"
View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request as it leaves ActorMiddleware."""

    actor: Actor
    memberships: list[Membership]
    request_id: str
    user: User


def scope_of(by: Actor, action: Action) -> Scope | None:
    """Return where this person may do something, None for nowhere."""
    if by.role == SYSTEM:
        return Scope.ALL_SITES
    return POLICY[Role(by.role)].get(action) if by.role in Role.__members__ else None


def can(by: Actor, action: Action, site: str | None = None) -> bool:
    """Say whether this person may do something, at a site where one is named."""
    scope = scope_of(by, action)
    if scope is None:
        return False
    return site is None or by.site == site or (scope is Scope.ALL_SITES and by.site is None)


def require(by: Actor, action: Action, site: str | None = None) -> None:
    """Raise PermissionDenied unless this person may do something."""
    if not can(by, action, site):
        raise PermissionDenied(_("Your role in the study does not include this. Nothing was changed."))


def visible_sites(by: Actor, action: Action = Action.SUBJECT_READ) -> set[str] | None:
    """Return the sites at which this person may do something; None means all of them.

    A role that is good for the whole study but was given for one site (a monitor's, say) reaches that site.
    """
    scope = scope_of(by, action)
    if scope is None:
        return set()
    if by.site:
        return {by.site}
    return None if scope is Scope.ALL_SITES else set()


def standing_memberships(user: User) -> list[Membership]:
    """Return the roles that a person holds today, in one statement."""
    today = clock.today()
    found = user.memberships.filter(Q(to_date=None) | Q(to_date__gte=today), from_date__lte=today)
    return list(found.select_related("site"))


def from_script(request: HttpRequest) -> bool:
    """Say whether a page's own script asks: it wants an answer, not another page."""
    return request.headers.get("X-Requested-With") == "fetch"


def needs(action: Action) -> Callable[[View], View]:
    """Mark a view with the action it needs: login for strangers, 403 where the role lacks it altogether."""

    def marked(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if from_script(request):
                    return JsonResponse({"person": ""}, status=HTTPStatus.UNAUTHORIZED)
                if opened_by(request):
                    return give_back(request, status=HTTPStatus.UNAUTHORIZED)
                return redirect_to_login(request.get_full_path())
            require(request.actor, action)
            return view(request, *args, **kwargs)

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return marked


class ActorMiddleware:
    """Puts `request.actor` on every request: the person, in the role chosen among those held today."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponse:
        request = cast("Request", plain)
        request.request_id = uuid.uuid4().hex
        request.memberships = []
        request.actor = NOBODY
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        request.memberships = standing_memberships(user)
        request.actor = actor_of(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
        barred = _barred(request)
        if barred is not None:
            return barred
        response = self.get_response(request)
        if response.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            _record_refusal(request, response.status_code)
        return response


def _record_refusal(request: Request, status: int) -> None:
    """Record what a signed-in person was refused; alike for what is absent and what is foreign (ACL-03)."""
    match = request.resolver_match
    if match is None:
        return
    named = {name: str(value) for name, value in match.kwargs.items() if isinstance(value, uuid.UUID)}
    detail = {"address": match.view_name, "status": status, **named}
    record_event("denied", by=request.actor, detail=detail)


def _barred(request: Request) -> HttpResponse | None:
    """Return the way to what a person must do before anything else, None where nothing is left to do.

    First the password: one that somebody else gave, or that has run out (ACC-03, ACC-11); then the second
    factor, where this installation demands one (ACC-05).
    """
    if request.path_info in _open_before_all():
        return None
    user = request.user
    if user.must_change_password or has_run_out(user):
        return _led_to("password", request)
    if settings.MFA_REQUIRED and proven_at(request, user) is None:
        return _led_to("factor", request)
    return None


def _led_to(name: str, request: Request) -> HttpResponse:
    if from_script(request):
        return JsonResponse({"person": ""}, status=HTTPStatus.UNAUTHORIZED)
    return redirect(name)


@cache
def _open_before_all() -> frozenset[str]:
    """Return the addresses open to a person who must still change the password or add a second factor."""
    return frozenset(
        reverse(name) for name in ("password", "factor", "account_logout", "language", "session")
    )


def actor_of(request: Request) -> Actor:
    """Return the actor of a signed-in request; one without a standing role may do nothing."""
    user, held = request.user, request.memberships
    chosen = request.session.get(MEMBERSHIP)
    membership = next((m for m in held if str(m.pk) == chosen), held[0] if held else None)
    return Actor(
        user_id=str(user.pk),
        name=user.full_name,
        role=membership.role if membership else "NONE",
        site=membership.site_id if membership else None,
        origin="web",
        session=(request.session.session_key or "")[:8],
        request_id=request.request_id,
    )


def actor_for(user: User, membership: Membership, *, origin: str = "command") -> Actor:
    """Return a person acting outside the browser, in one of the roles held."""
    return Actor(
        user_id=str(user.pk),
        name=user.full_name,
        role=membership.role,
        site=membership.site_id,
        origin=origin,
    )
