"""The subject × visit matrix of a whole study, and a casebook, both over HTTP with all processes running.

The demo's first subjects are copied under new numbers until there are 578: the rows of their pages, visits
and queries, without the trail, which neither reads.
"""

import time
import uuid
from collections.abc import Iterator

import psycopg
from psycopg import sql

from benchmarks.http import Person, demo, parsed, people_of, timed
from benchmarks.measurement import WHOLE_STUDY, Measurement, percentile
from defier import addresses

SUBJECTS, TIMES, PATIENCE = 578, 20, 60
MANAGER = """
    SELECT min(users.username) FROM sites_user AS users
    JOIN sites_membership AS held ON held.user_id = users.id
    WHERE held.role = 'DATA_MANAGER' AND users.is_active
"""
COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
CASEBOOK = """
    SELECT page.subject_id, min(users.username) FROM visits_page AS page
    JOIN sites_membership AS held ON held.site_id = page.site_id AND held.role = 'COORDINATOR'
    JOIN sites_user AS users ON users.id = held.user_id AND users.is_active
    GROUP BY page.subject_id ORDER BY count(*) DESC LIMIT 1
"""
NEW = {
    "seq": "seq + 1000 * {k}",
    "usubjid": "left(usubjid, 10) || left(md5(usubjid || {k}), 5)",
    "screening_no": "'S' || left(md5(screening_no || {k}), 7)",
}
SURPLUS = "SELECT id FROM subjects_subject ORDER BY seq DESC, id LIMIT {}"
IDENTITIES = ("id", "subject_id", "visit_id", "page_id")


def copied(owner: psycopg.Connection, tables: list[str], number: int) -> None:
    """Copy every subject once more, under identities made of the old one and the copy's number."""
    for table in tables:
        parts: list[sql.Composable] = []
        names = [row[0] for row in owner.execute(COLUMNS, [table])]
        for name in names:
            if name in IDENTITIES:
                parts.append(sql.SQL("md5({}::text || {})::uuid").format(sql.Identifier(name), str(number)))
            elif table == "subjects_subject" and name in NEW:
                parts.append(sql.SQL(NEW[name].format(k=number)))
            else:
                parts.append(sql.Identifier(name))
        statement = sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {3}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(sql.Identifier(name) for name in names),
            sql.SQL(", ").join(parts),
            sql.Identifier("original", table),
        )
        owner.execute(statement)


def grown(address: str) -> int:
    """Copy the subjects of the demo until there are enough; return how many there are."""
    with psycopg.connect(address, options=WHOLE_STUDY) as owner:
        crfs = [
            row[0]
            for row in owner.execute(
                "SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_name LIKE 'crf\\_%' ORDER BY table_name"
            )
        ]
        tables = ["subjects_subject", "visits_visit", "visits_page", *crfs, "visits_query"]
        owner.execute("CREATE SCHEMA original")
        for table in tables:
            name = sql.Identifier(table)
            owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
            owner.execute(
                sql.SQL("CREATE TABLE {} AS TABLE {}").format(sql.Identifier("original", table), name)
            )
        first = _count(owner)
        for number in range(1, -(-SUBJECTS // first)):
            copied(owner, tables, number)
        surplus = _count(owner) - SUBJECTS
        for table in reversed(tables):
            name = sql.Identifier(table)
            column = sql.Identifier("id" if table == "subjects_subject" else "subject_id")
            chosen = sql.SQL(SURPLUS).format(surplus)
            owner.execute(sql.SQL("DELETE FROM {} WHERE {} IN ({})").format(name, column, chosen))
        owner.execute("DROP SCHEMA original CASCADE")
        owner.commit()
        owner.autocommit = True
        owner.execute("ANALYZE")
        return _count(owner)


def _count(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT count(*) FROM subjects_subject").fetchone()
    return int(row[0]) if row else 0


def casebook(person: Person, subject: uuid.UUID) -> tuple[float, int]:
    """Ask for a casebook and wait; return the seconds until it can be downloaded, and its pages."""
    path = f"/subjects/{subject}/pdf/"
    before, token = _made(person, path)
    begun = time.perf_counter()
    person.ask("POST", path, {"csrfmiddlewaretoken": token})
    while time.perf_counter() < begun + PATIENCE:
        made, _ = _made(person, path)
        if len(made) > len(before):
            return time.perf_counter() - begun, int(made[0])
        time.sleep(0.05)
    raise RuntimeError(f"no casebook after {PATIENCE} s")


def _made(person: Person, path: str) -> tuple[list[str], str]:
    """Return the page counts of the documents made, the newest first, and a token to ask for one."""
    _, page = person.ask("GET", path)
    token = parsed(page).xpath("//main//input[@name='csrfmiddlewaretoken']/@value")[0]
    return parsed(page).xpath("//main//tbody//td[@class='num']/text()"), token


def measure() -> Iterator[Measurement]:
    """A data manager opens the matrix of 578 subjects; a coordinator asks twice for the longest casebook."""
    with demo() as (port, database, _house):
        with psycopg.connect(database, options=WHOLE_STUDY) as link:
            subject, coordinator = link.execute(CASEBOOK).fetchone() or (uuid.UUID(int=0), "")
            [manager] = link.execute(MANAGER).fetchone() or ("",)
        count = grown(addresses.read()["DATABASE_OWNER_URL"])
        watcher, printer = people_of(port, [(subject, manager), (subject, coordinator)])
        watcher.path = "/subjects/"
        opened = timed(watcher.open, TIMES)
        yield Measurement(f"matrix of {count} subjects: p50", percentile(opened, 0.5), "ms")
        yield Measurement(f"matrix of {count} subjects: p95", percentile(opened, 0.95), "ms", budget=200)
        casebook(printer, subject)
        seconds, pages = casebook(printer, subject)
        yield Measurement(f"casebook of {pages} pages, asked to ready", seconds, "s")
        yield Measurement("pages of that casebook", pages / seconds, "/s", budget=20, at_least=True)
