"""A database without room to write: read-only in words, seen by all, over by itself (fault 7)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connections

from audit import room
from defier import health
from tests.people import People, build_people

FULL = "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END$$"
READ_ONLY = "The study can only be read for now"
READ_ONLY_ZH = "目前只能查看，不能保存"


@pytest.fixture(autouse=True)
def with_room() -> Iterator[None]:
    room.forget()
    yield
    room.forget()


@pytest.fixture
def people(own_database: str) -> People:
    return build_people()


@contextmanager
def full(*tables: str) -> Iterator[None]:
    """Let PostgreSQL refuse every write to these tables as it does when a file cannot grow."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS {FULL}")
        for table in tables:
            cursor.execute(
                f"CREATE TRIGGER aa_full BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                " EXECUTE FUNCTION no_room()"
            )
        yield
        cursor.execute("DROP FUNCTION no_room() CASCADE")


@pytest.mark.fault(7)
def test_a_refused_write_says_that_the_study_is_read_only_and_every_page_does(people: People) -> None:
    client, other = people.client("li_na"), people.client("guo_tao")
    with full("sites_user"):
        answer = client.post("/language/", {"language": "zh-hans", "next": "/"})
        assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
        assert READ_ONLY_ZH in answer.content.decode()  # said in the language that was asked for
        assert READ_ONLY in other.get("/").content.decode()
        assert "The database has no room to write" in health.problems()
        assert other.get("/readyz").status_code == 503
    assert client.post("/language/", {"language": "en", "next": "/"}).status_code == 302
    assert READ_ONLY not in other.get("/").content.decode(), "the first thing that is saved ends it"
    assert health.problems() == []


@pytest.mark.fault(7)
@pytest.mark.parametrize("table", ["django_session", "usersessions_usersession"])
def test_who_reads_goes_on_reading_though_their_activity_cannot_be_kept(people: People, table: str) -> None:
    with time_machine.travel(time.time(), tick=True) as travelled:
        client = people.client("li_na")
        assert client.get("/profile/").status_code == 200
        with full(table):
            for _ in range(3):
                travelled.shift(timedelta(seconds=61))
                answer = client.get("/profile/")
                assert answer.status_code == 200
                assert READ_ONLY in answer.content.decode()
        travelled.shift(timedelta(seconds=room.KEPT_SECONDS))
        again = client.get("/profile/")
        assert again.status_code == 200, "nobody was signed out"
        assert READ_ONLY not in again.content.decode(), "it is over when nothing is refused any more"


@pytest.mark.fault(5)
def test_a_database_that_is_away_is_a_503_wherever_it_is_missed(people: People) -> None:
    """Sessions are read before any view is asked: there too it is no fault of ours."""
    client = people.client("li_na")
    client.raise_request_exception = False
    settings = connections["default"].settings_dict
    there = settings["PORT"]
    connections["default"].close()
    settings["PORT"] = "1"
    try:
        answer = client.get("/subjects/")
    finally:
        settings["PORT"] = there
    assert answer.status_code == 503
    assert b"what you typed is still there" in answer.content
    assert client.get("/subjects/").status_code == 200


def test_only_a_full_disk_is_one() -> None:
    busy = OperationalError("canceling statement due to lock timeout")
    assert not room.note(busy)
    assert not room.is_out()
