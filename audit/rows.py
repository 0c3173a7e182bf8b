"""Comparing what stands in the tables with what the trail said last of it (AUD-02, AUD-16).

The chains tell nothing of a value that their owner changed while the triggers were off: no entry is missing,
none was altered. So every row under audit is told again from its entries: each of its columns holds what the
last entry that names it says, no row is there that no entry has made, and none is gone that none has deleted.
"""

from collections.abc import Iterator

from django.db import connections, transaction
from psycopg import sql

from audit.verify import Broken

_TABLES = """
    SELECT c.relname, string_to_array(encode(t.tgargs, 'escape'), '\\000')
      FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
     WHERE t.tgname = 'audit_row' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
"""
# A row that was moved is told in the chains of both subjects, which have no order among each other: what
# either said last of a column may stand. A redacted value says nothing, nor does a column never told.
_UNLIKE = """
WITH stands AS (
    SELECT v, concat_ws('/', {keys}) AS row_key, {chain} AS chain
      FROM (SELECT {said} AS v FROM {table} AS r) AS now
), entries AS MATERIALIZED (
    SELECT chain, n, op, row_key, new FROM public.audit_entry WHERE table_name = {name}
), latest AS (
    SELECT DISTINCT ON (row_key, chain) row_key, chain, n, op FROM entries ORDER BY row_key, chain, n DESC
), told AS (
    SELECT DISTINCT ON (e.row_key, e.chain, c.key) e.row_key, e.chain, e.n, c.key, c.value::text AS value
      FROM entries AS e CROSS JOIN jsonb_each(e.new) AS c
     WHERE e.op IN ('I', 'U') ORDER BY e.row_key, e.chain, c.key, e.n DESC
)
SELECT s.chain, 0, 'no entry made this row: ' || s.row_key
  FROM stands AS s WHERE NOT EXISTS (SELECT FROM latest AS l WHERE l.row_key = s.row_key)
UNION ALL
SELECT min(l.chain), max(l.n), 'this row is gone, and no entry deleted it: ' || l.row_key
  FROM latest AS l WHERE NOT EXISTS (SELECT FROM stands AS s WHERE s.row_key = l.row_key)
 GROUP BY l.row_key HAVING bool_and(l.op <> 'D')
UNION ALL
SELECT s.chain, max(t.n), t.key || ' is not what the trail said last: ' || s.row_key
  FROM told AS t JOIN stands AS s USING (row_key)
 WHERE s.v ? t.key
 GROUP BY s.chain, s.row_key, t.key
HAVING NOT bool_or(t.value IN ((s.v -> t.key)::text, '"[redacted]"'))
 ORDER BY 1, 2, 3
"""


def unlike(*, using: str = "default") -> list[Broken]:
    """Return where a table does not hold what the trail says, by table; nothing where both agree.

    A value that was written while the triggers were off is found until somebody changes it again.
    """
    return [
        Broken(chain, n, f"{table}: {what}")
        for table, arguments in _tables(using)
        for chain, n, what in _differences(table, arguments, using)
    ]


def _tables(using: str) -> list[tuple[str, list[str]]]:
    with connections[using].cursor() as cursor:
        cursor.execute(_TABLES)
        return [(table, arguments[:-1]) for table, arguments in cursor.fetchall()]


def _differences(table: str, arguments: list[str], using: str) -> Iterator[tuple[str, int, str]]:
    """Compare one table in one statement, hence as of one instant, while others write."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', '0', true), set_config('TimeZone', 'UTC', true)"
        )
        cursor.execute(_statement(table, arguments).as_string(cursor.connection))
        yield from cursor.fetchall()


def _statement(table: str, arguments: list[str]) -> sql.Composed:
    """Return the comparison of a table; `arguments`: those of its trigger (audit/sql/040_row.sql)."""
    kind, _reason, site, subject, _page, of_bytes, *keys = arguments
    said = sql.SQL("public.audit_said({}, to_jsonb(r))").format(sql.Literal(table))
    for column in of_bytes.split(",") if of_bytes else ():
        said += sql.SQL(" || jsonb_build_object({}, 'sha256:' || encode(sha256(r.{}), 'hex'))").format(
            sql.Literal(column), sql.Identifier(column)
        )
    places: list[sql.Composable] = [sql.SQL("'study'")]
    if kind != "study" and site:
        places.insert(0, sql.SQL("'site:' || (v ->> {})").format(sql.Literal(site)))
    if kind == "subject":
        places.insert(0, sql.SQL("'subject:' || (v ->> {})").format(sql.Literal(subject)))
    return sql.SQL(_UNLIKE).format(
        table=sql.Identifier("public", table),
        name=sql.Literal(table),
        said=said,
        keys=sql.SQL(", ").join(sql.SQL("v ->> {}").format(sql.Literal(key)) for key in keys),
        chain=sql.SQL("coalesce({})").format(sql.SQL(", ").join(places)),
    )
