"""The places that a role can go to from its home, each with its purpose, and what the policy allows it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from defier.context import PLACES, address_of
from protocol.words import Bilingual
from sites import access_reviews
from sites.access import Request, can
from sites.roles import POLICY, Action, Role


def places(request: Request) -> dict[str, Any]:
    """Gather where this person can go, what the policy allows, and reviews of access that are late."""
    actor = request.actor
    allowed = POLICY[Role(actor.role)] if actor.role in Role.__members__ else {}
    found = [
        (str(words), address_of(name), _purpose(name))
        for name, (words, action) in PLACES.items()
        if action in allowed and address_of(name)
    ]
    late = access_reviews.overdue() if can(actor, Action.ACCESS_REVIEW) else []
    return {
        "late_reviews": late,
        "places": found,
        "allowed": [MAY[action] for action in allowed if action in MAY],
    }


def _purpose(name: str) -> str:
    return {
        "subjects": _("every subject across the schedule"),
        "calendar": _("visit windows by month and site, with public holidays"),
        "dead-jobs": _("work that failed three times and waits for somebody"),
        "dashboard": _("how far the study is, site by site"),
        "queries": _("questions to the sites and their answers"),
        "verify": _("items to compare with the source"),
        "visit-reports": _("what was verified and asked on a visit"),
        "sdv-plan": _("which items of which subjects are verified"),
        "safety": _("serious adverse events and their reporting times"),
        "signing": _("pages that wait for a signature, and signatures that broke"),
        "locks": _("what stands between the data and the lock"),
        "outcomes": _("endpoints, estimates and the subjects behind them"),
        "snapshots": _("locked datasets with their hashes"),
        "trail": _("who changed what, lists to review, export"),
        "redactions": _("values taken out of the trail by two people"),
        "checks": _("how often each check asks, and what it found"),
        "imports": _("files of laboratories and core laboratories"),
        "coding": _("the sites' own words beside the terms of a dictionary"),
        "sites": _("sites, ethics approvals, activation"),
        "devices": _("the catalogue of study devices"),
        "consents": _("consent versions by site"),
        "study": _("the registry record and its limits"),
        "amendments": _("protocol versions, site by site"),
        "accounts": _("people and their roles"),
        "access-reviews": _("every quarter: who still needs which role"),
        "transfers": _("subjects that move to another site"),
        "voided": _("subjects created in error"),
    }.get(name, "")


MAY: dict[Action, Bilingual] = {
    Action.SUBJECT_READ: Bilingual("read subjects and their pages", "查看受试者及其页面"),
    Action.TRAIL_READ: Bilingual("read the audit trail", "查看稽查轨迹"),
    Action.LOCK_READ: Bilingual("see what is locked", "查看锁定情况"),
    Action.OUTCOMES_POOLED: Bilingual("read results, cohorts together", "查看合并结果"),
    Action.OUTCOMES_BY_COHORT: Bilingual("read results by cohort", "按队列查看结果"),
    Action.SNAPSHOT_READ: Bilingual("see locked datasets", "查看锁定数据集"),
    Action.SNAPSHOT_DOWNLOAD: Bilingual("download locked datasets", "下载锁定数据集"),
    Action.CEC_DECIDE: Bilingual("decide events, blind to the cohort", "在对队列设盲下裁定事件"),
    Action.SITE_EDIT: Bilingual("keep sites", "维护中心"),
    Action.CATALOGUE_EDIT: Bilingual("keep the device catalogue", "维护器械目录"),
    Action.CONSENT_VERSION_EDIT: Bilingual("keep consent versions", "维护知情同意书版本"),
    Action.ACCOUNT_EDIT: Bilingual("keep accounts and roles", "维护账户与角色"),
    Action.SIGN: Bilingual("sign pages", "签署页面"),
    Action.PDF_REQUEST: Bilingual("print pages and casebooks", "打印页面和病例册"),
}
