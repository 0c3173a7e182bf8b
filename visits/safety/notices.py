"""Mail to those responsible: a serious event was entered, a clock is running out, a clock has run out.

A mail names the subject by number and the clock, with the address of the page, and holds no clinical value
(PRI-07). Each is sent once for a page, clock and stage: the row that says so commits with it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol.safety import Clock, State
from protocol.words import Bilingual, T
from sites.models import User
from sites.roles import Role
from visits.dossier import LOG
from visits.models import Page
from visits.safety import nightly
from visits.safety.clocks import SaeRow, sae_clocks
from visits.safety.records import SafetyNotice

ENTERED = "ENTERED"
URGENT, OVERDUE = "URGENT", "OVERDUE"
STUDY_WIDE = (Role.DATA_MANAGER, Role.MONITOR)
AT_THE_SITE = (Role.INVESTIGATOR, Role.COORDINATOR, Role.MONITOR)
HOURLY = Actor.system("safety clocks")

SUBJECTS: dict[str, Bilingual] = {
    ENTERED: T("A serious adverse event was entered", "录入了一例严重不良事件"),
    URGENT: T("A reporting time is running out", "上报时限即将到期"),
    OVERDUE: T("A reporting time has run out", "上报时限已过"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be said once: of which page, which clock (or that it was entered), at which stage."""

    page_id: uuid.UUID
    site: str
    subject_id: uuid.UUID
    usubjid: str
    code: str
    stage: str
    label: Bilingual | None = None


def tell_entered(page_id: uuid.UUID, *, by: Actor) -> int:
    """Tell those responsible that a serious event was entered; returns how many were told."""
    page = Page.objects.select_related("subject").get(pk=page_id)
    notice = Notice(page.pk, page.site_id, page.subject_id, page.subject.usubjid, "SAE", ENTERED)
    return _tell([notice], by=by)


def hour(*, by: Actor) -> dict[str, Any]:
    """Warn of clocks that run out or have, and make what is late a deviation; run again, nothing is new."""
    rows = [row for row in sae_clocks(by=HOURLY) if row.is_open]
    wanted = [notice for row in rows for notice in _due(row)]
    known = set(
        SafetyNotice.objects.filter(page_id__in=[row.page_id for row in rows]).values_list(
            "page_id", "code", "stage"
        )
    )
    told = _tell([one for one in wanted if (one.page_id, one.code, one.stage) not in known], by=by)
    late = {row.subject_id for row in rows if row.clocks[0].state is State.OVERDUE}
    return {"told": told, "written": nightly.settle_unreported(sorted(late))}


def _due(row: SaeRow) -> Iterable[Notice]:
    for one in row.clocks:
        stage = _stage(one)
        if stage:
            yield Notice(
                row.page_id, row.site, row.subject_id, row.usubjid, one.duty.code, stage, one.duty.label
            )


def _stage(one: Clock) -> str:
    return OVERDUE if one.state is State.OVERDUE else URGENT if one.is_urgent else ""


def _tell(notices: Iterable[Notice], *, by: Actor) -> int:
    """Record each notice and mail it, in one transaction each: what was not recorded was not sent."""
    told = 0
    for notice in notices:
        people = responsible(notice.site)
        with acting(by=Actor.system(HOURLY.name, on_behalf_of=by.user_id or by.name)):
            row = SafetyNotice(
                site_id=notice.site,
                subject_id=notice.subject_id,
                page_id=notice.page_id,
                code=notice.code,
                stage=notice.stage,
                told=len(people),
                at=clock.now(),
            )
            known = {"page_id": notice.page_id, "code": notice.code, "stage": notice.stage}
            if SafetyNotice.objects.filter(**known).exists():
                continue
            row.save(force_insert=True)
            for user in people:
                _mail(user, notice)
        told += len(people)
    return told


def responsible(site: str) -> list[User]:
    """Return who is told of the serious events of a site: by membership today, with an address."""
    today = clock.today()
    standing = Q(memberships__to_date=None) | Q(memberships__to_date__gte=today)
    role = Q(memberships__role__in=STUDY_WIDE, memberships__site=None) | Q(
        memberships__role__in=AT_THE_SITE, memberships__site_id=site
    )
    found = User.objects.filter(standing & role, memberships__from_date__lte=today, is_active=True)
    return list(found.exclude(email="").distinct().order_by("username"))


def _mail(user: User, notice: Notice) -> None:
    with translation.override(user.language):
        chinese = user.language.startswith("zh")
        subject = SUBJECTS[notice.stage]
        title = subject.zh if chinese else subject.en
        lines = [f"{title}: {notice.usubjid}"]
        if notice.label is not None:
            lines.append(notice.label.zh if chinese else notice.label.en)
        lines.append(address_of(notice))
        lines.append(_("This mail holds no clinical data. Sign in to read the page."))
        EmailMessage(f"Defier: {title}", "\n\n".join(lines), to=[user.email]).send()


def address_of(notice: Notice) -> str:
    """Return the address of the event's page."""
    path = reverse("page", args=[notice.subject_id, LOG, "AE"])
    return f"{settings.PUBLIC_ADDRESS.rstrip('/')}{path}#p-{notice.page_id}"
