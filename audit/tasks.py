"""What the broker carries: do this job, look for lost ones, have the digest of the day made."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.core.management import call_command

from audit import clock, dead_letters, jobs, periodic, running
from audit.actors import Actor


@shared_task(name="audit.run_job", acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Do one job; delivered twice, it is done once."""
    running.run(UUID(job_id))


@shared_task(name="audit.sweep", ignore_result=True)
def sweep() -> None:
    """Send lost jobs again; beat asks for it every 15 seconds."""
    periodic.expect()
    running.sweep()


@shared_task(name="audit.prune_day", ignore_result=True)
def prune_day() -> None:
    """Have what is long done cleared away; asked for once however many ask."""
    jobs.enqueue("prune_day", by=Actor.system("pruning"), args={}, key=f"prune_day-{clock.today()}")


@jobs.job("prune_day")
def prune(progress: jobs.Progress) -> dict[str, Any]:
    """Delete jobs that were done long ago, and sessions that have ended."""
    call_command("clearsessions")
    return {"jobs": dead_letters.prune()}


@shared_task(name="audit.digest_day", ignore_result=True)
def digest_day() -> None:
    """Have the digest of the day made; asked for once however many ask."""
    jobs.enqueue("digest_day", by=Actor.system("digest"), args={}, key=f"digest_day-{clock.today()}")


@jobs.job("digest_day")
def make_digest(progress: jobs.Progress) -> dict[str, Any]:
    """Sign the heads of all chains and let them leave the machine."""
    from audit import digests

    made = digests.make_digest(by=progress.by)
    return {
        "name": made.name,
        "sha256": made.sha256,
        "chains": made.chains,
        "broken": [str(one) for one in made.broken],
    }
