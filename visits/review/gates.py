"""The gates of a lock, computed (LCK-02): each kind of blocker, whose it is, and the SQL that finds it.

Complete, queries closed, verified, signed, judged, serious events reported as they stand, terms coded,
readings of the core laboratory there, nothing unlocked. Nothing here is set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.words import Bilingual, T
from sites.roles import Role
from visits.coding.deciding import CODED
from visits.crfs import FORMS
from visits.review.sdv.plan import in_force
from visits.review.sdv.standing import MARKS, pages_sql


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has to act: a role, or (None) an office outside of this system whose files are loaded here."""

    code: str
    words: Bilingual
    role: Role | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of blocker: who has to act, what it is, its glyph."""

    code: str
    owner: Owner
    label: Bilingual
    glyph: str


OWNERS: dict[str, Owner] = {
    owner.code: owner
    for owner in (
        Owner("coordinators", T("Site coordinators", "研究协调员"), Role.COORDINATOR),
        Owner("investigators", T("Investigators", "研究者"), Role.INVESTIGATOR),
        Owner("monitors", T("Monitors", "监查员"), Role.MONITOR),
        Owner("committee", T("Committee (CEC)", "裁定委员会(CEC)"), Role.CEC),
        Owner("laboratory", T("Core laboratory", "核心实验室"), Role.CORE_LAB),
        Owner("managers", T("Data manager", "数据管理员"), Role.DATA_MANAGER),
    )
}
COORDINATORS, INVESTIGATORS, MONITORS, COMMITTEE, LABORATORY, DATA_MANAGERS = OWNERS.values()
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("OPEN", COORDINATORS, T("Queries to answer", "待答复质疑"), "query-open"),
        Kind("INCOMPLETE", COORDINATORS, T("Pages incomplete", "未完成页面"), "incomplete"),
        Kind("DEVIATION", COORDINATORS, T("Deviations to assess", "待评估的方案偏离"), "incomplete"),
        Kind(
            "SAE",
            COORDINATORS,
            T("Serious events not reported as they stand", "未按现状上报的严重不良事件"),
            "overdue",
        ),
        Kind("UNSIGNED", INVESTIGATORS, T("Pages to sign", "待签名页面"), "to-sign"),
        Kind("BROKEN", INVESTIGATORS, T("Signatures broken", "已失效签名"), "broken"),
        Kind("ANSWERED", MONITORS, T("Queries answered, to close", "已答复待关闭质疑"), "query-answered"),
        Kind("STALE", MONITORS, T("Pages changed after verification", "核查后有修改的页面"), "stale"),
        Kind(
            "VERIFY",
            MONITORS,
            T("Pages with critical items to verify", "关键条目待核查的页面"),
            "to-verify",
        ),
        Kind("UNJUDGED", COMMITTEE, T("Events without a verdict", "未裁定事件"), "target"),
        Kind("UNREAD", LABORATORY, T("Readings outstanding", "待回传的判读"), "not-yet"),
        Kind("UNCODED", DATA_MANAGERS, T("Terms to code", "待编码术语"), "ask"),
        Kind("CANDIDATE", DATA_MANAGERS, T("Candidate queries", "候选质疑"), "candidate"),
        Kind("UNLOCKED", DATA_MANAGERS, T("Unlocked, to be locked again", "已解锁待重新锁定"), "not-yet"),
    )
}
NO_ITEMS = "NULL::text[] AS items, '' AS words_en, '' AS words_zh"
# The exams that the core laboratory reads beside the site: date, lesion, reader, and what makes it readable.
READ: dict[str, tuple[str, str, str, str]] = {
    "DUS": ("dus_date", "dus_lesion", "dus_reader", "dus_adequate"),
    "IMG": ("img_date", "img_lesion", "img_reader", "img_diagnostic"),
}
_OWN = f"""
    SELECT CASE form WHEN 'DV' THEN 'DEVIATION' ELSE 'INCOMPLETE' END AS kind, site_id, subject_id,
           id AS page_id, entered_at AS at, {NO_ITEMS}
      FROM visits_page WHERE unanswered + contradicted > 0 AND NOT removed AND NOT not_done
    UNION ALL
    SELECT state, site_id, subject_id, page_id, opened_at, items::text[], message_en, message_zh
      FROM visits_query WHERE state IN ('OPEN', 'ANSWERED', 'CANDIDATE')
    UNION ALL
    SELECT 'SAE', p.site_id, p.subject_id, p.id, p.entered_at, {NO_ITEMS}
      FROM crf_ae a JOIN visits_page p ON p.id = a.page_id AND NOT p.removed AND NOT p.not_done
     WHERE a.ae_serious = 'Y' AND NOT EXISTS (
           SELECT 1 FROM visits_saereport n
            WHERE n.page_id = p.id AND n.kind <> 'AUTHORITY' AND n.revision = p.revision)
    UNION ALL
    SELECT 'UNLOCKED', u.site_id, u.subject_id, u.page_id, u.decided_at, {NO_ITEMS}
      FROM visits_unlock u WHERE u.state = 'GRANTED'
    UNION ALL
    SELECT 'UNJUDGED', p.site_id, p.subject_id, p.id, p.entered_at, {NO_ITEMS}
      FROM visits_page p
     WHERE p.form IN ('REV', 'AMP', 'DTH') AND NOT p.removed AND NOT p.not_done AND NOT EXISTS (
           SELECT 1 FROM crf_cec c JOIN visits_page j ON j.id = c.page_id AND NOT j.removed
            WHERE c.subject_id = p.subject_id AND c.cec_source = p.id::text AND c.cec_status = 'FIN')
    UNION ALL
    SELECT CASE g.state WHEN 'broken' THEN 'BROKEN' ELSE 'UNSIGNED' END, p.site_id, p.subject_id, p.id,
           p.entered_at, {NO_ITEMS}
      FROM visits_page p LEFT JOIN visits_signed g ON g.page_id = p.id
     WHERE NOT p.removed AND p.form = ANY (%(signed_forms)s) AND g.state IS DISTINCT FROM 'valid'
