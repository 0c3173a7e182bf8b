"""Mails about accounts: that one was shut, that a review is overdue; no clinical value in any (PRI-07)."""

from __future__ import annotations

from uuid import UUID

from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from sites.models import User
from sites.roles import Role


def administrators() -> list[User]:
    """Return who administers today and can be mailed."""
    today = clock.today()
    standing = Q(memberships__to_date=None) | Q(memberships__to_date__gte=today)
    found = User.objects.filter(
        standing, memberships__role=Role.ADMINISTRATOR, memberships__from_date__lte=today, is_active=True
    )
    return list(found.exclude(email="").distinct().order_by("username"))


def tell_locked_out(user_id: UUID) -> int:
    """Tell the person and the administrators that an account was shut; return how many were told."""
    user = User.objects.get(pk=user_id)
    told = {one.pk: one for one in [*administrators(), user] if one.email}
    for one in told.values():
        with translation.override(one.language):
            words = _(
                "Five sign-ins, codes or signatures in a row failed for the account %(name)s. It is shut for"
                " 30 minutes. If this was not its owner, change the password."
            )
            EmailMessage(
                _("Defier: an account was shut"), words % {"name": user.username}, to=[one.email]
            ).send()
    return len(told)


def tell_overdue(words: list[str]) -> int:
    """Tell the administrators which access reviews are overdue; return how many were told."""
    told = administrators() if words else []
    for one in told:
        with translation.override(one.language):
            title = _("Defier: access reviews are overdue")
            EmailMessage(title, "\n".join(words), to=[one.email]).send()
    return len(told)
