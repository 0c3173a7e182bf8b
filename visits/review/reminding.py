"""Reminding the owners of blockers by mail, from the lock rehearsal: one job, and one mail, a person and day.

A mail holds numbers and the address of the person's home, no subject and no clinical value (PRI-07).
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock, jobs
from audit.actors import Actor
from audit.context import acting, record_event
from sites.access import require
from sites.models import Membership, User
from sites.roles import Action
from visits.review.gates import KINDS, OWNERS, every_blocker, parameters


def remind(*, owner: str, by: Actor) -> int:
    """Ask for a mail to everybody who has blockers of this owner to clear; return to how many.

    Who was reminded today is not reminded again. Raises PermissionDenied, KeyError for no such owner.
    """
    require(by, Action.LOCK)
    role = OWNERS[owner].role
    counts = _counts(owner)
    people = [user for user in _holders(role) if _of(user, role, counts)]
    with acting(by=by):
        for user in people:
            key = f"remind_blockers:{owner}:{user.pk}:{clock.today()}"
            jobs.enqueue("remind_blockers", by=by, args={"owner": owner, "user": user.pk}, key=key)
        record_event("blockers_reminded", by=by, detail={"owner": owner, "people": len(people)})
    return len(people)


def mail(*, owner: str, user: User) -> bool:
    """Send one person the numbers as they are now; nothing where nothing is left to clear."""
    role = OWNERS[owner].role
    found = _of(user, role, _counts(owner))
    if not found:
        return False
    with translation.override(user.language):
        chinese = user.language.startswith("zh")
        separator = "：" if chinese else ": "
        lines = [_("These stand in the way of a lock, and wait for you.")]
        for kind, number in found.items():
            label = KINDS[kind].label
            lines.append(f"{label.zh if chinese else label.en}{separator}{number}")
        lines.append(f"{settings.PUBLIC_ADDRESS.rstrip('/')}{reverse('home')}")
        lines.append(_("This mail holds numbers only. Sign in to read more."))
        EmailMessage(_("Defier: blockers to clear"), "\n\n".join(lines), to=[user.email]).send()
    return True


def _counts(owner: str) -> dict[str, dict[str, int]]:
    """Return how many blockers of an owner there are, by kind and site; one statement."""
    wanted = [kind.code for kind in KINDS.values() if kind.owner.code == owner]
    found: dict[str, dict[str, int]] = {kind: {} for kind in wanted}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.kind, f.site_id, count(*) FROM ({every_blocker()}) f
                  JOIN subjects_subject s ON s.id = f.subject_id AND s.voided_at IS NULL
                 WHERE f.kind = ANY (%(kinds)s) GROUP BY 1, 2""",  # noqa: S608 words of our own
            parameters(kinds=wanted),
        )
        for kind, site, number in cursor.fetchall():
            found[kind][site] = number
    return found


def _standing(role: str | None) -> QuerySet[Membership]:
    today = clock.today()
    ends = Q(to_date=None) | Q(to_date__gte=today)
    return Membership.objects.filter(ends, role=role, from_date__lte=today)


def _holders(role: str | None) -> list[User]:
    """Return who holds a role today and has an address."""
    held = _standing(role).values("user")
    return list(User.objects.filter(pk__in=held, is_active=True).exclude(email="").order_by("username"))


def _of(user: User, role: str | None, counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return what of these counts is a person's: of their sites, of all where the role is for the study."""
    sites = set(_standing(role).filter(user=user).values_list("site_id", flat=True))
    found = {
        kind: sum(number for site, number in by_site.items() if site in sites or None in sites)
        for kind, by_site in counts.items()
    }
    return {kind: number for kind, number in found.items() if number}
