"""What stands between the data and a lock (EC-129): counted any day, refused for at a lock (LCK-02)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from audit.actors import Actor
from protocol.words import Bilingual
from sites.access import require, visible_sites
from sites.models import Site
from sites.roles import Action
from subjects.models import Subject
from visits.crfs import FORMS
from visits.models import Page, Visit, visit_key
from visits.review.gates import KINDS, Kind, Owner, every_blocker, parameters

WHATS = ("kind", "site", "blockers", "pages")


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
    def by_owner(self) -> list[tuple[Owner, list[Count]]]:
        """The counts of each owner, in the order of KINDS."""
        found: dict[str, tuple[Owner, list[Count]]] = {}
        for count in self.counts:
            owner = count.kind.owner
            found.setdefault(owner.code, (owner, []))[1].append(count)
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
            f"""WITH f AS MATERIALIZED ({every_blocker()}), s AS (
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
                SELECT 'pages', '', count(*), count(*) FILTER (WHERE d.page_id IS NULL), NULL
                  FROM visits_page p JOIN s ON s.id = p.subject_id
                  LEFT JOIN (SELECT DISTINCT page_id FROM f) d ON d.page_id = p.id
                 WHERE NOT p.removed""",  # noqa: S608
            parameters(sites=sites),
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
                  FROM ({every_blocker()}) f
                  JOIN subjects_subject s ON s.id = f.subject_id AND s.voided_at IS NULL
                 WHERE {kind} {items} GROUP BY 1""",  # noqa: S608
            parameters(value=value, item=item),
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
                FROM ({every_blocker()}) f
                  JOIN subjects_subject s ON s.id = f.subject_id AND s.voided_at IS NULL
                LEFT JOIN visits_page p ON p.id = f.page_id LEFT JOIN visits_visit v ON v.id = p.visit_id
                WHERE f.site_id = ANY (%(sites)s) AND f.kind = ANY (%(kinds)s) ORDER BY f.at, p.id""",  # noqa: S608
            parameters(sites=sites, kinds=list(kinds) or list(KINDS)),
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
