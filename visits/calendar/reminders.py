"""Reminders by mail: how much waits for a person, as numbers and a link; each chooses what and how often.

A mail names no subject and holds no clinical value (PRI-07). One mail a person and day at most: the row that
says so commits with the mail's sending, so that a job that runs again sends nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import clock
from audit.actors import Actor
from audit.context import acting
from sites.access import actor_for, can
from sites.calendars import KINDS, Reminder
from sites.models import Membership, User
from sites.roles import Action
from visits.models import Query
from visits.overview.matrix import matrix, waiting
from visits.review.queries import queries_visible
from visits.safety.clocks import sae_clocks

MORNING = Actor.system("reminders")
OLD_QUERY = timedelta(days=7)
MONDAY = 0


def chosen_today(choices: Mapping[str, Any], today: date) -> list[str]:
    """Return what a person is reminded of on a day: daily each day, weekly on Mondays, else nothing."""
    due = {"daily"} | ({"weekly"} if today.weekday() == MONDAY else set())
    return [kind for kind in KINDS if choices.get(kind) in due]


def remind_all(today: date | None = None) -> int:
    """Send everybody's reminders of a day that were not sent yet; return how many mails went out."""
    today = today or clock.today()
    people = User.objects.filter(is_active=True).exclude(email="").exclude(reminders={}).order_by("username")
    return sum(remind(user, today) for user in people)


def remind(user: User, today: date) -> bool:
    """Send one person's mail of a day; nothing where nothing waits, or where it was sent already."""
    kinds = chosen_today(user.reminders, today)
    counts = _counts(user, kinds, today) if kinds else {}
    if not any(counts.values()):
        return False
    with acting(by=MORNING):
        User.objects.select_for_update().get(pk=user.pk)
        if Reminder.objects.filter(user=user, day=today).exists():
            return False
        Reminder(user=user, day=today, counts=counts).save(force_insert=True)
        _mail(user, counts)
    return True


def _counts(user: User, kinds: list[str], today: date) -> dict[str, int]:
    """Return how much of each kind waits for a person, over the roles held today."""
    counts = dict.fromkeys(kinds, 0)
    for actor in _roles(user, today):
        rows = matrix(actor) if {"closing", "overdue"} & set(kinds) and can(actor, Action.PAGE_SAVE) else []
        for kind in kinds:
            counts[kind] = max(counts[kind], _count(kind, actor, rows))
    return counts


def _roles(user: User, today: date) -> Iterator[Actor]:
    for member in Membership.objects.filter(user=user, from_date__lte=today):
        if member.to_date is None or member.to_date >= today:
            yield actor_for(user, member, origin="job")


def _count(kind: str, actor: Actor, rows: list[Any]) -> int:
    if kind in ("closing", "overdue"):
        return sum(1 for _row in waiting(rows, kind))
    if kind == "sae":
        return sum(row.is_open for row in sae_clocks(by=actor)) if can(actor, Action.SAFETY_READ) else 0
    if not can(actor, Action.QUERY_ANSWER):
        return 0
    old = clock.now() - OLD_QUERY
    return queries_visible(by=actor).filter(state=Query.State.OPEN, opened_at__lt=old).count()


def _mail(user: User, counts: Mapping[str, int]) -> None:
    with translation.override(user.language):
        lines = [_line(kind, number) for kind, number in counts.items() if number]
        lines.append(f"{settings.PUBLIC_ADDRESS.rstrip('/')}{reverse('home')}")
        lines.append(
            _("This mail holds numbers only. Sign in to read more; change or stop it in your profile.")
        )
        EmailMessage(_("Defier: what waits for you"), "\n\n".join(lines), to=[user.email]).send()


def _line(kind: str, number: int) -> str:
    words = {
        "closing": ngettext(
            "%(n)d visit window closes within 14 days.", "%(n)d visit windows close within 14 days.", number
        ),
        "overdue": ngettext("%(n)d visit is overdue.", "%(n)d visits are overdue.", number),
        "queries": ngettext(
            "%(n)d query is older than 7 days.", "%(n)d queries are older than 7 days.", number
        ),
        "sae": ngettext(
            "%(n)d serious event has a reporting time running.",
            "%(n)d serious events have a reporting time running.",
            number,
        ),
    }
    return words[kind] % {"n": number}
