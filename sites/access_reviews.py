"""The quarterly review of access: every role is confirmed or ended by name, within fourteen days (ACC-09)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting, record_event, take_chains
from audit.models import Entry
from sites import notices
from sites.access import can, require
from sites.accounts import end_membership
from sites.models import Membership, Site, User
from sites.review_records import AccessReview, ReviewedRole
from sites.roles import Action, Role

DAYS = 14
Decision = ReviewedRole.Decision
FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEAD = ("user name", "name", "role", "site", "from", "until", "account open")


def quarter_of(day: date) -> str:
    """Return the quarter of a day, 2026Q4."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def day(*, by: Actor) -> dict[str, Any]:
    """Make the reviews of a new quarter, shut unused accounts, and tell of what is overdue."""
    made = make_reviews(by=by)
    shut = suspend_dormant(by=by)
    late = [str(one) for one in overdue()]
    return {"made": made, "suspended": shut, "told": notices.tell_overdue(late)}


def make_reviews(*, by: Actor) -> int:
    """Make this quarter's review of each site that works, and of the roles of the whole study; once."""
    today = clock.today()
    quarter = quarter_of(today)
    sites = list(Site.objects.exclude(status__in=[Site.Status.PLANNED, Site.Status.CLOSED]))
    made = 0
    with acting(by=by):
        take_chains(sites=[site.code for site in sites], study=True)
        done = set(AccessReview.objects.filter(quarter=quarter).values_list("site_id", flat=True))
        for site in [*sites, None]:
            held = list(_standing(today).filter(site=site).select_related("user"))
            if (site.code if site else None) in done or not held:
                continue
            review = AccessReview.objects.create(
                site=site, quarter=quarter, due_on=today + timedelta(days=DAYS)
            )
            ReviewedRole.objects.bulk_create(
                ReviewedRole(review=review, site=site, membership=one) for one in held
            )
            made += 1
    return made


def _standing(on: date) -> QuerySet[Membership]:
    return Membership.objects.filter(Q(to_date=None) | Q(to_date__gte=on), from_date__lte=on)


def overdue() -> list[AccessReview]:
    """Return the reviews whose fourteen days are over and that are still open."""
    return list(AccessReview.objects.filter(closed_at=None, due_on__lt=clock.today()))


def decide(*, review: AccessReview, decisions: Mapping[UUID, str], by: Actor) -> AccessReview:
    """Confirm or end roles by name; the review closes with the last of them.

    The view has had the person prove who they are. Raises ValidationError for one's own role, and where a
    role is ended by who may not end it.
    """
    require(by, Action.ACCESS_REVIEW)
    with acting(by=by):
        take_chains(sites=[review.site_id] if review.site_id else [], study=review.site_id is None)
        locked = AccessReview.objects.select_for_update().get(pk=review.pk)
        for role in locked.roles.select_related("membership").filter(pk__in=decisions, decision=""):
            _decide(role, Decision(decisions[role.pk]), by)
        if not locked.roles.filter(decision="").exists() and locked.closed_at is None:
            locked.closed_at = clock.now()
            locked.save(update_fields=["closed_at"])
    return locked


def _decide(role: ReviewedRole, decision: str, by: Actor) -> None:
    held = role.membership
    if str(held.user_id) == by.user_id:
        raise ValidationError(_("Nobody reviews their own role: somebody else does."))
    if decision == Decision.END:
        if not can(by, Action.ACCOUNT_EDIT):
            raise ValidationError(_("Only an administrator ends a role."))
        end_membership(membership=held, on=max(clock.today(), held.from_date), by=by)
    role.decision = decision
    role.decided_by_id = UUID(by.user_id)
    role.decided_at = clock.now()
    role.save(update_fields=["decision", "decided_by", "decided_at"])


def suspend_dormant(*, by: Actor) -> int:
    """Shut the accounts that nobody signed in to for DORMANT_DAYS; the last administrator's stays open."""
    if not settings.DORMANT_DAYS:
        return 0
    since = clock.now() - timedelta(days=settings.DORMANT_DAYS)
    came = Entry.objects.filter(table_name="login", op="E", at__gte=since, actor_id=OuterRef("text_id"))
    shut = 0
    for user in _open_accounts().exclude(Exists(came)).filter(password_at__lt=since):
        if _is_last_administrator(user):
            continue
        with acting(by=by):
            User.objects.filter(pk=user.pk).update(is_active=False)
            record_event("account_dormant", by=by, detail={"username": user.username})
        shut += 1
    return shut


def _open_accounts() -> QuerySet[User]:
    from django.db.models import CharField
    from django.db.models.functions import Cast

    return User.objects.filter(is_active=True).annotate(text_id=Cast("pk", CharField()))


def _is_last_administrator(user: User) -> bool:
    administering = _standing(clock.today()).filter(role=Role.ADMINISTRATOR, user__is_active=True)
    return administering.filter(user=user).exists() and not administering.exclude(user=user).exists()


def history(*, by: Actor, on: date | None = None) -> str:
    """Return who held which role when, as CSV: on a day, or ever; handing it out is recorded."""
    require(by, Action.ACCOUNT_READ)
    chosen = Membership.objects.all() if on is None else _standing(on)
    lines = chosen.select_related("user").order_by("user__canonical", "from_date", "role")
    record_event("access_history", by=by, detail={"on": on.isoformat() if on else ""})
    return _csv(_line(one) for one in lines)


def _line(one: Membership) -> list[str]:
    user = one.user
    until = one.to_date.isoformat() if one.to_date else ""
    open_ = "yes" if user.is_active else "no"
    return [user.username, user.full_name, one.role, one.site_id or "", f"{one.from_date}", until, open_]


def _csv(lines: Iterable[list[str]]) -> str:
    """Write lines so that a spreadsheet takes no name for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for line in lines:
        writer.writerow(f"'{text}" if text.startswith(FORMULA) else text for text in line)
    return out.getvalue()
