"""A value that should never have been written goes, and the chain holds (AUD-17); files as digests."""

import hashlib
import uuid

import pytest
from django.db import DatabaseError, connection, connections

from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Entry
from audit.redaction import redact
from audit.verify import verify
from tests.audit.probe import SITE, SUBJECT, WANG, one

pytestmark = pytest.mark.usefixtures("fresh_probe")

CHAIN = f"subject:{SUBJECT}"
LI = Actor(user_id="u-li", name="Li Si", role="DATA_MANAGER")
STRAY = Reason("OTHER", "a telephone number")


def _write() -> None:
    with acting(by=WANG):
        one(note="13800000000").save(force_insert=True)
        one().save(force_insert=True)


@pytest.mark.urs("AUD-17")
def test_a_redacted_value_is_gone_and_the_chain_holds() -> None:
    _write()
    redact(chain=CHAIN, n=1, item="note", by=WANG, second=LI, reason=STRAY)
    entry = Entry.objects.get(chain=CHAIN, n=1)
    assert entry.new is not None
    assert entry.new["note"] == "[redacted]"
    assert entry.salt is None
    event = Entry.objects.get(chain=CHAIN, n=3)
    assert event.new is not None
    assert (event.op, event.table_name, event.actor_id) == ("E", "redaction", "u-wang")
    assert (event.new["n"], event.new["item"], event.new["second"]) == (1, "note", "u-li")
    assert verify() == []
    redact(chain=CHAIN, n=1, item="height", by=WANG, second=LI, reason=STRAY)
    assert verify() == []
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry e WHERE e::text LIKE '%13800000000%'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass")
        assert cursor.fetchone() == ("A",)


@pytest.mark.urs("AUD-06", "AUD-17")
@pytest.mark.parametrize("change", ["salt = NULL", 'salt = NULL, new = new || \'{"note": "x"}\''])
def test_an_unlawful_redaction_is_found(change: str) -> None:
    _write()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_keep")
        cursor.execute(f"UPDATE audit_entry SET {change} WHERE n = 1")
    assert [(broken.chain, broken.n) for broken in verify()] == [(CHAIN, 1)]


@pytest.mark.urs("AUD-17")
def test_it_needs_two_people_and_the_owner() -> None:
    _write()
    with pytest.raises(ValueError, match="two people"):
        redact(chain=CHAIN, n=1, item="note", by=WANG, second=WANG, reason=STRAY)
    with pytest.raises(DatabaseError, match="permission denied"):
        redact(chain=CHAIN, n=1, item="note", by=WANG, second=LI, reason=STRAY, using="default")
    with pytest.raises(DatabaseError, match="has no telephone"):
        redact(chain=CHAIN, n=1, item="telephone", by=WANG, second=LI, reason=STRAY)
    assert verify() == []


@pytest.mark.urs("AUD-01")
def test_a_file_is_kept_as_its_digest() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TABLE probe_file (id uuid PRIMARY KEY, site_id text, content bytea, seal bytea)"
        )
        cursor.execute("SELECT audit_attach('probe_file', 'site', false)")
    key = uuid.uuid4()
    with acting(by=WANG), connection.cursor() as cursor:
        cursor.execute("SET LOCAL bytea_output = 'escape'")
        cursor.execute("INSERT INTO probe_file VALUES (%s, %s, %s, NULL)", [key, SITE, b"\x00one"])
        cursor.execute("UPDATE probe_file SET content = %s", [b"\x00two"])
        cursor.execute("DELETE FROM probe_file")
    made, changed, gone = Entry.objects.filter(row_key=str(key)).order_by("n")
    first, second = (f"sha256:{hashlib.sha256(value).hexdigest()}" for value in (b"\x00one", b"\x00two"))
    assert made.new == {"id": str(key), "site_id": SITE, "content": first, "seal": None}
    assert (changed.old, changed.new) == ({"content": first}, {"content": second})
    assert gone.old is not None
    assert gone.old["content"] == second
    assert verify() == []
