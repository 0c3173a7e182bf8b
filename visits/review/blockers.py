"""What stands between the data and a lock (EC-129): counted any day, refused for at a lock (LCK-02)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from audit.actors import Actor
from protocol.words import Bilingual, T
from sites.access import require, visible_sites
from sites.models import Site
from sites.roles import Action
from subjects.models import Subject
from visits.crfs import FORMS
from visits.models import Page, Visit, visit_key
from visits.review.sdv.plan import in_force
from visits.review.sdv.standing import MARKS, pages_sql


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of blocker: who has to act, what it is, its glyph."""

    code: str
    owner: Bilingual
    label: Bilingual
    glyph: str


COORDINATORS, MONITORS = T("Site coordinators", "研究协调员"), T("Monitors", "监查员")
INVESTIGATORS, COMMITTEE = T("Investigators", "研究者"), T("Committee (CEC)", "裁定委员会(CEC)")
DATA_MANAGERS = T("Data manager", "数据管理员")
WHATS = ("kind", "site", "blockers", "pages")
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("OPEN", COORDINATORS, T("Queries to answer", "待答复质疑"), "query-open"),
        Kind("INCOMPLETE", COORDINATORS, T("Pages incomplete", "未完成页面"), "incomplete"),
        Kind("DEVIATION", COORDINATORS, T("Deviations to assess", "待评估的方案偏离"), "incomplete"),
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
        Kind("CANDIDATE", DATA_MANAGERS, T("Candidate queries", "候选质疑"), "candidate"),
        Kind("UNLOCKED", DATA_MANAGERS, T("Unlocked, to be locked again", "已解锁待重新锁定"), "not-yet"),
    )
}
NO_ITEMS = "NULL::text[] AS items, '' AS words_en, '' AS words_zh"
_OWN = f"""
    SELECT CASE form WHEN 'DV' THEN 'DEVIATION' ELSE 'INCOMPLETE' END AS kind, site_id, subject_id,
           id AS page_id, entered_at AS at, {NO_ITEMS}
      FROM visits_page WHERE unanswered + contradicted > 0 AND NOT removed AND NOT not_done
    UNION ALL
    SELECT state, site_id, subject_id, page_id, opened_at, items::text[], message_en, message_zh
      FROM visits_query WHERE state IN ('OPEN', 'ANSWERED', 'CANDIDATE')
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


def _found() -> str:
    """Return the SQL of every blocker: kind, site, subject, page, since when, items, what it says.

    The parameters `signed_forms` and `sites` (None: all) belong to it.
    """
    plan = in_force()
    pages = pages_sql(plan, critical_only=True)
    return _OWN + _VERIFIED.format(nothing=NO_ITEMS, marks=MARKS, pages=pages)


def _given(**more: Any) -> dict[str, Any]:
    forms = [form for form, crf in FORMS.items() if not crf.blinded]
    return {"signed_forms": forms, "sites": None, **more}


@dataclass(frozen=True, slots=True)
class Count:
    """The blockers of one kind: how many, at how many sites, since when the oldest."""

    kind: Kind
    number: int = 0
    sites: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class SiteCount:
    """A site: its subjects, how many of them have no blocker, how many blockers there are."""

    site: Site
    subjects: int
    clean: int
    blockers: int

    @property
    def percent(self) -> int:
        """The clean share of its subjects, rounded down."""
        return 100 * self.clean // self.subjects if self.subjects else 100


@dataclass(slots=True)
class Rehearsal:
    """What a lock of everything would meet now."""

    counts: list[Count] = field(default_factory=list)
    sites: list[SiteCount] = field(default_factory=list)
    pages: int = 0
    pages_clean: int = 0

    @property
    def total(self) -> int:
        """All blockers."""
        return sum(count.number for count in self.counts)

    @property
    def by_owner(self) -> list[tuple[Bilingual, list[Count]]]:
        """The counts of each owner, in the order of KINDS."""
        found: dict[str, tuple[Bilingual, list[Count]]] = {}
        for count in self.counts:
            owner = count.kind.owner
            found.setdefault(owner.en, (owner, []))[1].append(count)
        return list(found.values())

    @property
    def subjects(self) -> int:
        """All subjects."""
        return sum(site.subjects for site in self.sites)

    @property
    def clean(self) -> int:
        """The subjects without a blocker."""
        return sum(site.clean for site in self.sites)


def rehearse(*, by: Actor) -> Rehearsal:
    """Count what stands in the way of a lock, by kind and by site; nothing is changed."""
    sites = _sites(by)
    found: dict[str, Count] = {}
    rehearsal = Rehearsal()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH f AS MATERIALIZED ({_found()}), s AS (
                    SELECT id, site_id FROM subjects_subject
                     WHERE voided_at IS NULL AND site_id = ANY (%(sites)s))
                SELECT 'kind', kind, count(*), count(DISTINCT f.site_id), min(at)
                  FROM f JOIN s ON s.id = f.subject_id GROUP BY kind
                UNION ALL
                SELECT 'site', s.site_id, count(*), count(*) FILTER (WHERE n.number IS NULL), NULL
                  FROM s LEFT JOIN (SELECT subject_id, count(*) AS number FROM f GROUP BY 1) n
                    ON n.subject_id = s.id GROUP BY s.site_id
                UNION ALL
                SELECT 'blockers', s.site_id, count(*), 0, NULL
                  FROM f JOIN s ON s.id = f.subject_id GROUP BY s.site_id
                UNION ALL
                SELECT 'pages', '', count(*), count(*) FILTER (
                           WHERE p.id NOT IN (SELECT page_id FROM f WHERE page_id IS NOT NULL)), NULL
                  FROM visits_page p JOIN s ON s.id = p.subject_id WHERE NOT p.removed""",  # noqa: S608
            _given(sites=sites),
        )
        rows = cursor.fetchall()
    told = {what: {name: rest for kind, name, *rest in rows if kind == what} for what in WHATS}
    found = {code: Count(KINDS[code], *rest) for code, rest in told["kind"].items()}
    rehearsal.counts = [found.get(code, Count(kind)) for code, kind in KINDS.items()]
    rehearsal.pages, rehearsal.pages_clean = told["pages"][""][:2]
    for site in Site.objects.filter(code__in=told["site"]).order_by("code"):
        subjects, clean, _ = told["site"][site.code]
        number = told["blockers"].get(site.code, (0,))[0]
        rehearsal.sites.append(SiteCount(site, subjects, clean, number))
    return rehearsal


