"""What beat asks for by the clock; the work is a job, asked for once however many ask (CEL-01)."""

from celery import shared_task

from audit import clock, jobs
from audit.actors import Actor
from audit.sight import seeing
from visits.review import unlocking

CLOCK = Actor.system("safety clocks")


@shared_task(name="visits.safety_hour", ignore_result=True)
def safety_hour() -> None:
    """Have the clocks of serious events looked at, once an hour."""
    jobs.enqueue("safety_hour", by=CLOCK, args={}, key=f"safety_hour-{clock.now():%Y-%m-%dT%H}")


@shared_task(name="visits.deviations_night", ignore_result=True)
def deviations_night() -> None:
    """Have the deviations that time makes settled, once a day."""
    jobs.enqueue("deviations_night", by=CLOCK, args={}, key=f"deviations_night-{clock.today()}")


@shared_task(name="visits.check_night", ignore_result=True)
def check_night() -> None:
    """Have the checks run that a new day, or a fact of the study, makes true or false, once a day."""
    jobs.enqueue("check_night", by=Actor.system("edit checks"), args={}, key=f"check_night-{clock.today()}")


@shared_task(name="visits.reminders_day", ignore_result=True)
def reminders_day() -> None:
    """Have people reminded of what waits for them, once a day."""
    by = Actor.system("reminders")
    jobs.enqueue("reminders_day", by=by, args={}, key=f"reminders_day-{clock.today()}")


@shared_task(name="visits.relock", ignore_result=True)
def relock() -> None:
    """Have the unlocks whose time is over written down; the database heeds them no longer anyway."""
    with seeing(None):
        if unlocking.any_expired():
            by = Actor.system("relocking")
            jobs.enqueue("relock", by=by, args={}, key=f"relock-{clock.now():%Y-%m-%dT%H:%M}")
