"""The Celery application: JSON only, acknowledged late, one queue for pages as PDF and one for the rest.

A message is only a hint: the job row in PostgreSQL is the truth (audit.jobs), so that losing every message
costs one round of the sweeper.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "defier.settings")

app = Celery("defier")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="jobs")
