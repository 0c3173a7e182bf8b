"""Every state machine as pairs of states, by table and column; the database holds them (moves.sql).

Each is made from the table of moves of the module that moves it. What is computed (a signature that stands, a
stale mark, a complete page) is no machine: nothing stores it. A moment that is set once, such as the end of a
lock, is one of two states: nothing, and SET.
"""

from __future__ import annotations

from collections.abc import Iterable

from audit import jobs
from subjects import transfer
from visits.imports import staging
from visits.review import finality, queries, unlocking
from visits.review.sdv.records import Verification
from visits.trail import redacting
from visits.uploads import keeping

Pairs = frozenset[tuple[str, str]]
ONCE: Pairs = frozenset({("", "SET")})
"""What is set once and never taken away again."""


def _of_queries() -> Pairs:
    by_people = {(before, move.after) for move in queries.MOVES.values() for before in move.before}
    by_checks = {(before, after) for befores, after in queries.BY_THE_SYSTEM.values() for before in befores}
    back = {(queries.State.CLOSED.value, state.value) for state in queries.STANDING}
    return frozenset(by_people | by_checks | back) | _begun("OPEN", "CANDIDATE")


def _begun(*states: str) -> Pairs:
    return frozenset(("", state) for state in states)


def _pairs(moves: Iterable[tuple[Iterable[str], str]], *begins: str) -> Pairs:
    return frozenset((before, after) for befores, after in moves for before in befores) | _begun(*begins)


# A table and its column, and the permitted pairs (before, after); before is empty for a new row.
MACHINES: dict[tuple[str, str], Pairs] = {
    ("visits_query", "state"): _of_queries(),
    ("visits_lockproposal", "state"): _pairs(
        (({move.before}, move.after) for move in finality.MOVES.values()), "PROPOSED"
    ),
    ("visits_unlock", "state"): _pairs(
        (({move.before}, move.after) for move in unlocking.MOVES.values()), "ASKED"
    ),
    ("visits_redaction", "state"): _pairs(
        ((move.before, move.after) for move in redacting.MOVES.values()), "ASKED"
    ),
    ("visits_import", "state"): _pairs(staging.MOVES.values(), "STAGED"),
    ("visits_upload", "state"): _pairs(keeping.MOVES.values(), "QUARANTINE", "READY"),
    ("subjects_transfer", "state"): _pairs(
        (({move.before}, move.after) for move in transfer.MOVES.values()), "PROPOSED"
    ),
    ("audit_job", "state"): _pairs(jobs.MOVES.values(), "QUEUED"),
    ("visits_verification", "ended_as"): _begun(*Verification.Ended.values),
    ("visits_lock", "released_at"): ONCE,
    ("visits_coding", "reviewed_at"): ONCE,
    ("visits_coding", "replaced_at"): ONCE,
    ("subjects_voiding", "restored_at"): ONCE,
}
