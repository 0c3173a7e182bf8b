"""Passwords: how one is kept, when it runs out, that the last five do not return (ACC-02, ACC-03)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.invitation_records import FormerPassword
from sites.models import User

REMEMBERED = 5


def give_password(user: User, password: str | None) -> None:
    """Put a password on an account that the caller then saves; None: nobody can sign in by it yet.

    Raises ValidationError for a weak one, and where passwords run out for one of the last five.
    """
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise ValidationError({"password": refused.messages}) from refused
    if settings.PASSWORD_DAYS and _was_used(user, password):
        raise ValidationError({"password": _("This is one of your last five passwords.")})
    user.set_password(password)
    user.password_at = clock.now()


def _was_used(user: User, password: str) -> bool:
    former = FormerPassword.objects.filter(user=user).values_list("password", flat=True)[:REMEMBERED]
    return any(check_password(password, known) for known in (user.password, *former))


def keep_former(user: User) -> None:
    """Remember the hash of the password that is about to be replaced."""
    if user.has_usable_password():
        FormerPassword.objects.create(user=user, password=user.password)


def give_own_password(*, user: User, password: str, by: Actor) -> None:
    """Keep a password that its owner chose; it need not be changed. Raises ValidationError for a weak one."""
    with acting(by=by):
        locked = User.objects.select_for_update().get(pk=user.pk)
        keep_former(locked)
        give_password(locked, password)
        locked.must_change_password = False
        locked.save(update_fields=["password", "password_at", "must_change_password"])


def has_run_out(user: User) -> bool:
    """Say whether the password has to be changed because of its age."""
    if not settings.PASSWORD_DAYS or user.password_at is None:
        return False
    return clock.now() - user.password_at > timedelta(days=settings.PASSWORD_DAYS)
