"""What was done to a person's way in, and telling its owner what somebody else did to it.

An administrator alone could take a second factor away, give a password, and then sign in that name, though
the use of somebody else's signature has to take two people (21 CFR 11.200(a)(3)). So nothing of it stays
hidden: each act has its entry in the trail, and a mail says to the owner what the entry says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock, jobs
from audit.actors import Actor
from audit.models import Entry, Head
from sites.models import User
from sites.notices import administrators
from sites.reader import said
from sites.roles import Role

CHAIN = "study"
EVENTS = {
    "factor_removed": gettext_lazy("Second factor removed"),
    "lockout_lifted": gettext_lazy("Account opened again after failed sign-ins"),
}
COLUMNS = {
    "password": gettext_lazy("New password given"),
    "email": gettext_lazy("E-mail address changed"),
}
OPENED, CLOSED = gettext_lazy("Account opened again"), gettext_lazy("Account closed")
SHOWN, SHOWN_DAYS = 20, 365


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a way in, in the reader's language; `own` where its person did it."""

    words: str
    at: datetime
    by_name: str
    by_role: str
    own: bool

    @property
    def when(self) -> str:
        """The moment in the time of the sites."""
        return self.at.astimezone(clock.ZONE).strftime("%Y-%m-%d %H:%M")


def tell_owner(*, user: User, by: Actor) -> None:
    """Have the owner told of the act whose entry was just written; of one's own acts nobody is told.

    Called in the transaction of the act: until its end the last entry of the chain is this one.
    """
    if str(user.pk) == by.user_id:
        return
    entry = Head.objects.get(chain=CHAIN).n
    jobs.enqueue("way_in_notice", by=by, args={"user": str(user.pk), "entry": entry})


def tell(user_id: UUID, entry: int) -> int:
    """Mail the owner what an entry says, to the address of before as well; return how many mails were sent.

    Of an owner without any address the administrators are told, but not the one who did it.
    """
    user, found = User.objects.get(pk=user_id), Entry.objects.get(chain=CHAIN, n=entry)
    before = (found.old or {}).get("email", "")
    addresses = list(dict.fromkeys(one for one in (before, user.email) if one))
    letters = [(user.language, addresses)] if addresses else _in_place_of_the_owner(found)
    for language, to in letters:
        with translation.override(language):
            EmailMessage(_("Defier: your way in was changed"), _letter(user, found), to=to).send()
    return len(letters)


def _in_place_of_the_owner(found: Entry) -> list[tuple[str, list[str]]]:
    return [(one.language, [one.email]) for one in administrators() if str(one.pk) != found.actor_id]


def _letter(user: User, found: Entry) -> str:
    act = _act(user, found)
    return "\n\n".join(
        [
            _("Somebody else changed how the account %(name)s is opened:") % {"name": user.username},
            act.words,
            _("Done by: %(name)s (%(role)s)") % {"name": act.by_name, "role": act.by_role},
            _("When: %(when)s, time of the sites") % {"when": act.when},
            _(
                "If you did not ask for this, somebody may be trying to sign in your name. Telephone another"
                " administrator or a data manager at once, have the account closed, and sign nothing until"
                " they have looked into it."
            ),
        ]
    )


def acts_upon(user: User) -> list[Act]:
    """Return what was done to a person's way in within a year, the latest first."""
    since = clock.now() - timedelta(days=SHOWN_DAYS)
    columns = Q(new__has_any_keys=[*COLUMNS, "is_active"])
    rows = Entry.objects.filter(columns, table_name="sites_user", op="U", row_key=str(user.pk), at__gte=since)
    events = Entry.objects.filter(
        chain=CHAIN, op="E", table_name__in=EVENTS, new__username=user.username, at__gte=since
    )
    found = [*rows.order_by("-n")[:SHOWN], *events.order_by("-n")[:SHOWN]]
    found.sort(key=lambda one: one.n, reverse=True)
    return [_act(user, one) for one in found[:SHOWN]]


def _act(user: User, found: Entry) -> Act:
    role = said(Role(found.actor_role).label) if found.actor_role in Role.__members__ else _("System")
    own = found.actor_id == str(user.pk)
    return Act(_words(found), found.at, found.actor_name, role, own)


def _words(found: Entry) -> str:
    if found.op == "E":
        return str(EVENTS[found.table_name])
    new: Mapping[str, Any] = found.new or {}
    words = [str(said_so) for column, said_so in COLUMNS.items() if column in new]
    if "is_active" in new:
        words.append(str(OPENED if new["is_active"] else CLOSED))
    return "; ".join(words)
