"""One CSV file per CRF, written by the database itself (COPY), so that every value is exactly what it holds.

Columns: usubjid, site (that enrolled), visit, ordinal, page, form_version, not_done, not_done_reason, then
every item and, beside each that may be missing for a reason, `<item>__missing` with the reason's code.
Decimals keep their places, times are UTC with microseconds, several codes are joined by semicolons. No value
is an empty field, an empty text a quoted one. Pages removed as entered by mistake, and all pages of a voided
subject, are left out; the trail keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from outcomes.datasets.files import BuiltFile
from visits.crfs import FORMS
from visits.crfs.base import Crf
from visits.items import Item
from visits.models import Lock

KEYS = (
    ("usubjid", "s.usubjid"),
    ("site", "substr(s.usubjid, 8, 2)"),
    ("visit", "CASE WHEN v.code = 'UNS' THEN v.code || v.ordinal ELSE v.code END"),
    ("ordinal", "p.ordinal"),
    ("page", "p.id"),
    ("form_version", "p.form_version"),
    ("not_done", "CASE WHEN p.not_done THEN 'Y' END"),
    ("not_done_reason", "nullif(p.not_done_reason, '')"),
)
MISSING = "__missing"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a lock covers: one page, one visit, one subject, one site, or (all None) the study."""

    subject: UUID | None = None
    page: UUID | None = None
    visit: UUID | None = None
    site: str | None = None

    @classmethod
    def of(cls, lock: Lock) -> Scope:
        """Return what this lock covers."""
        return cls(lock.subject_id, lock.page_id, lock.visit_id, lock.site_id)

    @property
    def condition(self) -> str:
        """The condition on the page, as SQL; ids are UUIDs, hence safe to write out."""
        if self.page is not None:
            return f"p.id = '{UUID(str(self.page))}'"
        if self.visit is not None:
            return f"p.visit_id = '{UUID(str(self.visit))}'"
        if self.subject is not None:
            return f"p.subject_id = '{UUID(str(self.subject))}'"
        return f"p.site_id = '{self.site}'" if self.site is not None else "true"

    @property
    def whole_subjects(self) -> bool:
        """Whether all pages of the subjects are covered, as ADSL and ADTTE need them."""
        return self.page is None and self.visit is None


def form_file(crf: type[Crf], scope: Scope, *, stem: str, using: str) -> BuiltFile:
    """Write one form's file, in one statement."""
    columns = [*KEYS]
    for name, item in crf.items().items():
        columns.append((name, _exactly(item)))
        if item.accepts_missing:
            columns.append((f"{name}{MISSING}", f"c.missing ->> '{name}'"))
    selected = ", ".join(f'{expression} AS "{name}"' for name, expression in columns)
    statement = f"""COPY (
        SELECT {selected} FROM {crf._meta.db_table} c
        JOIN visits_page p ON p.id = c.page_id
        JOIN subjects_subject s ON s.id = p.subject_id
        LEFT JOIN visits_visit v ON v.id = p.visit_id
        WHERE NOT p.removed AND {scope.condition}
        ORDER BY s.usubjid COLLATE "C", p.ordinal, p.id
    ) TO STDOUT (FORMAT csv, HEADER true, ENCODING 'UTF8')"""  # noqa: S608 names of our own classes
    with connections[using].cursor() as cursor:
        with cursor.copy(statement) as copy:
            content = b"".join(copy)
        rows = cursor.rowcount
    return BuiltFile(f"{stem}_{crf.form.lower()}.csv", crf.title, content, rows, len(columns))


def _exactly(item: Item) -> str:
    """Return the SQL that writes an item's column in its fixed form."""
    column = f'c."{item.column}"'
    if item.kind == "dt":
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    if item.kind == "date":
        return f"to_char({column}, 'YYYY-MM-DD')"
    if item.kind == "mcode":
        return f"array_to_string({column}, ';')"
    return column


def form_files(scope: Scope, *, stem: str, using: str) -> list[BuiltFile]:
    """Write the files of all forms; of one page, only of its own form."""
    made = [form_file(crf, scope, stem=stem, using=using) for crf in FORMS.values()]
    return [one for one in made if one.rows] if not scope.whole_subjects else made


def counts(scope: Scope, *, using: str) -> tuple[int, int]:
    """Return how many values the files hold, and how many removed pages they leave out."""
    parts = []
    for crf in FORMS.values():
        items = ", ".join(f'c."{item.column}"' for item in crf.items().values())
        parts.append(
            f"SELECT sum(num_nonnulls({items})) FILTER (WHERE NOT p.removed) AS held,"  # noqa: S608
            f" count(*) FILTER (WHERE p.removed) AS removed FROM {crf._meta.db_table} c"
            f" JOIN visits_page p ON p.id = c.page_id WHERE {scope.condition}"
        )
    with connections[using].cursor() as cursor:
        together = " UNION ALL ".join(parts)
        cursor.execute(f"SELECT coalesce(sum(held), 0)::bigint, sum(removed)::bigint FROM ({together}) f")  # noqa: S608
        found: tuple[int, int] = cursor.fetchone()
    return found
