"""The state machines of reviewing as pairs of states; the database holds the same (visits/sql/moves.sql)."""

from __future__ import annotations

from visits.review import finality, queries, unlocking
from visits.trail import redacting

Pairs = frozenset[tuple[str, str]]


def _of_queries() -> Pairs:
    by_people = {(before, move.after) for move in queries.MOVES.values() for before in move.before}
    by_checks = {(before, after) for befores, after in queries.BY_THE_SYSTEM.values() for before in befores}
    back = {(queries.State.CLOSED.value, state.value) for state in queries.STANDING}
    begun = {("", queries.State.OPEN.value), ("", queries.State.CANDIDATE.value)}
    return frozenset(by_people | by_checks | back | begun)


# A table's name, and the permitted pairs (before, after); before is empty for a new row.
MACHINES: dict[str, Pairs] = {
    "visits_query": _of_queries(),
    "visits_lockproposal": frozenset(
        {("", "PROPOSED")} | {(move.before, move.after) for move in finality.MOVES.values()}
    ),
    "visits_unlock": frozenset(
        {("", "ASKED")} | {(move.before, move.after) for move in unlocking.MOVES.values()}
    ),
    "visits_redaction": frozenset(
        {("", "ASKED")}
        | {(before, move.after) for move in redacting.MOVES.values() for before in move.before}
    ),
}
