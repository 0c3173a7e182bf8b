"""The page of a job: for the one who asked and for those who watch over jobs; 404 for others (ACL-02)."""

import json
import uuid
from typing import Any

import pytest

from audit import jobs
from audit.models import Job
from tests.people import People, build_people


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.fixture
def asked(people: People) -> Job:
    """Li Na has asked for something."""
    return jobs.enqueue("recompute_study", by=people.li_na, args={})


def ended(job: Job, state: str, **more: object) -> None:
    """End a job as its worker does: it has run before."""
    for step in ("RUNNING", state):
        Job.objects.filter(pk=job.pk).update(state=step, **more)


def get(people: People, who: str, job_id: uuid.UUID, **headers: str) -> Any:
    return people.client(who).get(f"/jobs/{job_id}/", headers=headers)


def state(people: People, job: Job, who: str = "li_na") -> dict[str, Any]:
    answer = get(people, who, job.pk, accept="application/json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_the_one_who_asked_sees_how_far_it_is(people: People, asked: Job) -> None:
    assert state(people, asked)["percent"] is None
    Job.objects.filter(pk=asked.pk).update(state="RUNNING", done=3, total=12, message="Site 07")
    shown = state(people, asked)
    assert (shown["percent"], shown["done"], shown["total"], shown["message"]) == (25, 3, 12, "Site 07")
    assert shown["ended"] is False


def test_page_and_fragment_say_it_in_words(people: People, asked: Job) -> None:
    ended(asked, "DONE", result={"url": "/snapshots/"})
    page = get(people, "li_na", asked.pk).content.decode()
    fragment = get(people, "li_na", asked.pk, hx_request="true").content.decode()
    for words in (page, fragment):
        assert "Endpoints of all subjects" in words
        assert 'href="/snapshots/"' in words
    assert "<html" in page
    assert "js/job.js" in page
    assert "<html" not in fragment


@pytest.mark.urs("ACL-02")
def test_others_find_nothing_and_watchers_everything(people: People, asked: Job) -> None:
    assert get(people, "zhang_wei", asked.pk).status_code == 404
    assert get(people, "chen_jing", uuid.uuid4()).status_code == 404
    assert state(people, asked, "chen_jing")["kind"] == "Endpoints of all subjects"


def test_a_stranger_is_asked_to_sign_in(people: People, asked: Job, client: Any) -> None:
    answer = client.get(f"/jobs/{asked.pk}/")
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")
    assert people.client("li_na").post(f"/jobs/{asked.pk}/").status_code == 405


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", 3, None])
def test_a_result_leads_nowhere_else(people: People, asked: Job, url: object) -> None:
    ended(asked, "DONE", result={"url": url})
    assert state(people, asked)["url"] == ""


def test_a_dead_job_shows_no_innards(people: People, asked: Job) -> None:
    ended(asked, "DEAD", error="KeyError: 'secret'")
    shown = state(people, asked)
    assert shown["ended"] is True
    assert "secret" not in json.dumps(shown)
