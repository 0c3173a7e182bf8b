"""Signing in and out: allauth's views, our words, and an event in the trail for each (AUD-12)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from audit.actors import Actor
from audit.context import record_event
from sites.access import actor_of, standing_memberships
from sites.lockout import tell_if_locked
from sites.models import User, canonical_username


class Adapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; who signs in, fails or leaves stands in the trail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count nothing in memory: failures are counted in PostgreSQL, per account (ACC-04)."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Look a name up in its one form, so that every spelling of it meets the same counter."""
        if "username" in credentials:
            credentials["username"] = canonical_username(credentials["username"])
        return super().authenticate(request, **credentials)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record the sign-in."""
        record_event("login", by=_person(request, user), detail={"username": user.username})
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a failed sign-in; the name only where it is one, since passwords get typed there too."""
        known = User.objects.filter(canonical=credentials.get("username", "")).first()
        nobody = Actor.system("sign-in", origin="web")
        detail = {
            "username": known.username if known else "",
            "known": known is not None,
            "locked": bool(getattr(request, "axes_locked_out", False)),
        }
        record_event("login_failed", by=nobody, detail=detail)
        if known is not None:
            tell_if_locked(request, known)
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        """Record that the person left."""
        if request.user.is_authenticated:
            record_event("logout", by=_person(request, request.user), detail={})
        super().logout(request)


def _person(request: Any, user: User) -> Actor:
    """Return the actor that this person is from now on, or was until now."""
    request.memberships = standing_memberships(user)
    return actor_of(request)
