"""What a session remembers of the second factor that its person gave."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.http import HttpRequest

from sites.models import User


def mark_proven(request: HttpRequest, user: User) -> None:
    """Note in the session that its person has just given a second factor."""
    record_authentication(request, user, "mfa", type="totp")


def proven_at(request: HttpRequest, user: User) -> float | None:
    """Return when this session's person last gave a second factor, in seconds; None for never."""
    given = [one["at"] for one in get_authentication_records(request, user) if one["method"] == "mfa"]
    return max(given) if given else None
