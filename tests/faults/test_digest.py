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
    """Write a subject's chain anew from its first entry, head included, as nobody but the owner can."""
    chain = f"subject:{subject.pk}"
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        for table in ("audit_entry", "audit_head"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            cursor.execute(f"DELETE FROM {table} WHERE chain = %s", [chain])
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_keep")
    with acting(by=by):
        Subject.objects.filter(pk=subject.pk).update(screening_no=subject.screening_no + "x")


@fault(41)
@pytest.mark.urs("AUD-07")
def test_a_history_that_its_owner_rewrote_is_told_by_the_digest_of_before(
    stack: Stack, subject: Subject
) -> None:
    _job, kept = made(stack)
    whole = verify(stack, "--against", str(kept))
    assert whole.returncode == 0 and "still hold" in whole.stdout, whole.stderr
    rewrite(subject, stack.people.li_na)
    assert Entry.objects.filter(chain=f"subject:{subject.pk}").count() == 1
    alone = verify(stack)
    assert alone.returncode == 0 and " hold." in alone.stdout, alone.stderr
    told = verify(stack, "--against", str(kept))
    assert told.returncode == 1 and f"subject:{subject.pk}" in told.stderr
    later, _file = made(stack)
    assert later.result is not None
    assert [what.split(" ")[0] for what in later.result["broken"]] == [f"subject:{subject.pk}"]
