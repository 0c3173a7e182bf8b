"""Which version of the protocol each site works by: its ethics approval, and since when it is in force.

A version above the first is offered at a site only when that site's committee has approved it, and after a
data manager has switched it on with a report of what it will change (EDQ-08; outcomes/amending.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol import version as protocol
from sites.access import require
from sites.roles import Action


class SiteVersion(models.Model):
    """A version of the protocol at a site: the approval, the first day, and who switched it on.

    `report` is the impact report that was approved before; without one nothing is in force.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey("sites.Site", models.PROTECT, related_name="protocol_versions")
    version = models.CharField(max_length=10)
    ethics_no = models.CharField(max_length=60)
    ethics_date = models.DateField()
    effective_from = models.DateField()
    recorded_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField(default=clock.now)
    switched_on_at = models.DateTimeField(null=True)
    switched_on_by = models.CharField(max_length=120, blank=True, default="")
    report = models.UUIDField(null=True)

    class Meta:
        ordering = ["site_id", "effective_from", "version"]
        constraints = [
            models.UniqueConstraint(fields=["site", "version"], name="site_version_once"),
            models.CheckConstraint(
                condition=~Q(ethics_no="") & Q(effective_from__gte=F("ethics_date")),
                name="site_version_is_approved_first",
            ),
            models.CheckConstraint(
                condition=Q(switched_on_at=None) | (Q(report__isnull=False) & ~Q(switched_on_by="")),
                name="site_version_is_on_by_report",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} {self.version}"


@dataclass(frozen=True, slots=True)
class InForce:
    """From which day a site works by a version."""

    version: str
    since: date


def record_approval(
    *, site: str, version: str, ethics_no: str, ethics_date: date, effective_from: date, by: Actor
) -> SiteVersion:
    """Record that a site's ethics committee approved a version; what was recorded before may be corrected.

    ValidationError for an unknown version, dates out of order, or a version that is switched on already.
    """
    require(by, Action.PROTOCOL_APPROVAL_RECORD, site)
    if version not in protocol.versions()[1:]:
        raise ValidationError({"version": _("There is no such version of the protocol.")})
    if not ethics_no.strip():
        raise ValidationError({"ethics_no": _("Give the number of the approval.")})
    if ethics_date > clock.today():
        raise ValidationError({"ethics_date": _("The approval lies in the future.")})
    if effective_from < ethics_date:
        raise ValidationError({"effective_from": _("A version cannot hold before it was approved.")})
    with acting(by=by):
        known = SiteVersion.objects.select_for_update().filter(site_id=site, version=version).first()
        if known is not None and known.switched_on_at is not None:
            raise ValidationError(_("This version is switched on at this site: its approval stands."))
        made = known or SiteVersion(site_id=site, version=version)
        made.ethics_no, made.ethics_date = ethics_no.strip(), ethics_date
        made.effective_from = effective_from
        made.recorded_by, made.recorded_at = by.name, clock.now()
        made.full_clean(exclude=["site", "switched_on_at", "switched_on_by", "report"])
        made.save(force_insert=known is None)
    return made


def put_in_force(approval: SiteVersion, *, report: uuid.UUID, by: Actor) -> SiteVersion:
    """Let a site work by a version from its day on; the caller has seen to the report and the transaction."""
    require(by, Action.PROTOCOL_SWITCH_ON, approval.site_id)
    approval.report, approval.switched_on_at, approval.switched_on_by = report, clock.now(), by.name
    approval.save(update_fields=["report", "switched_on_at", "switched_on_by"])
    return approval


def in_force_at(site: str) -> tuple[InForce, ...]:
    """Return the versions that are switched on at a site, in one statement (none without an amendment)."""
    return all_in_force([site]).get(site, ())


def all_in_force(sites: Iterable[str] | None = None) -> dict[str, tuple[InForce, ...]]:
    """Return the same for several sites (None: for all) in one statement."""
    if not protocol.AMENDMENTS:
        return {}
    known = protocol.versions()
    found = SiteVersion.objects.filter(switched_on_at__isnull=False, version__in=known)
    if sites is not None:
        found = found.filter(site_id__in=list(sites))
    at: dict[str, tuple[InForce, ...]] = {}
    for one in found:
        at[one.site_id] = (*at.get(one.site_id, ()), InForce(one.version, one.effective_from))
    return at


def version_on(known: tuple[InForce, ...], day: date) -> str:
    """Return the version that holds on a day at a site with these versions."""
    return protocol.newest(tuple(one.version for one in known if one.since <= day))
