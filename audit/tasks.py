"""What the broker carries: do this job, look for lost ones, have the digest of the day made."""

from typing import Any
from uuid import UUID

from celery import shared_task

from audit import clock, jobs, running
from audit.actors import Actor


@shared_task(name="audit.run_job", acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Do one job; delivered twice, it is done once."""
    running.run(UUID(job_id))


@shared_task(name="audit.sweep", ignore_result=True)
def sweep() -> None:
    """Send lost jobs again; beat asks for it every 15 seconds."""
    running.sweep()


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
