"""Every state machine is one table of moves, and the database refuses all others to any hand (EDQ-07)."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from audit import clock, jobs
from audit.context import acting
from subjects.models import Subject, Voiding
from subjects.transfer import propose_transfer
from tests.people import People
from tests.visits.test_freezing import raw
from visits.arranging.voiding import void_subject
from visits.coding.records import Coding, Dictionary, Term
from visits.imports.records import Import
from visits.models import Lock, Page
from visits.review import locking, unlocking
from visits.review.machines import MACHINES, ONCE
from visits.review.queries import raise_query
from visits.review.records import LockProposal
from visits.review.sdv.records import Verification
from visits.trail.records import Redaction
from visits.uploads.records import Upload

pytestmark = pytest.mark.django_db
OURS = ("audit", "sites", "subjects", "visits", "outcomes")
STATES = ("state", "status", "stage", "phase", "ended_as")
NOTHING = "\\000"  # ends each argument of a trigger
Key = tuple[str, str]

NO_MACHINE: dict[Key, str] = {
    ("sites_site", "status"): "a fact of the sponsor's office, recorded and corrected: any may follow any",
    ("visits_safetynotice", "stage"): "which of its notices a row is: it never changes",
}
"""Columns that are called like a state and are none: a sentence each."""


def test_every_state_is_a_machine_or_says_why_not() -> None:
    """Found by introspection, so that a new machine cannot be forgotten."""
    found = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model._meta.db_table.startswith("crf_")
        for field in model._meta.concrete_fields
        if field.name in STATES or _is_state(model, field)
    }
    machines = {key for key, pairs in MACHINES.items() if pairs is not ONCE}
    assert found == machines | set(NO_MACHINE)
    assert not machines & set(NO_MACHINE)


def _is_state(model: type[models.Model], field: models.Field) -> bool:
    named = getattr(model, "State", None) or getattr(model, "Status", None)
    return named is not None and list(field.choices or ()) == named.choices


def test_the_triggers_hold_the_moves_of_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger"
            " WHERE tgname LIKE 'refuse\\_move%' AND tgenabled = 'A'"
        )
        stored = {}
        for table, arguments in cursor.fetchall():
            moves, column, _rest = arguments.split(NOTHING)
            stored[table, column] = set(moves.split())
    assert stored == {
        key: {f"{before}>{after}" for before, after in pairs} for key, pairs in MACHINES.items()
    }


# --- one row of each machine in its first state, with whatever its later states need beside ---


def _query(people: People, subject: Subject) -> models.Model:
    return raise_query(page=_page(subject), items=[], text="Right?", by=people.wang_lei)


def _import(people: People, subject: Subject) -> models.Model:
    with acting(by=people.chen_jing):
        return Import.objects.create(form="LB", source="x", file_name="x.csv", by_id="x", by_name="x")


def _transfer(people: People, subject: Subject) -> models.Model:
    to = people.sites["02"]
    made = propose_transfer(
        usubjid=subject.usubjid, to_site=to, on=date(2026, 3, 2), reason="Moved", by=people.zhao_min
    )
    return _with(made, people, decided_by_id="somebody")


def _locked(people: People, subject: Subject) -> Lock:
    return locking.lock(level="page", page=_page(subject), by=people.chen_jing, reason="Cut", interim=True)


def _unlock(people: People, subject: Subject) -> models.Model:
    lock = _locked(people, subject)
    made = unlocking.ask_to_unlock(
        lock=lock, level="page", page=_page(subject), by=people.chen_jing, reason="Typo", days=1
    )
    return _with(made, people, decided_by_id="somebody", until=clock.now())


def _proposal(people: People, subject: Subject) -> models.Model:
    with acting(by=people.chen_jing):
        return LockProposal.objects.create(
            act="lock", reason="Done", by_id="a", by_name="A", decided_by_id="b", at=clock.now()
        )


def _redaction(people: People, subject: Subject) -> models.Model:
    with acting(by=people.chen_jing):
        return Redaction.objects.create(
            **_of(subject),
            page=_page(subject),
            n=1,
            item="x",
            reason="Named",
            asked_by_id="a",
            asked_by_name="A",
            asked_by_role="x",
            settled_by_id="b",
        )


def _upload(people: People, subject: Subject) -> models.Model:
    with acting(by=people.li_na):
        return Upload.objects.create(
            **_of(subject),
            kind="PDF",
            label="x",
            size=1,
            sha256="0" * 64,
            content=b"x",
            by_id="x",
            by_name="x",
        )


def _job(people: People, subject: Subject) -> models.Model:
    return jobs.enqueue("no_such_work", by=people.li_na, args={})


def _verification(people: People, subject: Subject) -> models.Model:
    with acting(by=people.wang_lei):
        return Verification.objects.create(
            **_of(subject),
            page=_page(subject),
            item="screening_date",
            value=1,
            revision=1,
            by_id="x",
            by_name="x",
        )


def _coding(people: People, subject: Subject) -> models.Model:
    with acting(by=people.chen_jing):
        book = Dictionary.objects.create(kind="MEDDRA", version="1", in_use=True)
        term = Term.objects.create(dictionary=book, code="1", text="x")
        return Coding.objects.create(**_of(subject), page=_page(subject), item="x", text="x", term=term)


def _voiding(people: People, subject: Subject) -> models.Model:
    void_subject(subject=subject, by=people.chen_jing, reason="Entered twice")
    return Voiding.objects.get(subject=subject)


def _page(subject: Subject) -> Page:
    return Page.objects.select_related("subject").get(subject=subject, form="IC")


def _of(subject: Subject) -> dict[str, object]:
    return {"site_id": subject.site_id, "subject": subject}


def _with(made: Any, people: People, **values: object) -> models.Model:
    """Give a row what the constraints of its later states want."""
    with acting(by=people.chen_jing):
        type(made).objects.filter(pk=made.pk).update(**values)
    return made


ROWS: dict[Key, Callable[[People, Subject], models.Model]] = {
    ("visits_query", "state"): _query,
    ("visits_lockproposal", "state"): _proposal,
    ("visits_unlock", "state"): _unlock,
    ("visits_redaction", "state"): _redaction,
    ("visits_import", "state"): _import,
    ("visits_upload", "state"): _upload,
    ("subjects_transfer", "state"): _transfer,
    ("audit_job", "state"): _job,
    ("visits_verification", "ended_as"): _verification,
    ("visits_lock", "released_at"): _locked,
    ("visits_coding", "reviewed_at"): _coding,
    ("visits_coding", "replaced_at"): _coding,
    ("subjects_voiding", "restored_at"): _voiding,
}


@pytest.mark.urs("EDQ-07")
@pytest.mark.parametrize("key", MACHINES, ids=lambda key: ".".join(key))
def test_raw_sql_moves_a_row_only_as_its_table_says(people: People, subject: Subject, key: Key) -> None:
    """Every pair of states, as a declared person: what is not in the table is P0E10 and changes nothing."""
    pairs, row = MACHINES[key], ROWS[key](people, subject)
    hand = Hand(people, *key, row)
    first = hand.now()
    for before, way in ways(first, pairs).items():
        for after in sorted(hand.states()):
            hand.go(way)
            refused = hand.move(after)
            if before == after:
                assert refused != "P0E10", (before, after)
            elif (before, after) in pairs:
                assert refused == "", (before, after, refused)
            else:
                assert (refused, hand.now()) == ("P0E10", before), (before, after)
    begins = {after for before, after in pairs if before == ""}
    for state in sorted(hand.states() - {""}):
        refused = hand.begin(state)
        assert (refused == "P0E10") == (state not in begins), (state, refused)


class Hand:
    """Somebody who writes a column of one row by raw SQL."""

    def __init__(self, people: People, table: str, column: str, row: models.Model) -> None:
        self.by, self.table, self.column = people.chen_jing, table, column
        self.known: list[str] = getattr(getattr(type(row), "State", None), "values", [])
        self.moment = column.endswith("_at")
        self.row = self._copy_of(row)
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT at_first")

    def _copy_of(self, row: models.Model) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {self.table} t WHERE id = %s", [row.pk])
            return {"id": row.pk, "text": cursor.fetchone()[0]}

    def states(self) -> set[str]:
        """Every state there is, whether or not the table of moves leads to it."""
        if self.moment:
            return {"", "SET"}
        if self.column == "ended_as":
            return {"", *Verification.Ended.values}
        return set(self.known)

    def now(self) -> str:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self.column} FROM {self.table} WHERE id = %s", [self.row["id"]])
            value = cursor.fetchone()[0]
        return ("SET" if value else "") if self.moment else str(value)

    def move(self, state: str) -> str:
        """Write a state; return the SQLSTATE of the refusal."""
        beside = (
            ", ended_at = CASE %s WHEN '' THEN NULL ELSE edc_now() END" if self.column == "ended_as" else ""
        )
        value = (clock.now() if state else None) if self.moment else state
        statement = f"UPDATE {self.table} SET {self.column} = %s{beside} WHERE id = %s"
        return raw(statement, [value, *([state] if beside else []), self.row["id"]], self.by)

    def begin(self, state: str) -> str:
        """Write a new row in a state; other constraints may refuse it as well, the moves come first."""
        value = (clock.now().isoformat() if state else None) if self.moment else state
        statement = (
            f"INSERT INTO {self.table} SELECT (jsonb_populate_record(null::{self.table}, %s::jsonb ||"
            " jsonb_build_object('id', %s::text, %s::text, %s::text))).*"
        )
        return raw(statement, [self.row["text"], str(uuid.uuid4()), self.column, value], self.by)

    def go(self, way: list[str]) -> None:
        """Bring the row to a state from its first one, in the steps of its table."""
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT at_first")
        for state in way:
            assert self.move(state) == "", (self.table, way)


def ways(first: str, pairs: frozenset[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the steps from the first state to every state that can be reached."""
    found: dict[str, list[str]] = {first: []}
    waiting = [first]
    while waiting:
        state = waiting.pop(0)
        for before, after in sorted(pairs):
            if before == state and after not in found:
                found[after] = [*found[state], after]
                waiting.append(after)
    return found


def test_every_state_can_be_reached_and_every_machine_is_tried() -> None:
    assert set(ROWS) == set(MACHINES)
    for key, pairs in MACHINES.items():
        begins = {after for before, after in pairs if before == ""}
        reached = set().union(*(ways(state, pairs) for state in begins))
        assert reached == {state for pair in pairs for state in pair} - {""}, key
