"""What the trail costs a write: a row of 40 items inserted, three of its items changed."""

import os
import time
import uuid
from collections.abc import Iterator

import psycopg

from benchmarks.measurement import WHOLE_STUDY, Measurement, percentile
from defier import addresses

ROWS, ACTS = 4, 500
SCHEMA = "benchmark_trail"
COLUMNS = ", ".join(
    f"i{n} {kind}" for n, kind in enumerate(("text", "integer", "numeric(6, 2)", "date") * 10, start=1)
)
TABLES = """
    CREATE TABLE {schema}.bare (
        page_id uuid PRIMARY KEY, site_id text, subject_id uuid, missing jsonb, {columns});
    CREATE INDEX ON {schema}.bare (subject_id);
    CREATE TABLE {schema}.watched (LIKE {schema}.bare INCLUDING ALL);
    SELECT audit_attach('{schema}.watched', 'subject', true);
"""
DECLARE = (
    "SELECT set_config('edc.actor', 'benchmark', true), set_config('edc.name', 'Benchmark', true),"
    " set_config('edc.role', 'SYSTEM', true), set_config('edc.reason', 'SYSTEM', true)"
)
INSERT = (
    "INSERT INTO {schema}.{table} (page_id, site_id, subject_id, missing, i1, i5, i2, i3, i4)"
    " SELECT gen_random_uuid(), '07', %s, '{{}}', 'text', 'text', n, n + 0.5, '2026-03-01'"
    " FROM generate_series(1, {rows}) AS n"
)
CHANGE = "UPDATE {schema}.{table} SET i1 = 'other', i2 = i2 + 1, i5 = NULL WHERE subject_id = %s"


def measure() -> Iterator[Measurement]:
    """Microseconds per row, in transactions of 4 rows of one subject; rolled back at the end."""
    address = {**addresses.read(), **os.environ}["DATABASE_OWNER_URL"]
    with psycopg.connect(address, options=WHOLE_STUDY) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(TABLES.format(schema=SCHEMA, columns=COLUMNS))
        for table in ("bare", "watched"):
            inserted, changed = _per_row(connection, table)
            budget = 500 if table == "watched" else None
            yield Measurement(f"insert a row, {table}", inserted, "µs", budget=budget)
            yield Measurement(f"change a row, {table}", changed, "µs", budget=budget)
        connection.rollback()


def _per_row(connection: psycopg.Connection, table: str) -> tuple[float, float]:
    """Return the median microseconds per row inserted and changed; every act is another subject's."""
    insert = INSERT.format(schema=SCHEMA, table=table, rows=ROWS)
    change = CHANGE.format(schema=SCHEMA, table=table)
    taken: dict[str, list[float]] = {insert: [], change: []}
    # Ascending, as one transaction takes its chains in order.
    for subject in sorted(uuid.uuid4() for _ in range(ACTS)):
        with connection.transaction():
            connection.execute(DECLARE)
            for statement, times in taken.items():
                begun = time.perf_counter()
                connection.execute(statement, [subject])
                times.append((time.perf_counter() - begun) * 1e6 / ROWS)
    return percentile(sorted(taken[insert]), 0.5), percentile(sorted(taken[change]), 0.5)
