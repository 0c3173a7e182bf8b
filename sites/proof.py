"""Proving again who one is within a session: before signing, before changing a secret (SIG-03).

Needs the password, and a code where the person has a second factor that was last given over 15 minutes ago.
Whatever is wrong counts towards the lockout of the account.
"""

from __future__ import annotations

import time

from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sites import factors
from sites.lockout import count_failure, is_locked_out, tell_if_locked
from sites.models import User
from sites.proven import mark_proven, proven_at

FRESH_SECONDS = 15 * 60


class LockedOut(Exception):
    """The account is shut for now; nothing that is typed can open it."""


def needs_code(request: HttpRequest) -> bool:
    """Say whether proving takes a code besides the password."""
    user = request.user
    assert isinstance(user, User)
    if not factors.has_factor(user):
        return False
    given = proven_at(request, user)
    return given is None or time.time() - given > FRESH_SECONDS


def prove(request: HttpRequest, *, password: str, code: str = "", at: str = "signature") -> None:
    """Accept the password (and code) of who is signed in.

    `at` names the act in the trail. Raises LockedOut, or ValidationError naming `password` or `code`.
    """
    user = request.user
    assert isinstance(user, User)
    if is_locked_out(request, user):
        raise LockedOut
    with_code = needs_code(request)
    found = authenticate(request, username=user.canonical, password=password)
    if found is None or found.pk != user.pk:
        tell_if_locked(request, user)
        _stop_if_locked(request)
        raise ValidationError({"password": _("This is not your password.")})
    if with_code:
        if factors.take_code(user, code) is None:
            count_failure(request, user, at=at)
            _stop_if_locked(request)
            raise ValidationError({"code": factors.WRONG})
        mark_proven(request, user)


def _stop_if_locked(request: HttpRequest) -> None:
    if getattr(request, "axes_locked_out", False):
        raise LockedOut
