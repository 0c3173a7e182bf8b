"""The two tasks that the broker carries: do this job, and look for lost ones."""

from uuid import UUID

from celery import shared_task

from audit import running


@shared_task(name="audit.run_job", acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Do one job; delivered twice, it is done once."""
    running.run(UUID(job_id))


@shared_task(name="audit.sweep", ignore_result=True)
def sweep() -> None:
    """Send lost jobs again; beat asks for it every 15 seconds."""
    running.sweep()
