"""Accounts by what an administrator has to see to: shut ones, open invitations, roles that end soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from audit import clock
from protocol.words import Bilingual, T
from sites.lockout import digest_of
from sites.models import Membership, User

SOON = timedelta(days=30)
Rule = Callable[[], Q]


def _locked() -> Q:
    """Wrong passwords and codes are counted under digests of the names; their clock is the machine's own."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    tried = AccessAttempt.objects.filter(attempt_time__gte=since).values("username")
    shut = tried.annotate(n=Sum("failures_since_start")).filter(n__gte=settings.AXES_FAILURE_LIMIT)
    digests = set(shut.values_list("username", flat=True))
    if not digests:
        return Q(pk__in=[])
    names = User.objects.values_list("pk", "canonical")
    return Q(pk__in=[pk for pk, name in names if digest_of(name) in digests])


def _invited() -> Q:
    return Q(invitations__used_at=None, invitations__withdrawn_at=None, invitations__isnull=False)


def _ending() -> Q:
    today = clock.today()
    return Q(is_active=True, memberships__to_date__gte=today, memberships__to_date__lte=today + SOON)


def _roleless() -> Q:
    today = clock.today()
    holds = Q(memberships__to_date=None) | Q(memberships__to_date__gte=today)
    held = User.objects.filter(holds, memberships__from_date__lte=today).values("pk")
    return Q(is_active=True) & ~Q(pk__in=held)


LISTS: dict[str, tuple[Bilingual, Rule]] = {
    "all": (T("all accounts", "全部账户"), Q),
    "locked": (T("shut after wrong passwords", "因密码错误被锁定"), _locked),
    "invited": (T("invited, not come yet", "已邀请，尚未登录"), _invited),
    "ending": (T("a role ends within 30 days", "角色将在30天内到期"), _ending),
    "roleless": (T("open, without a role", "已启用但无角色"), _roleless),
}


def listed(show: str, site: str = "") -> list[User]:
    """Return the accounts of one of LISTS, by name, with their roles; of a site: who has one there today."""
    _words, rule = LISTS[show]
    wanted = User.objects.filter(pk__in=User.objects.filter(rule()).values("pk"))
    if site:
        wanted = wanted.filter(pk__in=_at(site))
    return list(wanted.prefetch_related("memberships").order_by("full_name", "id"))


def _at(site: str) -> QuerySet[Membership, UUID]:
    today = clock.today()
    held = Membership.objects.filter(site=site, from_date__lte=today).exclude(to_date__lt=today)
    return held.values_list("user_id", flat=True)


def number(show: str) -> int:
    """Count the accounts of one of LISTS."""
    return User.objects.filter(pk__in=User.objects.filter(LISTS[show][1]()).values("pk")).count()
