"""The administrator's home: accounts that want seeing to, reviews of access, failed jobs, the sites."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock, dead_letters
from defier.count import Count
from sites import account_lists
from sites.access import Request
from sites.models import Membership, Site
from sites.review_records import AccessReview


def administrator(request: Request, show: str) -> dict[str, Any]:
    """Gather what an administrator must see to; no subject is named."""
    accounts = reverse("accounts")
    reviews = list(AccessReview.objects.filter(closed_at=None).select_related("site").order_by("due_on"))
    late = sum(one.due_on < clock.today() for one in reviews)
    head = [
        ("conflict", "locked", _("Accounts shut"), _("after wrong passwords or codes")),
        ("due", "invited", _("Invitations open"), _("nobody has signed in yet")),
        ("closing", "ending", _("Roles that end soon"), _("accounts, within 30 days")),
        ("missed", "roleless", _("Accounts without a role"), _("open, and can do nothing")),
    ]
    counts = [
        Count(sign, account_lists.number(what), words, below, f"{accounts}?show={what}")
        for sign, what, words, below in head
    ]
    counts.append(
        Count(
            "overdue" if late else "history",
            len(reviews),
            _("Access reviews open"),
            _("%(n)d overdue") % {"n": late},
            f"{reverse('home')}#reviews",
        )
    )
    counts.append(
        Count(
            "error",
            dead_letters.dead().count(),
            _("Failed jobs"),
            _("wait for you"),
            reverse("dead-jobs"),
        )
    )
    return {"counts": counts, "reviews": reviews, "lines": _lines()}


def _lines() -> list[tuple[Site, int]]:
    """Return the sites with the number of people who hold a role there today."""
    today = clock.today()
    held = Membership.objects.filter(from_date__lte=today).exclude(to_date__lt=today)
    people = Counter(site for site, _user in set(held.values_list("site_id", "user_id")) if site)
    return [(site, people[site.code]) for site in Site.objects.order_by("code")]
