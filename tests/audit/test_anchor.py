"""What verify cannot see, an anchor of an earlier day does: a whole chain rewritten or removed (AUD-07)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from audit import anchor
from audit.context import acting
from audit.verify import verify
from tests.audit.probe import SUBJECT, WANG, one

CHAIN = f"subject:{SUBJECT}"
pytestmark = pytest.mark.usefixtures("probe_database")


def _write(note: str) -> None:
    with acting(by=WANG):
        one(note=note).save(force_insert=True)


def _say(*statements: str) -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_keep")
        for statement in statements:
            cursor.execute(statement)
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_keep")


def remove() -> None:
    _say(
        f"DELETE FROM audit_entry WHERE chain = '{CHAIN}'", f"DELETE FROM audit_head WHERE chain = '{CHAIN}'"
    )


def rewrite() -> None:
    remove()
    _write("what never was")


@pytest.mark.urs("AUD-07")
@pytest.mark.parametrize(("change", "words"), [(rewrite, "rewritten since"), (remove, "missing")])
def test_an_anchor_sees_a_chain_rewritten_or_removed(change: Callable[[], None], words: str) -> None:
    _write("what was")
    earlier = anchor.take()
    _write("what came later")
    assert anchor.check(earlier) == []
    change()
    assert verify() == []
    (broken,) = anchor.check(earlier)
    assert broken.chain == CHAIN
    assert words in broken.what
    assert broken.what.endswith(earlier.at)


@pytest.mark.urs("AUD-07")
def test_a_changed_anchor_is_no_anchor() -> None:
    _write("what was")
    private, public = anchor.make_key()
    text = anchor.sign(anchor.take(), private)
    assert CHAIN in anchor.read(text, public).chains
    changed = json.loads(text)
    changed["chains"][CHAIN][1] = "00" * 32
    for forged in (json.dumps(changed), "{}", "no JSON", text.replace('"signature": "', '"signature": "A')):
        with pytest.raises(anchor.ForgedAnchorError):
            anchor.read(forged, public)
    with pytest.raises(anchor.ForgedAnchorError):
        anchor.read(text, anchor.make_key()[1])


@pytest.mark.urs("AUD-07")
def test_the_command_signs_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write("what was")
    key = tmp_path / "key"
    call_command("anchor_audit", "--make-key", str(key))
    assert key.stat().st_mode & 0o077 == 0
    call_command("anchor_audit", "--key", str(key))
    kept = tmp_path / "anchor.json"
    kept.write_text(capsys.readouterr().out)
    call_command("anchor_audit", "--check", str(kept), "--key", f"{key}.pub")
    assert "still hold" in capsys.readouterr().out
    rewrite()
    _write("and more")
    with pytest.raises(SystemExit) as ended:
        call_command("anchor_audit", "--check", str(kept), "--key", f"{key}.pub")
    assert ended.value.code == 1
    kept.write_text("{}")
    with pytest.raises(CommandError, match="not what was signed"):
        call_command("anchor_audit", "--check", str(kept), "--key", f"{key}.pub")
