"""Whoever changes a row while the triggers are off is found: it is not what the trail said last."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from audit.actors import Actor
from audit.context import Reason, acting
from audit.redaction import redact
from audit.rows import unlike
from audit.verify import verify
from tests.audit.probe import SUBJECT, WANG, Probe, one

CHAIN = f"subject:{SUBJECT}"
OTHER = uuid.UUID("00000000-0000-4000-8000-000000000008")
MOVED, GONE, KEPT, STRAY = (uuid.UUID(int=n) for n in (5, 6, 7, 8))
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
LI = Actor(user_id="u-li", name="Li Si", role="DATA_MANAGER")


@pytest.fixture(scope="module")
def told(probe_database: str) -> str:
    """Write rows in every way there is: entered, changed, moved there and back, deleted, redacted."""
    with acting(by=WANG):
        for key in (MOVED, GONE, KEPT):
            row = one(page_id=key, seen=SEEN, missing={"height": "ND"})
            row.save(force_insert=True)
        one(page_id=STRAY, note="13800000000").save(force_insert=True)
    for key, change in (
        (MOVED, {"subject_id": OTHER}),
        (MOVED, {"note": "there"}),
        (MOVED, {"subject_id": SUBJECT}),
        (KEPT, {"note": "second", "height": "1.5"}),
        (KEPT, {"note": None}),
    ):
        with acting(by=WANG, reason=Reason("TYPO")):
            Probe.objects.filter(pk=key).update(**change)
    with acting(by=WANG, reason=Reason("TYPO")):
        Probe.objects.filter(pk=GONE).delete()
    redact(chain=CHAIN, n=4, item="note", by=WANG, second=LI, reason=Reason("OTHER", "a telephone number"))
    return probe_database


@pytest.fixture
def unwatched(told: str) -> Iterator[None]:
    """Act as the owner with the triggers of the table off, and roll back afterwards."""
    with transaction.atomic("owner"):
        say("ALTER TABLE crf_probe DISABLE TRIGGER ALL")
        yield
        transaction.set_rollback(True, "owner")


def say(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.urs("AUD-02")
def test_whatever_was_written_stands_as_the_trail_says(told: str) -> None:
    """This holds for every table of the study, and whatever the time zone of the session."""
    assert unlike() == []
    with transaction.atomic("owner"):
        say("SET LOCAL TimeZone = 'Asia/Shanghai'")
        assert unlike(using="owner") == []


@pytest.mark.urs("AUD-06", "AUD-16")
@pytest.mark.usefixtures("unwatched")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (f"UPDATE crf_probe SET note = 'quietly' WHERE page_id = '{KEPT}'", f"note is not .*: {KEPT}"),
        (f"UPDATE crf_probe SET height = 1.51 WHERE page_id = '{KEPT}'", f"height is not .*: {KEPT}"),
        (f"UPDATE crf_probe SET missing = '{{}}' WHERE page_id = '{KEPT}'", f"missing is not .*: {KEPT}"),
        (f"UPDATE crf_probe SET seen = seen + '1 us' WHERE page_id = '{KEPT}'", f"seen is not .*: {KEPT}"),
        (f"UPDATE crf_probe SET note = 'first' WHERE page_id = '{KEPT}'", f"note is not .*: {KEPT}"),
        (
            f"UPDATE crf_probe SET subject_id = '{OTHER}' WHERE page_id = '{KEPT}'",
            f"subject_id is not .*: {KEPT}",
        ),
        (f"DELETE FROM crf_probe WHERE page_id = '{KEPT}'", f"this row is gone, .*: {KEPT}"),
        (
            f"INSERT INTO crf_probe (page_id, site_id, subject_id) VALUES ('{GONE}', '07', '{SUBJECT}')",
            f".* is not what .*: {GONE}",
        ),
        (
            f"INSERT INTO crf_probe (page_id, site_id, subject_id) VALUES ('{OTHER}', '07', '{SUBJECT}')",
            f"no entry made this row: {OTHER}",
        ),
        (f"UPDATE crf_probe SET page_id = '{OTHER}' WHERE page_id = '{KEPT}'", f"no entry made .*: {OTHER}"),
    ],
)
def test_a_row_written_with_the_triggers_off_is_named(statement: str, found: str) -> None:
    say(statement)
    assert verify(using="owner") == []
    differences = unlike(using="owner")
    assert differences, statement
    assert any(re.fullmatch(f"crf_probe: {found}", one.what) for one in differences), differences


@pytest.mark.urs("AUD-06")
@pytest.mark.usefixtures("unwatched")
def test_the_command_names_the_row(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit", "--database", "owner")
    assert "hold." in capsys.readouterr().out
    say(f"UPDATE crf_probe SET note = 'quietly' WHERE page_id = '{KEPT}'")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--database", "owner")
    assert ended.value.code == 1
    named = capsys.readouterr().err
    assert f"{CHAIN} " in named
    assert f"crf_probe: note is not what the trail said last: {KEPT}" in named
    assert "quietly" not in named
