"""What waits to be verified, counted in SQL: by page, by visit and site, and the list of what has changed.

One statement whatever the size of the study. Which items a plan asks for is written into it as columns, so
that no row has to be taken apart; whether a mark still holds is compared with what is stored.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection

from audit.actors import Actor
from protocol.schedule import VISIT
from sites.access import visible_sites
from sites.roles import Action
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.dossier import LOG
from visits.models import visit_key
from visits.review.sdv.plan import ANY, VERIFIABLE, InForce, Rule

STANDS = "NOT p.removed AND NOT p.not_done AND s.voided_at IS NULL"
MARKS = """SELECT page_id, array_agg(item::text) AS items, jsonb_object_agg(item, value) AS stored
              FROM visits_verification WHERE ended_at IS NULL GROUP BY page_id"""


@lru_cache(maxsize=32)
def pages_sql(plan: InForce, *, critical_only: bool = False) -> str:
    """Return SQL of (page_id, due, pending, stale): how many items are asked for, wait, have changed.

    It reads marks as `m` once for all forms; `p`, `s` and `v` are the page, its subject and its visit.
    """
    return "\nUNION ALL\n".join(
        _form_sql(FORMS[form], plan, critical_only=critical_only) for form in VERIFIABLE
    )


def _form_sql(crf: type[Crf], plan: InForce, *, critical_only: bool) -> str:
    asked: dict[tuple[Rule, ...], list[str]] = {}
    for name in crf.items():
        if critical_only and not plan.is_critical(crf.form, name):
            continue
        rules = plan.rules_for(crf.form, name)
        if rules:
            asked.setdefault(rules, []).append(name)
    columns = {name: item.column for name, item in crf.items().items()}
    due, pending = [], []
    for rules, names in asked.items():
        condition = " OR ".join(_reaches(rule, plan.seed) for rule in rules)
        holds = [f"(t.\"{columns[name]}\" IS NOT NULL OR t.missing ? '{name}')" for name in names]
        waits = [
            f"({one} AND NOT coalesce('{name}' = ANY (m.items), false))"
            for one, name in zip(holds, names, strict=True)
        ]
        due.append(f"CASE WHEN {condition} THEN {' + '.join(f'{one}::int' for one in holds)} ELSE 0 END")
        pending.append(f"CASE WHEN {condition} THEN {' + '.join(f'{one}::int' for one in waits)} ELSE 0 END")
    counted = _only_critical(crf, plan) if critical_only else ""
    return f"""
        SELECT t.page_id, {" + ".join(due) or "0"} AS due, {" + ".join(pending) or "0"} AS pending,
               CASE WHEN m.page_id IS NULL THEN 0 ELSE (
                   SELECT count(*)::int FROM jsonb_each(m.stored) AS one
                    WHERE sdv_stored(to_jsonb(t), one.key) IS DISTINCT FROM one.value{counted}) END AS stale
          FROM {crf._meta.db_table} t
          JOIN visits_page p ON p.id = t.page_id
          JOIN subjects_subject s ON s.id = p.subject_id
          LEFT JOIN visits_visit v ON v.id = p.visit_id
          LEFT JOIN m ON m.page_id = t.page_id
         WHERE {STANDS} AND (%(sites)s::text[] IS NULL OR p.site_id = ANY (%(sites)s))"""  # noqa: S608 our own


def _only_critical(crf: type[Crf], plan: InForce) -> str:
    names = [name for name in crf.items() if plan.is_critical(crf.form, name)]
    listed = ", ".join(f"'{name}'" for name in names)
    return f" AND one.key = ANY (ARRAY[{listed}]::text[])"


def _reaches(rule: Rule, seed: str) -> str:
    """Return the SQL of Rule.reaches; names and visits are our own, the seed is quoted."""
    said = []
    if rule.visit != ANY:
        said.append(f"coalesce(v.code, '{LOG}') = '{rule.visit}'")
    if rule.site != ANY:
        said.append(f"substr(s.usubjid, 8, 2) = {_quoted(rule.site)}")
    if rule.percent < 100:
        said.append(f"sdv_draw({_quoted(seed)}, s.usubjid) < {int(rule.percent)}")
    return "(" + " AND ".join(said) + ")" if said else "true"


def _quoted(text: str) -> str:
    """Return a text as a literal; a percent sign would be taken for a parameter."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far verification is at one site and visit: items asked for, waiting, changed since."""

    site: str
    visit: str
    due: int
    pending: int
    stale: int
    pages: int

    @property
    def verified(self) -> int:
        """The items that are verified and unchanged."""
        return max(self.due - self.pending - self.stale, 0)

    @property
    def percent(self) -> int:
        """The share that is verified, rounded down; all of nothing is all."""
        return 100 * self.verified // self.due if self.due else 100


