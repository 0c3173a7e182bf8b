"""The owner of the database rewrites history, triggers off: the digest that left before tells it (AUD-07)."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connections, transaction

from audit.actors import Actor
from audit.context import acting
from audit.models import Entry, Job
from audit.tasks import digest_day
from defier.addresses import ROOT
from subjects.models import Subject
from tests.faults.stack import Stack
from tests.faults.table import fault

CLOCK = Actor.system("digest")


def made(stack: Stack) -> tuple[Job, Path]:
    """Have the running worker make a digest; return its job and the file in its folder."""
    with acting(by=CLOCK):
        Job.objects.filter(kind="digest_day").update(key=None)
    digest_day()
    job = Job.objects.filter(kind="digest_day").latest("created")
    for _ in range(300):
        job.refresh_from_db()
        if job.state in (Job.State.DONE, Job.State.DEAD):
            break
        time.sleep(0.1)
    assert job.state == Job.State.DONE, (job.state, job.error)
    return job, sorted((stack.logs / "digests").glob("*.json"))[-1]


def verify(stack: Stack, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator does, with this installation's key."""
    command = [sys.executable, "manage.py", "verify_audit", *options]
    told = stack.environment({})
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)


def rewrite(subject: Subject, by: Actor) -> None:
    """Write a subject's chain anew, head included, as if one person had done it all.

    Nobody but the owner can. Every row is told as it stands: chains and rows agree.
    """
    chain = f"subject:{subject.pk}"
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM audit_entry WHERE chain = %s", [chain]
        )
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            cursor.execute(f"DELETE FROM {table} WHERE chain = %s", [chain])
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_keep")
        for name, value in (("actor", by.user_id), ("name", by.name), ("role", by.role)):
            cursor.execute("SELECT set_config('edc.' || %s, %s, true)", [name, value])
        cursor.execute(
            "SELECT audit_append(chain, op, table_name, row_key, site_id, subject_id, page_id, visit_id,"
            " form, ordinal, old, new) FROM (SELECT * FROM kept ORDER BY n) AS told"
        )


@fault(41)
@pytest.mark.urs("AUD-07")
def test_a_history_that_its_owner_rewrote_is_told_by_the_digest_of_before(
    stack: Stack, subject: Subject
) -> None:
    _job, kept = made(stack)
    whole = verify(stack, "--against", str(kept))
    assert whole.returncode == 0 and "still hold" in whole.stdout, whole.stderr
    rewrite(subject, stack.people.zhang_wei)
    told_of = Entry.objects.filter(chain=f"subject:{subject.pk}")
    assert set(told_of.values_list("actor_name", flat=True)) == {stack.people.zhang_wei.name}
    alone = verify(stack)
    assert alone.returncode == 0 and " hold." in alone.stdout, alone.stderr
    told = verify(stack, "--against", str(kept))
    assert told.returncode == 1 and f"subject:{subject.pk}" in told.stderr
    later, _file = made(stack)
    assert later.result is not None
    assert [what.split(" ")[0] for what in later.result["broken"]] == [f"subject:{subject.pk}"]
