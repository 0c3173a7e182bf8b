"""Switching a version of the protocol on at a site: a report, its approval by name, the switch (EDQ-08)."""

from __future__ import annotations

import hashlib
import json
import uuid

from django.db import connection

from audit import clock, jobs
from audit.actors import Actor
from audit.context import acting
from audit.models import Head, Job
from outcomes.models import ImpactApproval, ImpactReport
from protocol import version as protocol
from sites import versions
from sites.access import require
from sites.models import Site
from sites.roles import Action
from sites.versions import SiteVersion
from visits.amendments import definition_of

# Queries and notes do not age a report; pages, their answers and locks do.
_WRITTEN_SINCE = """
    SELECT EXISTS (
        SELECT 1 FROM subjects_subject s JOIN audit_entry e ON e.chain = 'subject:' || s.id
         WHERE s.site_id = %(site)s AND e.op <> 'E'
           AND e.n > coalesce((%(seen)s::jsonb ->> s.id::text)::bigint, 0)
           AND (e.table_name LIKE 'crf\\_%%' OR e.table_name IN ('visits_page', 'visits_lock')))"""


class NotReady(Exception):
    """The version cannot be switched on yet; `why` says what is lacking.

    `why`: approval (of the ethics committee), report, unread (not approved by a data manager), stale, on.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def ask_for_report(*, version: str, site: Site, by: Actor) -> Job:
    """Have the dry run done by a job; KeyError for an unknown version."""
    require(by, Action.IMPACT_REPORT, site.code)
    protocol.amendment(version)
    with acting(by=by):
        return jobs.enqueue("impact_report", by=by, args={"site": site.code, "version": version})


def make_report(
    *, version: str, site: str, by: Actor, made_for: str, told: jobs.Function | None = None
) -> ImpactReport:
    """Do the dry run and keep what it found; the heads are read first, so that later writes make it stale."""
    from outcomes.impact import dry_run

    seen = _heads(site)
    now = versions.version_on(versions.in_force_at(site), clock.today())
    content = dry_run(site=site, now=now, version=version, told=told)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    with acting(by=by):
        return ImpactReport.objects.create(
            site_id=site,
            version=version,
            definition=definition_of(version),
            seen=seen,
            content=content,
            sha256=digest,
            made_for=made_for,
            made_at=clock.now(),
        )


def _heads(site: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text FROM subjects_subject WHERE site_id = %s", [site])
        chains = {f"subject:{row[0]}": row[0] for row in cursor.fetchall()}
    return {chains[head.chain]: head.n for head in Head.objects.filter(chain__in=list(chains))}


def is_stale(report: ImpactReport) -> bool:
    """Say whether pages or locks of the site, or the amendment itself, have changed since the report."""
    if report.definition != definition_of(report.version):
        return True
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN_SINCE, {"site": report.site_id, "seen": json.dumps(report.seen)})
        return bool(cursor.fetchone()[0])


def approve_report(report: ImpactReport, *, by: Actor) -> ImpactApproval:
    """Say by name that a report was read and accepted; NotReady where it is stale or approved already."""
    require(by, Action.PROTOCOL_SWITCH_ON, report.site_id)
    with acting(by=by):
        if ImpactApproval.objects.filter(report=report).exists():
            raise NotReady("read")
        if is_stale(report):
            raise NotReady("stale")
        return ImpactApproval.objects.create(
            report=report, site_id=report.site_id, by_id=by.user_id or "", by_name=by.name, at=clock.now()
        )


def switch_on(*, version: str, site: str, by: Actor) -> SiteVersion:
    """Let a site work by a version from its effective day on; NotReady says what is lacking before.

    Where the report has found results that change, everybody's are derived anew.
    """
    require(by, Action.PROTOCOL_SWITCH_ON, site)
    with acting(by=by):
        approval = SiteVersion.objects.select_for_update().filter(site_id=site, version=version).first()
        if approval is None:
            raise NotReady("approval")
        if approval.switched_on_at is not None:
            raise NotReady("on")
        report = newest_report(version, site)
        if report is None:
            raise NotReady("report")
        if not ImpactApproval.objects.filter(report=report).exists():
            raise NotReady("unread")
        if is_stale(report):
            raise NotReady("stale")
        done = versions.put_in_force(approval, report=report.pk, by=by)
        if report.content["endpoints"]:
            jobs.enqueue("recompute_study", by=by, args={}, key=f"amended:{uuid.uuid4()}")
    return done


def newest_report(version: str, site: str) -> ImpactReport | None:
    """Return the last report about a version at a site."""
    return ImpactReport.objects.filter(version=version, site_id=site).select_related("approval").first()
