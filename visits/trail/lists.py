"""The lists of what in the trail deserves a look (AUD-14): one statement each, over what a person may see.

Times of day are those of the site. A list finds; whether something is wrong, the one who reviews it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse

from audit.actors import Actor
from protocol.words import Bilingual, T
from sites.access import require, visible_sites
from sites.roles import Action
from visits.blinding import forms_open_to
from visits.capture.forms import SITE_ZONE
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.models import visit_key
from visits.trail.history import Wanted
from visits.trail.told import TYPED

MANY_CHANGES = 3
MANY_ROWS = 10
DAYS_BEFORE_LOCK = 7
NIGHT_FROM, NIGHT_TO = 22, 6
MOST = 1000

# What an update did to each item: `replaced` where something stood there before.
ITEMS = """CROSS JOIN LATERAL (
    SELECT item, bool_or(replaced) AS replaced FROM (
        SELECT key AS item, value <> 'null' AS replaced FROM jsonb_each(e.old)
         WHERE key NOT IN ('raw', 'missing', 'site_id', 'subject_id')
        UNION ALL
        SELECT m.key, coalesce(e.old -> 'missing' ? m.key, false)
          FROM jsonb_each((CASE jsonb_typeof(e.old -> 'missing') WHEN 'object' THEN e.old -> 'missing'
                                ELSE '{}' END)
                       || (CASE jsonb_typeof(e.new -> 'missing') WHEN 'object' THEN e.new -> 'missing'
                                ELSE '{}' END)) AS m
         WHERE (e.old -> 'missing' -> m.key) IS DISTINCT FROM (e.new -> 'missing' -> m.key)
    ) AS both_ways GROUP BY item) AS k"""
CHANGED = f"""audit_entry AS e {ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid
     WHERE e.op = 'U' AND e.table_name = ANY(%(tables)s) AND p.subject_id::text = e.subject_id
       AND (%(item)s = '' OR k.item = %(item)s)"""
WRITTEN = """audit_entry AS e JOIN visits_page AS p ON p.id = e.page_id::uuid
     WHERE e.op IN ('I', 'U') AND e.table_name = ANY(%(tables)s) AND e.origin = 'web'
       AND p.subject_id::text = e.subject_id
       AND (%(item)s = '' OR e.old ? %(item)s OR e.new ->> %(item)s IS NOT NULL)"""
NARROWED = """ AND (%(sites)s::text[] IS NULL OR e.site_id = ANY(%(sites)s))
       AND (%(user)s = '' OR strpos(lower(e.actor_name), lower(%(user)s)) > 0)
       AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
       AND (%(until)s::timestamptz IS NULL OR e.at <= %(until)s)"""
ONE = "e.chain, e.n, e.at, e.actor_name, e.actor_role, e.site_id, e.subject_id, e.page_id"

STATEMENTS = {
    "after_review": f"""
        SELECT {ONE}, k.item, 1 AS count, greatest(v.at, s.at) AS beside FROM {CHANGED} {NARROWED}""".replace(
        f"{ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid",
        f"""{ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid
          LEFT JOIN LATERAL (
              SELECT max(one.at) AS at FROM visits_verification AS one
               WHERE one.page_id = p.id AND one.item = k.item AND one.at < e.at
                 AND (one.ended_at IS NULL OR one.ended_at > e.at)) AS v ON true
          LEFT JOIN LATERAL (
              SELECT CASE act WHEN 'SIGN' THEN one.at END AS at FROM visits_signature AS one
               WHERE one.page_id = p.id AND one.at < e.at ORDER BY one.ordinal DESC LIMIT 1) AS s ON true""",
    )
    + " AND (v.at IS NOT NULL OR s.at IS NOT NULL)",
    "many_changes": f"""
        SELECT max(e.chain), max(e.n), max(e.at), (array_agg(e.actor_name ORDER BY e.n DESC))[1],
               (array_agg(e.actor_role ORDER BY e.n DESC))[1], max(e.site_id), max(e.subject_id),
               e.page_id, k.item, count(*), min(e.at)
          FROM {CHANGED} AND k.replaced {NARROWED}
         GROUP BY e.page_id, k.item HAVING count(*) > {MANY_CHANGES}""",
    "night": f"""
        SELECT max(e.chain), max(e.n), max(e.at), e.actor_name, max(e.actor_role), max(e.site_id),
               max(e.subject_id), e.page_id, '', count(*), min(e.at)
          FROM {WRITTEN} {NARROWED}
           AND (extract(hour FROM e.at AT TIME ZONE '{SITE_ZONE.key}') >= {NIGHT_FROM}
                OR extract(hour FROM e.at AT TIME ZONE '{SITE_ZONE.key}') < {NIGHT_TO})
         GROUP BY e.page_id, e.actor_id, e.actor_name, e.txid""",
    "many_rows": f"""
        SELECT max(e.chain), max(e.n), max(e.at), e.actor_name, max(e.actor_role), max(e.site_id),
               max(e.subject_id), max(e.page_id), '', count(*), min(e.at)
          FROM {WRITTEN} {NARROWED}
         GROUP BY e.actor_id, e.actor_name, date_trunc('second', e.at) HAVING count(*) >= {MANY_ROWS}""",
    "before_lock": f"""
        SELECT {ONE}, k.item, 1, min(l.created_at) FROM {CHANGED} AND k.replaced {NARROWED}
         GROUP BY {ONE}, k.item""".replace(
        f"{ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid",
        f"""{ITEMS} JOIN visits_page AS p ON p.id = e.page_id::uuid
          JOIN visits_lock AS l ON l.kind = 'locked'
           AND e.at BETWEEN l.created_at - interval '{DAYS_BEFORE_LOCK} days' AND l.created_at
           AND (l.site_id IS NULL OR l.site_id = p.site_id)
           AND (l.subject_id IS NULL OR l.subject_id = p.subject_id)
           AND (l.visit_id IS NULL OR l.visit_id = p.visit_id)
           AND (l.page_id IS NULL OR l.page_id = p.id) AND (l.item = '' OR l.item = k.item)""",
    ),
}
"""Each gives: chain, n, at, who, role, site, subject, page, item ('' for a page), count, a moment beside."""

WORDS: dict[str, tuple[Bilingual, Bilingual]] = {
    "after_review": (
        T("Changed after verification or signature", "核查或签名后变更"),
        T(
            "A value changed although it had been verified, or its page signed.",
            "数值在核查或页面签名之后被修改。",
        ),
    ),
    "many_changes": (
        T("Changed more than three times", "变更超过三次"),
        T("One item that was changed again and again.", "同一项目被反复修改。"),
    ),
    "night": (
        T("Entered at night", "夜间录入"),
        T("Entered between 22:00 and 06:00 at the site.", "研究中心当地时间 22:00 至 06:00 录入。"),
    ),
    "many_rows": (
        T("Many rows in a second", "一秒内多行"),
        T("Ten or more rows by one person within a second.", "同一人在一秒内录入十行或以上。"),
    ),
    "before_lock": (
        T("Changed in the week before a lock", "锁定前一周内变更"),
        T("A value changed in the last seven days before its lock.", "数值在锁定前七天内被修改。"),
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a list: the last entry that it is about, where, who, how many."""

    chain: str
    n: int
    at: datetime
    who: str
    role: str
    site: str
    subject_id: UUID
    usubjid: str
    page_id: UUID
    form: str
    visit: str
    ordinal: int
    item: str
    count: int
    beside: datetime

    @property
    def key(self) -> str:
        """What tells this line from all others, today and at any later time."""
        return f"{self.page_id}:{self.item}:{self.n}"

    @property
    def title(self) -> Bilingual:
        """The form, with its number where it repeats."""
        crf = FORMS[self.form]
        number = f" {self.form}{self.ordinal}" if crf.repeating else ""
        return Bilingual(f"{crf.title.en}{number}", f"{crf.title.zh}{number}")

    @property
    def label(self) -> Bilingual | None:
        """The item's question; None where the line is about a page."""
        asked = FORMS[self.form].questions().get(self.item)
        return asked.label if asked else None

    @property
    def url(self) -> str:
        """The address of the page."""
        record = f"?record={self.ordinal}" if FORMS[self.form].repeating else ""
        return reverse("page", args=[self.subject_id, self.visit, self.form]) + record


def findings(name: str, *, by: Actor, wanted: Wanted, site: str = "", subject: str = "") -> list[Finding]:
    """Return what a list holds for this person, newest first, at most MOST lines; KeyError for no list."""
    require(by, Action.TRAIL_LISTS_READ)
    statement = f"""
        SELECT f.*, u.usubjid, p.form, v.code, v.ordinal, p.ordinal
          FROM ({STATEMENTS[name]}) AS f (chain, n, at, who, role, site, subject, page, item, count, beside)
          JOIN subjects_subject AS u ON u.id = f.subject::uuid
          JOIN visits_page AS p ON p.id = f.page::uuid
          LEFT JOIN visits_visit AS v ON v.id = p.visit_id
         WHERE u.voided_at IS NULL AND (%(subject)s = '' OR u.usubjid = %(subject)s)
         ORDER BY f.at DESC, f.page, f.item LIMIT {MOST}"""  # noqa: S608 - our own statements, written above
    with connection.cursor() as cursor:
        cursor.execute(statement, _narrowing(by, wanted, site, subject))
        return [_finding(row) for row in cursor.fetchall()]


def digest_of(found: Sequence[Finding]) -> str:
    """Return the SHA-256 of what a list held, so that a review says what was looked at."""
    return hashlib.sha256("\n".join(sorted(one.key for one in found)).encode()).hexdigest()


def _narrowing(by: Actor, wanted: Wanted, site: str, subject: str) -> dict[str, Any]:
    sites = visible_sites(by, Action.TRAIL_LISTS_READ)
    if site:
        sites = {site} if sites is None else sites & {site}
    tables = [table for table, form in TYPED.items() if form in forms_open_to(by)]
    if wanted.form:
        tables = [table for table in tables if TYPED[table] == wanted.form]
    since, until = wanted.since, wanted.until
    return {
        "tables": tables,
        "sites": None if sites is None else sorted(sites),
        "user": wanted.user,
        "item": wanted.item,
        "subject": subject,
        "since": datetime.combine(since, time.min, SITE_ZONE) if since else None,
        "until": datetime.combine(until, time.max, SITE_ZONE) if until else None,
    }


def _finding(row: tuple[Any, ...]) -> Finding:
    (
        chain,
        n,
        at,
        who,
        role,
        site,
        subject,
        page,
        item,
        count,
        beside,
        usubjid,
        form,
        code,
        of_visit,
        ordinal,
    ) = row
    return Finding(
        chain=chain,
        n=n,
        at=at,
        who=who,
        role=role,
        site=site,
        subject_id=UUID(subject),
        usubjid=usubjid,
        page_id=UUID(page),
        form=form,
        visit=visit_key(code, of_visit) if code else LOG,
        ordinal=ordinal,
        item=item,
        count=count,
        beside=beside,
    )
