"""The gates before a write: who writes about subjects has been identified, trained and delegated (ACC-08).

Reading needs none of it. The record of each gate is a row with its days, so that an entry of today can be
held against the day it was made: a training that ran out yesterday stops the next save, and nothing else.
Training in the protocol is in one version of it, and the one that is in force at the site is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import gettext as _

from audit import clock
from audit.actors import Actor
from protocol import version as protocol
from protocol.words import Bilingual, T
from sites.access import require
from sites.models import Delegation, Site, Training
from sites.reader import said
from sites.roles import AT_A_SITE, Action

Task = Delegation.Task
# What has to be delegated to somebody of a site before they do it; what is not named needs no delegation.
DELEGATED_FOR: dict[Action, str] = {
    Action.SUBJECT_SCREEN: Task.ENTRY,
    Action.PAGE_SAVE: Task.ENTRY,
    Action.PAGE_MOVE: Task.ENTRY,
    Action.NOTE_ADD: Task.ENTRY,
    Action.SAE_REPORT: Task.ENTRY,
    Action.QUERY_ANSWER: Task.ENTRY,
    Action.ELIGIBILITY_CONFIRM: Task.ELIGIBILITY,
    Action.SIGN: Task.SIGNATURE,
}
NEEDED: dict[str, Bilingual] = {
    Training.Kind.IDENTITY: T(
        "your identity has not been checked against a document", "尚未核验您的身份证件"
    ),
    Training.Kind.GCP: T("your GCP certificate is missing or has run out", "您的GCP证书缺失或已过期"),
    Training.Kind.PROTOCOL: T(
        "your training in version {} of the protocol is missing or has run out",
        "您的{}版方案培训缺失或已过期",
    ),
    Training.Kind.EDC: T(
        "your training in this system is missing or has run out", "您的系统培训缺失或已过期"
    ),
}
FACTS = """
    WITH in_force AS (
        SELECT coalesce((
            SELECT v.version FROM sites_siteversion v
             WHERE v.switched_on_at IS NOT NULL AND v.effective_from <= %(today)s
               AND v.version = ANY (%(later)s::text[])
               AND (%(asked_at)s::text IS NULL OR v.site_id = %(asked_at)s)
             ORDER BY array_position(%(later)s::text[], v.version::text) DESC LIMIT 1), %(first)s) AS version)
    SELECT f.version,
           ARRAY(SELECT t.kind FROM sites_training t
                  WHERE t.user_id = u.id AND t.on_date <= %(today)s
                    AND (t.valid_to IS NULL OR t.valid_to >= %(today)s)
                    AND (t.kind <> %(protocol)s OR coalesce(nullif(t.version, ''), %(first)s) = f.version)),
           EXISTS (SELECT 1 FROM sites_delegation d
                    WHERE d.user_id = u.id AND d.site_id = %(site)s AND %(task)s::text = ANY (d.tasks)
                      AND d.from_date <= %(today)s AND (d.to_date IS NULL OR d.to_date >= %(today)s)),
           EXISTS (SELECT 1 FROM sites_site s
                    WHERE s.code = %(site)s AND s.activation_date <= %(today)s AND s.status <> %(planned)s)
      FROM sites_user u CROSS JOIN in_force f WHERE u.id = %(user)s::uuid"""
"""What the gates ask: version in force, trainings that count, the delegation, and whether the site began."""
NOT_DELEGATED = T(
    "the delegation log of the site does not give you this task today", "本中心授权表今日未授予您此项任务"
)
NOT_ACTIVATED = T("the site has not been activated", "本中心尚未启动")


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate that is shut, in words."""

    kind: str
    words: Bilingual


class GatesShut(PermissionDenied):
    """The role allows it, but identity, training, delegation or the site stand against it today."""


def require_ready(by: Actor, action: Action, site: str | None = None) -> None:
    """Raise PermissionDenied unless this person may do something and every gate before it is open.

    The refusal names each shut gate in the person's language.
    """
    require(by, action, site)
    pass_gates(by, action, site)


def pass_gates(by: Actor, action: Action, site: str | None = None) -> None:
    """Raise GatesShut, with reasons, where a gate before an allowed action is shut; one statement."""
    shut = shut_gates(by, action, site)
    if shut:
        reasons = _("; ").join(said(gate.words) for gate in shut)
        raise GatesShut(
            _("You may read, but not write now: %(reasons)s. Nothing was saved. Ask the administrator.")
            % {"reasons": reasons}
        )


def shut_gates(by: Actor, action: Action, site: str | None = None) -> list[Gate]:
    """Return the gates that keep this person from an action today; none for the system itself."""
    if by.user_id is None:
        return []
    staff = by.role in AT_A_SITE
    task = DELEGATED_FOR.get(action) if staff else None
    place = (by.site or site) if staff else None
    found = _facts(by.user_id, place, task, asked_at=by.site or site)
    version = found.get("version", protocol.FIRST)
    shut = [
        Gate(kind, Bilingual(words.en.format(version), words.zh.format(version)))
        for kind, words in NEEDED.items()
        if not found.get(kind)
    ]
    if task is not None and not found.get("delegated"):
        shut.append(Gate("DELEGATION", NOT_DELEGATED))
    if place is not None and not found.get("activated"):
        shut.append(Gate("SITE", NOT_ACTIVATED))
    return shut


def _facts(user_id: str, site: str | None, task: str | None, *, asked_at: str | None) -> dict[str, Any]:
    """Return which gates stand open today and the version that is in force, in one statement.

    Written out, since it is asked with every save and composing it took longer than answering it.
    """
    asked = {
        "user": user_id,
        "site": site,
        "asked_at": asked_at,
        "task": task,
        "today": clock.today(),
        "first": protocol.FIRST,
        "later": list(protocol.versions()[1:]),
        "protocol": Training.Kind.PROTOCOL.value,
        "planned": Site.Status.PLANNED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(FACTS, asked)
        row = cursor.fetchone()
    if row is None:
        return {}
    version, kinds, delegated, activated = row
    return {**dict.fromkeys(kinds, True), "version": version, "delegated": delegated, "activated": activated}
