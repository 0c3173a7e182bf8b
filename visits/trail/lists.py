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
from visits.trail.statements import STATEMENTS
from visits.trail.told import TYPED

MOST = 1000

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
        WITH f (chain, n, at, who, role, site, subject, page, item, count, beside)
             AS MATERIALIZED ({STATEMENTS[name]})
        SELECT f.*, u.usubjid, p.form, v.code, v.ordinal, p.ordinal
          FROM f JOIN subjects_subject AS u ON u.id = f.subject::uuid
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
