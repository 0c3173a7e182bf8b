"""The digest of the day leaves as a file, by ways that the settings name; it shows rewriting (AUD-07)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit import anchor, delivery, digests, jobs, running
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry, Job
from audit.tasks import digest_day
from audit.verify import verify
from tests.audit.probe import SUBJECT, WANG, one

pytestmark = [pytest.mark.usefixtures("fresh_probe"), pytest.mark.urs("AUD-07")]
CHAIN = f"subject:{SUBJECT}"
CLOCK = Actor.system("digest")
taken: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Path:
    settings.DIGEST_KEY = str(tmp_path / "keys" / "digest.key")
    settings.DIGEST_FOLDER = str(tmp_path / "digests")
    settings.DIGEST_DELIVERY = ["audit.delivery.to_folder"]
    settings.DIGEST_MAIL_TO = []
    taken.clear()
    return tmp_path / "digests"


def own_way(name: str, text: str) -> None:
    """Take a digest as a way that an installation adds."""
    taken.append((name, text))


def _write(note: str) -> None:
    with acting(by=WANG):
        one(note=note).save(force_insert=True)


def _rewrite() -> None:
    """Do what verify cannot see: as the owner, write a whole chain anew, head included."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_keep")
            cursor.execute(f"DELETE FROM {table} WHERE chain = %s", [CHAIN])
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_keep")
    _write("what never was")


def test_a_digest_is_signed_written_once_and_recorded(place: Path) -> None:
    _write("what was")
    made = digests.make_digest(by=CLOCK)
    [kept] = place.iterdir()
    assert kept.name == made.name
    assert CHAIN in anchor.read(kept.read_text(), digests.keys()[1]).chains
    assert Path(digests.settings.DIGEST_KEY).stat().st_mode & 0o077 == 0
    event = Entry.objects.get(table_name="digest_made")
    assert event.new is not None
    assert (event.new["name"], event.new["sha256"], event.new["broken"]) == (made.name, made.sha256, [])
    before = kept.read_text()
    delivery.to_folder(kept.name, "something else")
    assert kept.read_text() == before


def test_ways_of_delivery_are_named_by_the_settings(settings: Any) -> None:
    settings.DIGEST_DELIVERY = ["audit.delivery.by_mail", "tests.audit.test_digests.own_way"]
    settings.DIGEST_MAIL_TO = ["one@example.org", "two@example.org"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    made = digests.make_digest(by=CLOCK)
    assert [message.to for message in mail.outbox] == [["one@example.org"], ["two@example.org"]]
    assert [message.attachments[0][0] for message in mail.outbox] == [made.name, made.name]
    assert [name for name, _text in taken] == [made.name]
    assert "what was" not in taken[0][1]


def test_a_chain_rewritten_whole_is_told_by_verify_against(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write("what was")
    digests.make_digest(by=CLOCK)
    [kept] = place.iterdir()
    call_command("verify_audit", "--against", str(kept))
    assert "still hold" in capsys.readouterr().out
    _rewrite()
    assert verify() == []
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--against", str(kept))
    assert ended.value.code == 1
    assert f"{CHAIN} 1: rewritten" in capsys.readouterr().err
    forged = json.loads(kept.read_text())
    forged["chains"].pop(CHAIN)
    false = place / "false.json"
    false.write_text(json.dumps(forged))
    with pytest.raises(CommandError, match="not what was signed"):
        call_command("verify_audit", "--against", str(false))


def test_the_job_of_a_day_is_asked_for_once_and_tells_what_was_rewritten(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "publish", lambda *_: True)
    _write("what was")
    digests.make_digest(by=CLOCK)
    _rewrite()
    digest_day()
    digest_day()
    [job] = Job.objects.filter(kind="digest_day")
    assert running.run(job.pk, beating=False)
    job.refresh_from_db()
    assert job.result is not None
    assert [what.split(":")[0] for what in job.result["broken"]] == ["subject"]
    assert len(list(place.iterdir())) >= 1