def progress(*, by: Actor, plan: InForce, critical_only: bool = False, site: str = "") -> list[Progress]:
    """Count by site and visit, in the order of the schedule, logs last; one statement."""
    order = {code: number for number, code in enumerate([*VISIT, LOG])}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH m AS ({MARKS}), d AS ({pages_sql(plan, critical_only=critical_only)})
                SELECT p.site_id, coalesce(v.code, '{LOG}'), sum(d.due)::int, sum(d.pending)::int,
                       sum(d.stale)::int, count(*) FILTER (WHERE d.pending > 0)::int
                  FROM d JOIN visits_page p ON p.id = d.page_id LEFT JOIN visits_visit v ON v.id = p.visit_id
                 GROUP BY 1, 2""",  # noqa: S608 our own
            {"sites": _sites(by, site)},
        )
        found = [Progress(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.site, order[one.visit]))


def by_visit(plan: InForce) -> dict[tuple[uuid.UUID, str], tuple[int, int, int]]:
    """Return (asked for, waiting, changed) by subject and visit, of all sites; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH m AS ({MARKS}), d AS ({pages_sql(plan)})
                SELECT v.subject_id, v.code, v.ordinal, sum(d.due)::int, sum(d.pending)::int,
                       sum(d.stale)::int
                  FROM d JOIN visits_page p ON p.id = d.page_id JOIN visits_visit v ON v.id = p.visit_id
                 GROUP BY 1, 2, 3""",  # noqa: S608 our own
            {"sites": None},
        )
        return {
            (subject, visit_key(code, number)): (due, pending, stale)
            for subject, code, number, due, pending, stale in cursor.fetchall()
        }


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page with items to verify: where it stands, how many wait, how many have changed."""

    page_id: uuid.UUID
    subject_id: uuid.UUID
    usubjid: str
    site: str
    form: str
    ordinal: int
    visit: str | None
    pending: int
    stale: int


def waiting_pages(
    *, by: Actor, plan: InForce, site: str = "", visit: str = "", critical_only: bool = False
) -> Iterator[WaitingPage]:
    """Yield the pages on which items wait, by site, subject and visit; one statement."""
    order = {code: number for number, code in enumerate([*VISIT, LOG])}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH m AS ({MARKS}), d AS ({pages_sql(plan, critical_only=critical_only)})
                SELECT p.id, s.id, s.usubjid, p.site_id, p.form, p.ordinal, v.code, v.ordinal,
                       d.pending, d.stale
                  FROM d JOIN visits_page p ON p.id = d.page_id JOIN subjects_subject s ON s.id = p.subject_id
                  LEFT JOIN visits_visit v ON v.id = p.visit_id
                 WHERE d.pending > 0 AND (%(visit)s = '' OR coalesce(v.code, '{LOG}') = %(visit)s)""",  # noqa: S608
            {"sites": _sites(by, site), "visit": visit},
        )
        rows = cursor.fetchall()
    forms = list(FORMS)
    rows.sort(
        key=lambda row: (row[3], row[2], order[row[6] or LOG], row[7] or 0, forms.index(row[4]), row[5])
    )
    for page_id, subject, usubjid, at, form, ordinal, code, number, pending, stale in rows:
        key = visit_key(code, number) if code else None
        yield WaitingPage(page_id, subject, usubjid, at, form, ordinal, key, pending, stale)


@dataclass(frozen=True, slots=True)
class Stale:
    """A verified value that is stored no longer: what was verified, what stands, on which page."""

    id: uuid.UUID
    page_id: uuid.UUID
    item: str
    old: Any
    new: Any
    at: datetime
    by_name: str
    form: str
    ordinal: int
    visit: str | None
    subject_id: uuid.UUID
    usubjid: str
    site: str


def stale_marks(*, by: Actor, site: str = "") -> list[Stale]:
    """Return the marks whose value has changed since, whoever set them; one statement."""
    branches = "\nUNION ALL\n".join(
        f"""SELECT w.id, w.page_id, w.item, w.value, w.at, w.by_name,
                   sdv_stored(to_jsonb(t), w.item) AS stands
              FROM visits_verification w JOIN {FORMS[form]._meta.db_table} t ON t.page_id = w.page_id
             WHERE w.ended_at IS NULL AND (%(sites)s::text[] IS NULL OR w.site_id = ANY (%(sites)s))
               AND sdv_stored(to_jsonb(t), w.item) IS DISTINCT FROM w.value"""  # noqa: S608 our own
        for form in VERIFIABLE
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT d.id, d.page_id, d.item, d.value::text, d.stands::text, d.at, d.by_name, p.form,
                       p.ordinal, v.code, v.ordinal, s.id, s.usubjid, p.site_id
                  FROM ({branches}) d JOIN visits_page p ON p.id = d.page_id
                  JOIN subjects_subject s ON s.id = p.subject_id LEFT JOIN visits_visit v ON v.id = p.visit_id
                 WHERE {STANDS} ORDER BY d.at, d.id""",  # noqa: S608 our own
            {"sites": _sites(by, site)},
        )
        rows = cursor.fetchall()
    return [_stale(row) for row in rows]


def _stale(row: Sequence[Any]) -> Stale:
    mark, page, item, old, new, at, by_name, form, ordinal, code, number, subject, usubjid, site = row
    key = visit_key(code, number) if code else None
    return Stale(
        mark, page, item, _json(old), _json(new), at, by_name, form, ordinal, key, subject, usubjid, site
    )


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text, parse_float=Decimal)


def counted(found: Iterable[Progress]) -> tuple[int, int, int]:
    """Return how many items are asked for, wait and have changed, over sites and visits."""
    rows = list(found)
    return sum(one.due for one in rows), sum(one.pending for one in rows), sum(one.stale for one in rows)


def _sites(by: Actor, site: str) -> list[str] | None:
    """Return the sites to count, narrowed to one where it is named; None for all."""
    seen = visible_sites(by, Action.SDV_READ)
    if site:
        return [site] if seen is None or site in seen else []
    return None if seen is None else sorted(seen)
