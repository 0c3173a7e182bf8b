"""The lockout: wrong passwords and wrong codes of one account, counted together in PostgreSQL (ACC-04).

Sign-in, second factor, change of password and signing all count here, whatever the address or the spelling of
the name; five in a row shut the account for thirty minutes, and its owner and the administrators are told.
Nothing that was typed is kept: a name counts under its digest, since passwords get typed into that box too.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from audit import jobs
from audit.actors import Actor
from audit.context import record_event
from sites.models import User, canonical_username
from sites.way_in import tell_owner

WATCH = Actor.system("sign-in", origin="web")


def counted_as(request: HttpRequest, credentials: Mapping[str, str] | None) -> str | None:
    """Return what the failures of a name are counted under (axes asks): the same for every spelling of it."""
    typed = (credentials or {}).get("username")
    return None if typed is None else digest_of(typed)


def digest_of(username: str) -> str:
    """Return a user name's digest under the key of this installation: short words cannot be tried on it."""
    name = canonical_username(username).encode("utf-8", "backslashreplace")
    return hmac.digest(settings.SECRET_KEY.encode(), b"sign-in " + name, "sha256").hex()


def is_locked_out(request: HttpRequest, user: User) -> bool:
    """Say whether the account is shut now."""
    return not AxesProxyHandler.is_allowed(request, {"username": user.canonical})


def count_failure(request: HttpRequest, user: User, *, at: str) -> bool:
    """Count a wrong code or signature of an account and say whether it is shut now.

    `at`: where it happened (code, signature), for the trail. Passwords are counted by `authenticate` itself.
    """
    AxesProxyHandler.user_login_failed(
        sender="sites.lockout", credentials={"username": user.canonical}, request=request
    )
    locked = bool(getattr(request, "axes_locked_out", False))
    record_event("proof_failed", by=WATCH, detail={"username": user.username, "at": at, "locked": locked})
    tell_if_locked(request, user)
    return locked


def tell_if_locked(request: HttpRequest, user: User) -> None:
    """Record that an account has just been shut, and have its owner and the administrators told, once."""
    if getattr(request, "axes_failures_since_start", None) != settings.AXES_FAILURE_LIMIT:
        return
    record_event("locked_out", by=WATCH, detail={"username": user.username})
    jobs.enqueue("lockout_notice", by=WATCH, args={"user": str(user.pk)})


def forget_failures(*, user: User, by: Actor) -> None:
    """Open an account again: an administrator has spoken with its owner, who is told of it."""
    with transaction.atomic():
        AxesProxyHandler.reset_attempts(username=digest_of(user.canonical))
        record_event("lockout_lifted", by=by, detail={"username": user.username})
        tell_owner(user=user, by=by)
