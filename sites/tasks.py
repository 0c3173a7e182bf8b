"""What beat asks for by the clock; the work is a job, asked for once however many ask (CEL-01)."""

from celery import shared_task

from audit import clock, jobs
from audit.actors import Actor


@shared_task(name="sites.access_day", ignore_result=True)
def access_day() -> None:
    """Have access looked after, once a day."""
    jobs.enqueue("access_day", by=Actor.system("access"), args={}, key=f"access_day-{clock.today()}")
