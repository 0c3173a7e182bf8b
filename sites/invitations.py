"""Inviting a person by mail to choose a password: the link is good once, for a day (ACC-10).

The same link serves who has forgotten the password; it never touches the second factor. The token is made by
the job that sends the mail, so that it is in no job row and no log; only its digest is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock, jobs
from audit.actors import Actor
from audit.context import acting, record_event
from sites.access import require
from sites.invitation_records import Invitation
from sites.models import User
from sites.passwords import give_own_password
from sites.roles import Action

GOOD_FOR = timedelta(hours=24)
TOKEN_BYTES = 32


class Spent(Exception):
    """The link was used, was replaced by a newer one, or its day is over."""


def ask_to_invite(*, user: User, by: Actor) -> None:
    """Have a link mailed to a person; one that was sent before stops working.

    Raises ValidationError where the account is closed or has no address.
    """
    require(by, Action.ACCOUNT_EDIT)
    if not user.email or not user.is_active:
        raise ValidationError(_("This account is closed or has no e-mail address: nothing was sent."))
    with acting(by=by):
        _withdraw(user)
        jobs.enqueue("send_invitation", by=by, args={"user": str(user.pk)})


def send(user_id: UUID, *, by: Actor) -> str:
    """Make the link, mail it, and return its token; called by the job."""
    user = User.objects.get(pk=user_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with acting(by=by):
        User.objects.select_for_update().get(pk=user.pk)
        _withdraw(user)
        Invitation.objects.create(user=user, token_digest=digest_of(token), expires_at=clock.now() + GOOD_FOR)
    _mail(user, token)
    return token


def _withdraw(user: User) -> None:
    Invitation.objects.filter(user=user, used_at=None, withdrawn_at=None).update(withdrawn_at=clock.now())


def _mail(user: User, token: str) -> None:
    with translation.override(user.language):
        lines = [
            _("An account for the Defier Study is waiting for you. Your user name: %(name)s.")
            % {"name": user.username},
            _("Choose a password under this address. It works once, for 24 hours:"),
            settings.PUBLIC_ADDRESS.rstrip("/") + reverse("invitation", args=[token]),
            _("If you did not expect this, do nothing and tell the administrator."),
        ]
        EmailMessage(_("Defier: choose your password"), "\n\n".join(lines), to=[user.email]).send()


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()


def invited(token: str) -> Invitation:
    """Return the invitation behind a link; Spent where it is good no more, or never was."""
    found = Invitation.objects.select_related("user").filter(token_digest=digest_of(token)).first()
    if found is None or not _is_good(found):
        raise Spent
    return found


def _is_good(one: Invitation) -> bool:
    standing = one.used_at is None and one.withdrawn_at is None
    return standing and one.expires_at > clock.now() and one.user.is_active


def accept(*, token: str, password: str) -> User:
    """Keep the password that the invited person chose, and use the link up.

    Raises Spent; ValidationError where the password is too weak, and the link stays good.
    """
    invitation = invited(token)
    user = invitation.user
    by = Actor(str(user.pk), user.full_name, "NONE")
    with acting(by=by):
        locked = (
            Invitation.objects.select_for_update(of=("self",)).select_related("user").get(pk=invitation.pk)
        )
        if not _is_good(locked):
            raise Spent
        give_own_password(user=user, password=password, by=by)
        locked.used_at = clock.now()
        locked.save(update_fields=["used_at"])
        record_event("invitation_used", by=by, detail={"username": user.username})
    return user
