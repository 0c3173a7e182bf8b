"""Every state machine is one table of moves, and the database refuses all others to any hand (EDQ-07)."""

import pytest
from django.db import connection

from subjects.models import Subject
from tests.people import People
from tests.visits.test_freezing import raw
from visits.models import Page, Query
from visits.review.machines import MACHINES
from visits.review.queries import raise_query

pytestmark = pytest.mark.django_db
NOTHING = "\\000"  # ends each argument of a trigger


def test_the_triggers_hold_the_moves_of_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger"
            " WHERE tgname = 'refuse_move' AND tgenabled = 'A'"
        )
        stored = {table: set(moves.removesuffix(NOTHING).split()) for table, moves in cursor.fetchall()}
    assert stored == {
        table: {f"{before}>{after}" for before, after in pairs} for table, pairs in MACHINES.items()
    }


@pytest.mark.urs("EDQ-07")
def test_raw_sql_moves_a_query_only_as_its_table_says(people: People, subject: Subject) -> None:
    """Every pair of states, as a declared person: what is not in the table is P0E10 and changes nothing."""
    page = Page.objects.get(subject=subject, form="IC")
    pairs = MACHINES["visits_query"]
    query = raise_query(page=page, items=[], text="Right?", by=people.wang_lei)
    state = "INSERT INTO visits_query SELECT (q).* FROM (SELECT jsonb_populate_record(null::visits_query,"
    state += " to_jsonb(o) || jsonb_build_object('id', gen_random_uuid(), 'state', %s::text)) AS q"
    state += " FROM visits_query o WHERE o.id = %s) one"
    for begun in Query.State.values:
        refused = raw(state, [begun, query.pk], people.chen_jing)
        assert refused == ("" if ("", begun) in pairs else "P0E10"), begun
    for before in Query.State.values:
        for after in Query.State.values:
            _brought(query, before, people)
            refused = raw(
                "UPDATE visits_query SET state = %s WHERE id = %s", [after, query.pk], people.chen_jing
            )
            allowed = before == after or (before, after) in pairs
            assert refused == ("" if allowed else "P0E10"), (before, after)
            query.refresh_from_db()
            assert query.state == (after if allowed else before)


def _brought(query: Query, state: str, people: People) -> None:
    """Bring the query to a state along the table; CANCELLED is left by nobody, so another row takes over."""
    if query.state == Query.State.CANCELLED and state != Query.State.CANCELLED:
        query.pk = raise_query(page=query.page, items=[], text="Again?", by=people.wang_lei).pk
        query.refresh_from_db()
    ways = {
        "OPEN": ("CLOSED", "OPEN"),
        "ANSWERED": ("OPEN", "ANSWERED"),
        "CLOSED": ("OPEN", "CLOSED"),
        "CANDIDATE": ("CLOSED", "CANDIDATE"),
        "CANCELLED": ("OPEN", "CANCELLED"),
    }
    for step in ("CLOSED", *ways[state]) if query.state != state else ():
        assert (
            raw("UPDATE visits_query SET state = %s WHERE id = %s", [step, query.pk], people.chen_jing) == ""
        )
    query.refresh_from_db()
