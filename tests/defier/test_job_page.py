"""The page of a job: for the one who asked and for those who watch over jobs; 404 for others (ACL-02)."""

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import path

from audit import jobs
from audit.actors import Actor
from audit.models import Job
from defier import job_page

urlpatterns = [path("jobs/<uuid:job_id>/", job_page.job, name="job")]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

WANG = Actor(user_id="u-wang", name="Wang Li", role="COORDINATOR", site="07")
LI = Actor(user_id="u-li", name="Li Si", role="COORDINATOR", site="07")
ZHAO = Actor(user_id="u-zhao", name="Zhao Wu", role="DATA_MANAGER")


@pytest.fixture
def asked() -> Job:
    return jobs.enqueue("recompute_study", by=WANG, args={})


def get(job_id: uuid.UUID, by: Actor, **headers: str) -> HttpResponse:
    request: Any = RequestFactory(headers=headers).get("/")
    request.actor, request.user = by, SimpleNamespace(is_authenticated=True)
    return job_page.job(request, job_id)


def state(job: Job, by: Actor = WANG) -> dict[str, Any]:
    return json.loads(get(job.pk, by, accept="application/json").content)


def test_the_one_who_asked_sees_how_far_it_is(asked: Job) -> None:
    assert state(asked)["percent"] is None
    Job.objects.filter(pk=asked.pk).update(state="RUNNING", done=3, total=12, message="Site 07")
    shown = state(asked)
    assert (shown["percent"], shown["done"], shown["total"], shown["message"]) == (25, 3, 12, "Site 07")
    assert shown["ended"] is False


def test_the_fragment_says_it_in_words(asked: Job) -> None:
    Job.objects.filter(pk=asked.pk).update(state="DONE", result={"url": "/snapshots/"})
    words = get(asked.pk, WANG, hx_request="true").content.decode()
    assert "Endpoints of all subjects" in words
    assert 'href="/snapshots/"' in words


@pytest.mark.urs("ACL-02")
def test_others_find_nothing_and_watchers_everything(asked: Job) -> None:
    with pytest.raises(Http404):
        get(asked.pk, LI)
    with pytest.raises(Http404):
        get(uuid.uuid4(), ZHAO)
    assert state(asked, ZHAO)["kind"] == "Endpoints of all subjects"


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", 3, None])
def test_a_result_leads_nowhere_else(asked: Job, url: object) -> None:
    Job.objects.filter(pk=asked.pk).update(state="DONE", result={"url": url})
    assert state(asked)["url"] == ""


def test_a_dead_job_shows_no_innards(asked: Job) -> None:
    Job.objects.filter(pk=asked.pk).update(state="DEAD", error="KeyError: 'secret'")
    shown = state(asked)
    assert shown["ended"] is True
    assert "secret" not in json.dumps(shown)
