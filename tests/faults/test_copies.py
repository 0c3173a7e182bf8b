"""Yesterday's backup: fault 42 (BCK-02, BCK-03), with pg_dump and pg_restore under row-level security."""

import io
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from audit import anchor, jobs
from audit.models import Job
from defier import children, copies, embedded
from defier.addresses import ROOT
from tests import databases
from tests.enrolled import screened
from tests.faults.stack import Stack
from tests.faults.table import fault
from tests.faults.test_servers import idle, state, until
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def owner(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner's address as a command is told it, of the database that the stack runs on."""
    known = {**connections.databases["owner"], "NAME": stack.database}
    monkeypatch.setitem(connections.databases, "owner", known)


@pytest.fixture
def beside() -> Iterator[str]:
    """The name of a database to restore into, which is gone afterwards."""
    name = f"restored_{uuid.uuid4().hex[:8]}"
    yield name
    copies.drop(name)


def said(command: str, *words: str) -> str:
    out = io.StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


@fault(42)
@pytest.mark.urs("BCK-02")
def test_the_drill_finds_every_row_chain_and_file_again(stack: Stack) -> None:
    found = said("restore_drill")
    assert "Every row, chain, guard and file is in the restored copy." in found
    with psycopg.connect(databases.address("DATABASE_OWNER_URL", stack.database)) as link:
        assert not link.execute("SELECT 1 FROM pg_database WHERE datname LIKE 'drill\\_%'").fetchall()


@fault(42)
@pytest.mark.urs("BCK-02")
def test_the_drill_names_what_is_not_as_it_was(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = copies.restore

    def tampering(file: Path, name: str) -> str:
        until = whole(file, name)
        with psycopg.connect(databases.address("DATABASE_OWNER_URL", name)) as link:
            link.execute("SELECT set_config('edc.sites', '*', false)")
            link.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
            link.execute("UPDATE audit_entry SET actor_name = 'Somebody' WHERE chain = 'study' AND n = 2")
            link.execute("DROP POLICY sight ON crf_dm")
        return until

    monkeypatch.setattr(copies, "restore", tampering)
    with pytest.raises(CommandError, match="study 2: altered") as refused:
        said("restore_drill")
    assert "policies" in str(refused.value)


@fault(42)
@pytest.mark.urs("BCK-03")
def test_a_restored_copy_says_what_is_lost_and_does_nothing_until_released(
    stack: Stack, beside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(idle)
    stack.kill("worker")
    try:
        kept = screened(stack.people)
        waiting = jobs.enqueue("test_once", by=stack.people.li_na, args={"file": str(tmp_path / "marks")})
        said("backup", str(tmp_path / "yesterday"))
    finally:
        stack.start("worker")
    until(lambda: state(waiting) == "DONE")
    (tmp_path / "marks").unlink()
    gone = screened(stack.people)
    digest = signed_digest(tmp_path, monkeypatch)
    report = said("restore", str(tmp_path / "yesterday"), beside, "--against", str(digest))
    assert f"subject:{gone.pk}: entries 1 to" in report
    assert kept.usubjid not in report
    assert re.search(r"Lost, and to be entered anew: everything from then to 20\d\d-", report)

    port = embedded.free_port()
    address = {
        "DATABASE_URL": databases.address("DATABASE_URL", beside),
        "DATABASE_READ_URL": databases.address("DATABASE_READ_URL", beside),
        "WEB_BIND": f"127.0.0.1:{port}",
    }
    web = stack.spawn("web", log=tmp_path / "web.log", **address)
    try:
        stack.wait_for_web(web, log=tmp_path / "web.log", port=port)
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert visitor.sign_in("li_na").status == 302
        assert "This is a restored copy of 20" in visitor.ask("/").text
        assert swept(stack, address, waiting) == "QUEUED"
        assert not (tmp_path / "marks").exists()
        assert "2 jobs waited" in said("release", beside), "this one, and that of the save"
        assert swept(stack, address, waiting) == "DONE"
        assert (tmp_path / "marks").exists()
    finally:
        children.stop(web, patience=5)
        with psycopg.connect(
            databases.address("DATABASE_OWNER_URL", stack.database), autocommit=True
        ) as link:
            link.execute(f"DROP DATABASE {beside} WITH (FORCE)")


def signed_digest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a digest of the trail as it is now, signed by a key of its own."""
    monkeypatch.setattr(settings, "DIGEST_KEY", str(folder / "key"))
    anchor.write_key(folder / "key")
    file = folder / "digest.json"
    file.write_text(anchor.sign(anchor.take(), (folder / "key").read_bytes()))
    return file


def swept(stack: Stack, address: dict[str, str], job: Job) -> str:
    """Have a process of its own, on the restored copy, do the job; return the job's state there."""
    words = "import django; django.setup(); from audit.sight import seeing; import tests.audit.job_functions"
    words += (
        f"\nfrom audit import running\nwith seeing(None): running.run(__import__('uuid').UUID('{job.pk}'))"
    )
    environment = {**stack.environment({}), **address, "DJANGO_SETTINGS_MODULE": "defier.settings"}
    subprocess.run([sys.executable, "-c", words], env=environment, check=True, cwd=ROOT)
    with psycopg.connect(address["DATABASE_URL"]) as link:
        row = link.execute("SELECT state FROM audit_job WHERE id = %s", [job.pk]).fetchone()
    return str(row[0]) if row else ""
