"""Signing in and out: allauth's views, our words, and an event in the trail for each (AUD-12)."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from audit.actors import Actor
from audit.context import record_event
from sites.models import User, canonical_username


class Adapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; who signs in, fails or leaves stands in the trail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record the sign-in."""
        record_event("login", by=_person(user), detail={"username": user.username})
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a failed sign-in under the name that was tried, never the password."""
        tried = str(credentials.get("username", ""))[:60]
        known = User.objects.filter(canonical=canonical_username(tried)).exists()
        nobody = Actor.system("sign-in", origin="web")
        record_event("login_failed", by=nobody, detail={"username": tried if known else "", "known": known})
        super().authentication_failed(request, **credentials)

    def logout(self, request: HttpRequest) -> None:
        """Record that the person left."""
        if request.user.is_authenticated:
            record_event("logout", by=_person(request.user), detail={})
        super().logout(request)


def _person(user: User) -> Actor:
    return Actor(user_id=str(user.pk), name=user.full_name, role="ACCOUNT", origin="web")
