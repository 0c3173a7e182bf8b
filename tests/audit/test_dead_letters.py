"""What becomes of jobs that failed for good, and of periodic tasks that stay away (CEL-05 to CEL-08)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import DatabaseError, connection

from audit import clock, dead_letters, jobs, periodic, running
from audit.models import Entry, Job, Periodic
from defier.celery import app
from tests.people import People, build_people

pytestmark = pytest.mark.django_db
app.loader.import_default_modules()


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(jobs, "publish", lambda *_: True)
    monkeypatch.setattr(dead_letters, "publish", lambda *_: True)
    return build_people()


@pytest.fixture
def dead(people: People) -> Job:
    """A job without a function, which has failed three times."""
    job = jobs.enqueue("no_such_work", by=people.li_na, args={}, key="once")
    for _ in range(running.ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(due=job.created)
        running.run(job.pk, beating=False)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("DEAD", 3)
    return job


@pytest.mark.urs("CEL-05")
def test_a_failed_job_is_listed_with_the_kind_of_its_error_alone(people: People, dead: Job) -> None:
    Job.objects.filter(pk=dead.pk).update(error="ValueError: 138 0013 8000 is no number")
    for who in ("chen_jing", "zhao_min", "guo_tao"):
        page = people.client(who).get("/jobs/failed/").content.decode()
        assert "ValueError" in page
        assert "138" not in page.split("<main", 1)[1]
        assert ("Try again" in page) == (who != "guo_tao")
    assert people.client("li_na").get("/jobs/failed/").status_code == 403
    answer = people.client("guo_tao").post(f"/jobs/failed/{dead.pk}/", {"move": "retry"})
    assert answer.status_code == 403


@pytest.mark.urs("CEL-05")
def test_it_can_be_tried_again_and_that_is_told(people: People, dead: Job) -> None:
    answer = people.client("zhao_min").post(f"/jobs/failed/{dead.pk}/", {"move": "retry"}, follow=True)
    assert "is tried again" in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("QUEUED", 0)
    told = Entry.objects.get(table_name="job_retried")
    assert (told.actor_name, told.new["job"]) == ("Zhao Min", str(dead.pk))
    again = people.client("chen_jing").post(f"/jobs/failed/{dead.pk}/", {"move": "retry"}, follow=True)
    assert "Somebody else has handled" in again.content.decode()


@pytest.mark.urs("CEL-05")
def test_it_is_discarded_for_a_reason_only(people: People, dead: Job) -> None:
    browser = people.client("chen_jing")
    refused = browser.post(f"/jobs/failed/{dead.pk}/", {"move": "discard", "reason": "  "})
    assert refused.status_code == 422
    assert "Say why the job is discarded." in refused.content.decode()
    browser.post(f"/jobs/failed/{dead.pk}/", {"move": "discard", "reason": "Asked for by mistake"})
    dead.refresh_from_db()
    assert (dead.state, dead.key) == ("DISCARDED", None)
    assert Entry.objects.get(table_name="job_discarded").new["reason"] == "Asked for by mistake"
    assert jobs.enqueue("no_such_work", by=people.li_na, args={}, key="once").pk != dead.pk


def test_what_is_long_done_is_cleared_away(people: People) -> None:
    def done(days: int, **more: Any) -> Job:
        job = jobs.enqueue("no_such_work", by=people.li_na, args={}, **more)
        for state in ("RUNNING", "DONE"):
            Job.objects.filter(pk=job.pk).update(state=state, finished=job.created - timedelta(days=days))
        return job

    gone = [done(31), done(31, key="check_night-2026-01-31"), done(31, key="relock-2026-01-31T07:15")]
    kept = [done(29), done(31, key="build_snapshot-7"), jobs.enqueue("x", by=people.li_na, args={})]
    assert dead_letters.prune() >= len(gone)
    left = set(Job.objects.values_list("pk", flat=True))
    assert left.isdisjoint(job.pk for job in gone)
    assert left.issuperset(job.pk for job in kept)


@pytest.mark.urs("CEL-06")
def test_a_job_that_declares_nobody_is_refused(people: People) -> None:
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute("UPDATE sites_site SET city_en = 'X'")
    assert refused.value.__cause__.sqlstate == "P0E01"  # type: ignore[union-attr]


@pytest.mark.urs("CEL-07")
def test_two_clocks_ask_for_one_run(people: People) -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        before = Job.objects.count()
        with time_machine.travel(clock.now(), tick=False):  # both within one hour, and one day
            for _ in range(2):
                app.tasks[entry["task"]]()
        assert Job.objects.count() - before <= 1, entry["task"]
        assert Periodic.objects.filter(task=entry["task"]).exists()
    assert periodic.missing() == []


@pytest.mark.urs("CEL-07")
def test_a_clock_that_stands_is_seen_after_two_intervals(people: People) -> None:
    browser = people.client("zhao_min")
    Periodic.objects.all().delete()
    assert [one.name for one in periodic.missing()] == ["sweep"]
    assert "has never run" in browser.get("/jobs/failed/").content.decode()
    app.tasks["audit.sweep"]()
    assert periodic.missing() == []
    for task, ago, late in (
        ("audit.sweep", timedelta(minutes=1), False),
        ("audit.sweep", timedelta(minutes=3), True),
        ("visits.safety_hour", timedelta(hours=1.9), False),
        ("visits.safety_hour", timedelta(hours=2.1), True),
        ("visits.check_night", timedelta(hours=47), False),
        ("visits.check_night", timedelta(hours=49), True),
    ):
        row = Periodic.objects.get(task=task)
        Periodic.objects.filter(task=task).update(ran_at=row.ran_at - ago)
        assert (task in [one.task for one in periodic.missing()]) == late, (task, ago)
        Periodic.objects.filter(task=task).update(ran_at=row.ran_at)
    Periodic.objects.filter(task="visits.safety_hour").update(ran_at=row.ran_at - timedelta(hours=5))
    assert "has not run for 5 h" in browser.get("/jobs/failed/").content.decode()
    assert browser.get("/readyz").json()["late"] == ["visits.safety_hour"]


@pytest.mark.urs("CEL-04", "CEL-05", "CEL-08")
def test_how_workers_are_held(people: People) -> None:
    conf = app.conf
    assert conf.task_acks_late
    assert not conf.task_reject_on_worker_lost
    assert conf.task_soft_time_limit < conf.task_time_limit
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
    assert conf.worker_max_memory_per_child
    assert conf.worker_max_tasks_per_child
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    pdf = {work.kind for work in jobs.REGISTRY.values() if work.queue == "pdf"}
    assert {"page_pdf", "casebook"} <= pdf