def in_the_way(
    level: str,
    site: str | None = None,
    subject: Subject | None = None,
    visit: Visit | None = None,
    page: Page | None = None,
    item: str = "",
) -> list[Count]:
    """Return what stands in the way of a lock of just this, by kind; empty: the gates are passed (LCK-02)."""
    kind, value = _within(level, site, subject, visit, page)
    items = "AND f.items IS NOT NULL AND %(item)s = ANY (f.items)" if item else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.kind, count(*), count(DISTINCT f.site_id), min(f.at)
                  FROM ({_found()}) f JOIN subjects_subject s ON s.id = f.subject_id AND s.voided_at IS NULL
                 WHERE {kind} {items} GROUP BY 1""",  # noqa: S608
            _given(value=value, item=item),
        )
        found = {code: Count(KINDS[code], *rest) for code, *rest in cursor.fetchall()}
    return [found[code] for code in KINDS if code in found]


def _within(
    level: str, site: str | None, subject: Subject | None, visit: Visit | None, page: Page | None
) -> tuple[str, Any]:
    """Return the condition on a blocker, and its value."""
    if page is not None:
        return "f.page_id = %(value)s", page.pk
    if visit is not None:
        return "f.page_id IN (SELECT id FROM visits_page WHERE visit_id = %(value)s)", visit.pk
    if subject is not None:
        return "f.subject_id = %(value)s", subject.pk
    return ("f.site_id = %(value)s", site) if level == "site" else ("true", None)


@dataclass(frozen=True, slots=True)
class Blocker:
    """One blocker, with the page where it is cleared."""

    kind: Kind
    site: str
    usubjid: str
    subject_id: uuid.UUID
    page_id: uuid.UUID | None
    form: str | None
    ordinal: int | None
    visit: str | None
    at: datetime
    words: Bilingual

    @property
    def repeats(self) -> bool:
        """Whether the page is one record of several."""
        return self.form is not None and FORMS[self.form].repeating


def blockers(*, by: Actor, kinds: Sequence[str], site: str = "") -> Iterator[Blocker]:
    """Yield the blockers of some kinds (none named: of all), of one site or all, the oldest first."""
    sites = [code for code in _sites(by) if not site or code == site]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.kind, f.site_id, s.usubjid, f.subject_id, f.page_id, p.form, p.ordinal,
                       v.code, v.ordinal, f.at, f.words_en, f.words_zh
                FROM ({_found()}) f JOIN subjects_subject s ON s.id = f.subject_id AND s.voided_at IS NULL
                LEFT JOIN visits_page p ON p.id = f.page_id LEFT JOIN visits_visit v ON v.id = p.visit_id
                WHERE f.site_id = ANY (%(sites)s) AND f.kind = ANY (%(kinds)s) ORDER BY f.at, p.id""",  # noqa: S608
            _given(sites=sites, kinds=list(kinds) or list(KINDS)),
        )
        rows = cursor.fetchall()
    for kind, code, usubjid, subject_id, page_id, form, row, visit, ordinal, at, english, chinese in rows:
        yield Blocker(
            KINDS[kind],
            code,
            usubjid,
            subject_id,
            page_id,
            form,
            row,
            visit_key(visit, ordinal) if visit else None,
            at,
            Bilingual(english, chinese or english),
        )


def _sites(by: Actor) -> list[str]:
    require(by, Action.LOCK_READ)
    allowed = visible_sites(by, Action.LOCK_READ)
    return [
        code for code in Site.objects.values_list("code", flat=True) if allowed is None or code in allowed
    ]