"""  # noqa: S608 words of our own
_VERIFIED = """
    UNION ALL
    SELECT w.kind, p.site_id, p.subject_id, p.id, p.entered_at, {nothing}
      FROM (WITH m AS ({marks}), d AS ({pages})
            SELECT page_id, 'VERIFY' AS kind FROM d WHERE pending > 0
            UNION ALL SELECT page_id, 'STALE' FROM d WHERE stale > 0) w
      JOIN visits_page p ON p.id = w.page_id
"""


def _uncoded() -> str:
    """Return the SQL of texts without a reviewed code of just these words."""
    return "".join(
        f"""
    UNION ALL
    SELECT 'UNCODED', p.site_id, p.subject_id, p.id, p.entered_at, ARRAY['{item}'], '', ''
      FROM crf_{form.lower()} t JOIN visits_page p ON p.id = t.page_id
     WHERE NOT p.removed AND t.{item} IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM visits_coding c
            WHERE c.page_id = p.id AND c.item = '{item}' AND c.replaced_at IS NULL
              AND c.reviewed_at IS NOT NULL AND c.text = t.{item})"""  # noqa: S608 words of our own
        for form, (item, _kind) in CODED.items()
    )


def _unread() -> str:
    """Return the SQL of readable exams that wait for the core laboratory, where it reads their form.

    It does where the study says so (`core_reads_dus`, sites/forms.py), and where it has read one.
    """
    return "".join(
        f"""
    UNION ALL
    SELECT 'UNREAD', p.site_id, p.subject_id, p.id, p.entered_at, {NO_ITEMS}
      FROM crf_{form.lower()} t JOIN visits_page p ON p.id = t.page_id
     WHERE NOT p.removed AND t.{reader} = 'SITE' AND t.{readable} = 'Y' AND t.{day} IS NOT NULL
       AND (EXISTS (SELECT 1 FROM sites_study WHERE config @> '{{"core_reads_{form.lower()}": true}}')
            OR EXISTS (SELECT 1 FROM crf_{form.lower()} WHERE {reader} = 'CORE'))
       AND NOT EXISTS (
           SELECT 1 FROM crf_{form.lower()} c JOIN visits_page r ON r.id = c.page_id AND NOT r.removed
            WHERE c.subject_id = t.subject_id AND c.{reader} = 'CORE' AND c.{day} = t.{day}
              AND c.{lesion} IS NOT DISTINCT FROM t.{lesion})"""  # noqa: S608 words of our own
        for form, (day, lesion, reader, readable) in READ.items()
    )


def every_blocker() -> str:
    """Return the SQL of every blocker: kind, site, subject, page, since when, items, what it says.

    The parameters `signed_forms` and `sites` (None: all) belong to it.
    """
    plan = in_force()
    pages = pages_sql(plan, critical_only=True)
    verified = _VERIFIED.format(nothing=NO_ITEMS, marks=MARKS, pages=pages)
    return _OWN + _uncoded() + _unread() + verified


def parameters(**more: Any) -> dict[str, Any]:
    """Return the parameters of every_blocker with those of the statement around it."""
    forms = [form for form, crf in FORMS.items() if not crf.blinded]
    return {"signed_forms": forms, "sites": None, **more}
