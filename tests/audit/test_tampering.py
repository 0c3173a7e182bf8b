"""Whoever changes the trail behind its back is found: every column, a middle row, the last row (AUD-06)."""

import uuid
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from audit.context import Reason, acting, record_event
from audit.models import Entry, Head
from audit.verify import verify
from tests.audit.probe import SITE, SUBJECT, WANG, Probe, one

CHAIN = f"subject:{SUBJECT}"

ALTERED = {
    "chain": "'subject:00000000-0000-4000-8000-000000000008'",
    "n": "n + 100",
    "version": "2",
    "at": "at + interval '1 microsecond'",
    "clock": "'simulated'",
    "txid": "txid + 1",
    "op": "'I'",
    "ordinal": "'9'",
    "old": "jsonb_set(old, '{note}', '\"x\"')",
    "new": "jsonb_set(new, '{note}', '\"x\"')",
    "salt": "sha256(salt)",
    "old_digest": "sha256(old_digest)",
    "new_digest": "sha256(new_digest)",
    "prev_hash": "sha256(prev_hash)",
    "hash": "sha256(hash)",
}


@pytest.fixture(scope="module")
def written(probe_database: str) -> str:
    """Write four entries in the subject's chain, one in the site's."""
    row = one(page_id=uuid.UUID(int=5))
    with acting(by=WANG):
        row.save(force_insert=True)
    for note in ("second", "third"):
        with acting(by=WANG, reason=Reason("OTHER", "because")):
            Probe.objects.update(note=note)
    record_event("view", by=WANG, detail={"what": "trail"}, subject=SUBJECT)
    record_event("download", by=WANG, detail={}, site=SITE)
    assert verify() == []
    return probe_database


@pytest.fixture
def tampering(written: str) -> Iterator[None]:
    """Act as the owner with the triggers off, and roll back afterwards."""
    with transaction.atomic("owner"):
        _say("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        _say("ALTER TABLE audit_head DISABLE TRIGGER ALL")
        yield
        transaction.set_rollback(True, "owner")


def _say(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def _found() -> list[tuple[str, int]]:
    return [(one.chain, one.n) for one in verify(using="owner")]


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize("column", [field.column for field in Entry._meta.concrete_fields])
@pytest.mark.fault(41)
def test_a_changed_column_is_named(column: str) -> None:
    value = ALTERED.get(column, f"coalesce({column}, '') || 'x'")
    _say(f"UPDATE audit_entry SET {column} = {value} WHERE chain = '{CHAIN}' AND n = 2")
    assert (CHAIN, 2) in _found()


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize(
    "column", ["old", "new", "salt", "old_digest", "new_digest", "reason_text", "actor_site"]
)
def test_an_emptied_column_is_named(column: str) -> None:
    _say(f"UPDATE audit_entry SET {column} = NULL WHERE chain = '{CHAIN}' AND n = 2")
    assert _found() == [(CHAIN, 2)]


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("tampering")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM audit_entry WHERE chain = '{}' AND n = 2", (CHAIN, 2)),
        ("DELETE FROM audit_entry WHERE chain = '{}' AND n = 1", (CHAIN, 1)),
        ("DELETE FROM audit_entry WHERE chain = '{}' AND n = 4", (CHAIN, 4)),
        ("DELETE FROM audit_entry WHERE chain = '{}'", (CHAIN, 1)),
        ("DELETE FROM audit_head WHERE chain = '{}'", (CHAIN, 4)),
        ("UPDATE audit_head SET n = 3 WHERE chain = '{}'", (CHAIN, 4)),
        ("UPDATE audit_head SET hash = sha256(hash) WHERE chain = '{}'", (CHAIN, 4)),
        ("INSERT INTO audit_head VALUES ('site:99', 1, '', '', 0)", ("site:99", 1)),
    ],
)
@pytest.mark.fault(41)
def test_a_missing_entry_or_head_is_named(statement: str, found: tuple[str, int]) -> None:
    _say(statement.format(CHAIN))
    assert _found() == [found]


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("tampering")
def test_two_entries_that_change_places_are_found() -> None:
    _say(f"UPDATE audit_entry SET n = 5 - n + 100 WHERE chain = '{CHAIN}' AND n IN (2, 3)")
    _say(f"UPDATE audit_entry SET n = n - 100 WHERE chain = '{CHAIN}' AND n > 100")
    assert _found() == [(CHAIN, 2)]


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("tampering")
def test_the_command_names_what_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit", "--database", "owner", "--chain", f"site:{SITE}")
    assert "1 entries in 1 chains hold." in capsys.readouterr().out
    _say(f"UPDATE audit_entry SET actor_name = 'Li Si' WHERE chain = '{CHAIN}' AND n = 3")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--database", "owner")
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(f"{CHAIN} 3: altered: who, when, why or where")


def test_the_head_stands_on_the_last_entry(written: str) -> None:
    head = Head.objects.get(chain=CHAIN)
    assert head.n == 4
    assert bytes(head.hash) == bytes(Entry.objects.get(chain=CHAIN, n=4).hash)
