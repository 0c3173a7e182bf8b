"""The Celery application: JSON only, acknowledged late, one queue for pages as PDF and one for the rest.

A message is only a hint: the job row in PostgreSQL is the truth (audit.jobs), so that losing every message
costs one round of the sweeper.
"""

import os
import signal
from typing import Any

from celery import Celery, Task
from celery.signals import worker_process_init

from audit.sight import seeing
from defier.children import die_with_parent

NICENESS = 10  # about a tenth of a busy processor, all of an idle one

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "defier.settings")


class StudyTask(Task):
    """A task of the system itself, to which the database shows the whole study."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from audit import periodic, restored  # Django is ready by now

        if restored.unreleased():
            return None
        with seeing(None):
            done = super().__call__(*args, **kwargs)
            periodic.note(self.name)
        return done


app = Celery("defier", task_cls=StudyTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")


@worker_process_init.connect
def end_with_the_worker(**_: Any) -> None:
    """Let a pool process end when its worker is killed; it would wait for ever for a worker that is gone."""
    die_with_parent(signal.SIGKILL)


@worker_process_init.connect
def let_people_go_first(**_: Any) -> None:
    """Leave the processor to the web process where both want it; jobs of saves in a row then become one."""
    os.nice(NICENESS)
