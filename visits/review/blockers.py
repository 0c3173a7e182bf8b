"""What stands between the data and a lock (EC-129): shown and counted, and not refused for yet (LCK-02)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from audit.actors import Actor
from protocol.words import Bilingual, T
from sites.access import require, visible_sites
from sites.models import Site
from sites.roles import Action
from visits.models import visit_key


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of blocker: who has to act, what it is, its glyph."""

    code: str
    owner: Bilingual
    label: Bilingual
    glyph: str


COORDINATORS, MONITORS = T("Site coordinators", "研究协调员"), T("Monitors", "监查员")
KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("OPEN", COORDINATORS, T("Queries to answer", "待答复质疑"), "query-open"),
        Kind("INCOMPLETE", COORDINATORS, T("Pages incomplete", "未完成页面"), "incomplete"),
        Kind("ANSWERED", MONITORS, T("Queries answered, to close", "已答复待关闭质疑"), "query-answered"),
        Kind("CANDIDATE", T("Data manager", "数据管理员"), T("Candidate queries", "候选质疑"), "candidate"),
    )
}
_FOUND = """
    SELECT 'INCOMPLETE' AS kind, site_id, subject_id, id AS page_id, entered_at AS at,
           '' AS words_en, '' AS words_zh
      FROM visits_page WHERE unanswered + contradicted > 0 AND NOT removed AND NOT not_done
    UNION ALL
    SELECT state, site_id, subject_id, page_id, opened_at, message_en, message_zh
      FROM visits_query WHERE state IN ('OPEN', 'ANSWERED', 'CANDIDATE')
"""


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
    def subjects(self) -> int:
        """All subjects."""
        return sum(site.subjects for site in self.sites)

    @property
    def clean(self) -> int:
        """The subjects without a blocker."""
        return sum(site.clean for site in self.sites)


def rehearse(*, by: Actor) -> Rehearsal:
    """Count what stands in the way of a lock, by kind and by site, in four statements."""
    sites = _sites(by)
    found: dict[str, Count] = {code: Count(kind) for code, kind in KINDS.items()}
    rehearsal = Rehearsal()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, count(*), count(DISTINCT site_id), min(at) FROM ({_FOUND}) f"  # noqa: S608
            " WHERE site_id = ANY(%s) GROUP BY kind",
            [sites],
        )
        for kind, number, at_sites, oldest in cursor.fetchall():
            found[kind] = Count(KINDS[kind], number, at_sites, oldest)
        cursor.execute(
            f"""SELECT s.site_id, count(*), count(*) FILTER (WHERE f.number IS NULL),
                       coalesce(sum(f.number), 0)
                FROM subjects_subject s
                LEFT JOIN (SELECT subject_id, count(*) AS number FROM ({_FOUND}) f GROUP BY 1) f
                       ON f.subject_id = s.id
                WHERE s.site_id = ANY(%s) AND s.voided_at IS NULL GROUP BY s.site_id""",  # noqa: S608
            [sites],
        )
        by_site = {
            code: (subjects, clean, int(number)) for code, subjects, clean, number in cursor.fetchall()
        }
        cursor.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
                    SELECT 1 FROM ({_FOUND}) f WHERE f.page_id = p.id))
                FROM visits_page p WHERE NOT removed AND site_id = ANY(%s)""",  # noqa: S608
            [sites],
        )
        rehearsal.pages, rehearsal.pages_clean = cursor.fetchone()
    rehearsal.counts = list(found.values())
    for site in Site.objects.filter(code__in=by_site).order_by("code"):
        rehearsal.sites.append(SiteCount(site, *by_site[site.code]))
    return rehearsal


@dataclass(frozen=True, slots=True)
class Blocker:
    """One blocker, with the page where it is cleared."""

    kind: Kind
    site: str
    usubjid: str
    subject_id: uuid.UUID
    form: str
    visit: str | None
    at: datetime
    words: Bilingual


def blockers(*, by: Actor, kinds: Sequence[str], site: str = "") -> Iterator[Blocker]:
    """Yield the blockers of some kinds (none named: of all), of one site or all, the oldest first."""
    sites = [code for code in _sites(by) if not site or code == site]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT f.kind, f.site_id, s.usubjid, f.subject_id, p.form, v.code, v.ordinal, f.at,
                       f.words_en, f.words_zh
                FROM ({_FOUND}) f JOIN subjects_subject s ON s.id = f.subject_id
                JOIN visits_page p ON p.id = f.page_id LEFT JOIN visits_visit v ON v.id = p.visit_id
                WHERE f.site_id = ANY(%s) AND f.kind = ANY(%s) ORDER BY f.at, p.id""",  # noqa: S608
            [sites, list(kinds) or list(KINDS)],
        )
        rows = cursor.fetchall()
    for kind, code, usubjid, subject_id, form, visit, ordinal, at, english, chinese in rows:
        yield Blocker(
            KINDS[kind],
            code,
            usubjid,
            subject_id,
            form,
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
