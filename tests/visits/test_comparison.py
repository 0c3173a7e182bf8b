"""Two people on a page, a form sent again, a save that fails half-way: nothing lost, nothing twice."""

import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People, build_people
from tests.visits.test_page_view import OPEN_BUDGET, SAVE_BUDGET
from tests.visits.test_save_pages import TYPO, demographics, stored
from visits.capture import again, autosaves
from visits.capture.earlier import since
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave, Presence
from visits.models import Page

SENT_ONCE = {"p-revision": "0", "p-age": "70", "p-sex": "M"}


@pytest.fixture
def twice_saved(people: People, subject: Subject) -> str:
    """The address of a page that was saved twice: 70 and male first, 66 and Han since."""
    save_pages([demographics(subject, values={"birth_ym": None})], by=people.zhang_wei)
    later = {"birth_ym": None, "age": 66, "ethnic_cn": "HAN"}
    save_pages([demographics(subject, values=later)], by=people.zhang_wei, reason=TYPO)
    return address(subject)


def address(subject: Subject) -> str:
    return f"/subjects/{subject.pk}/SCR/DM/"


MINE = {"p-revision": "1", "p-age": "68", "p-sex": "F", "reason": "TYPO"}


@pytest.mark.urs("CON-01")
def test_a_page_is_read_as_it_was_opened_from_the_trail(people: People, subject: Subject) -> None:
    save_pages([demographics(subject)], by=people.li_na)
    save_pages([demographics(subject, values={"age": 66})], by=people.zhang_wei, reason=TYPO)
    unknown = demographics(subject, values={"age": 61}, missing={"height_cm": "UNK"})
    save_pages([unknown], by=people.li_na, reason=TYPO)
    page = stored(subject, "DM")
    first, saves = since(page, 1)
    second, _later = since(page, 2)
    third, _none = since(page, 3)
    empty, _all = since(page, 0)
    assert first and second and empty and third
    assert (third.values["age"], third.missing) == (61, {"height_cm": "UNK"})
    assert (first.values["age"], second.values["age"], empty.values) == (70, 66, {})
    assert [(one.revision, one.by) for one in saves] == [(2, "Zhang Wei"), (3, "Li Na")]
    assert all("age" in one.items for one in saves)


@pytest.mark.urs("CON-01")
def test_what_one_changed_is_chosen_and_what_both_changed_is_open(twice_saved: str, li_na: Client) -> None:
    answer = li_na.post(twice_saved, MINE)
    drawn = answer.content.decode()
    assert answer.status_code == 409
    assert "Zhang Wei saved this page" in drawn
    assert 'name="p-ethnic_cn-pick" value="theirs" aria-describedby="c-p-ethnic_cn" checked' in drawn
    assert 'name="p-sex-pick" value="mine" aria-describedby="c-p-sex" checked' in drawn
    assert 'aria-describedby="c-p-age" checked' not in drawn
    assert '<td class="muted blk" data-l="When you opened it">70 years</td>' in drawn
    assert 'name="p-compared" value="2"' in drawn


@pytest.mark.urs("CON-01")
def test_nothing_is_saved_before_everything_is_chosen(
    twice_saved: str, subject: Subject, li_na: Client
) -> None:
    half = {**MINE, "p-compared": "2", "p-sex-pick": "mine", "p-ethnic_cn-pick": "theirs"}
    assert li_na.post(twice_saved, half).status_code == 409
    assert stored(subject, "DM").revision == 2
    assert li_na.post(twice_saved, {**half, "p-age-pick": "mine"}).status_code == 302
    page = stored(subject, "DM")
    assert (page.revision, page.get("age"), page.get("sex"), page.get("ethnic_cn")) == (3, 68, "F", "HAN")


@pytest.mark.urs("CON-01")
def test_a_third_save_between_the_comparison_and_the_choice_is_compared_again(
    twice_saved: str, people: People, subject: Subject, li_na: Client
) -> None:
    third = demographics(subject, values={"birth_ym": None, "age": 61})
    save_pages([third], by=people.zhang_wei, reason=TYPO)
    chosen = {**MINE, "p-compared": "2", "p-age-pick": "theirs", "p-sex-pick": "mine"}
    drawn = li_na.post(twice_saved, chosen)
    assert drawn.status_code == 409
    assert '<span class="b">61 years</span>' in drawn.content.decode()
    assert stored(subject, "DM").get("age") == 61


@pytest.mark.urs("CON-01")
def test_a_refusal_keeps_the_revision_that_was_opened(
    twice_saved: str, subject: Subject, li_na: Client
) -> None:
    """A text to correct first must not let the corrected form pass for one opened after the other's save."""
    drawn = li_na.post(twice_saved, {**MINE, "p-height_cm": "1,5"})
    assert drawn.status_code == 422
    assert 'name="p-revision" value="1"' in drawn.content.decode()


@pytest.mark.urs("CON-02")
def test_choices_sent_twice_are_one_change(twice_saved: str, subject: Subject, li_na: Client) -> None:
    picks = {"p-age-pick": "mine", "p-sex-pick": "mine", "p-ethnic_cn-pick": "theirs"}
    chosen = {**MINE, **picks, "p-compared": "2", "key": str(uuid.uuid4())}
    assert [li_na.post(twice_saved, chosen).status_code for _ in range(2)] == [302, 302]
    assert stored(subject, "DM").revision == 3


def test_a_draft_is_offered_and_put_back_exactly(people: People, subject: Subject, li_na: Client) -> None:
    """peers 2.1(7): an explicit choice, and the text as typed even where it cannot be read."""
    url, key = address(subject), str(uuid.uuid4())
    typed = {"p-revision": "0", "p-age": "７o", "p-birth_ym-y": "19", "p-sex": "F", "p-height_cm": "1,5 "}
    kept = li_na.post(f"{url}draft/", {**typed, "act": "keep", "key": key}).json()
    assert kept["kept"] and kept["others"] == []
    with CaptureQueriesContext(connection) as opened:
        offered = li_na.get(url).content.decode()
    assert len([q for q in opened.captured_queries if "SAVEPOINT" not in q["sql"]]) <= OPEN_BUDGET
    assert f"?draft={key}" in offered and "７o" not in offered
    back = li_na.get(f"{url}?draft={key}").content.decode()
    assert 'value="７o"' in back and 'value="1,5 "' in back and 'name="p-birth_ym-y" value="19"' in back
    assert f'name="key" value="{key}"' in back
    assert f"?draft={key}" not in people.client("zhang_wei").get(url).content.decode()
    stolen = people.client("zhang_wei").get(f"{url}?draft={key}").content.decode()
    assert "７o" not in stolen


def test_a_draft_of_an_older_revision_is_compared(twice_saved: str, subject: Subject, li_na: Client) -> None:
    key = str(uuid.uuid4())
    li_na.post(f"{twice_saved}draft/", {**MINE, "p-age": "6_8", "act": "keep", "key": key})
    drawn = li_na.get(f"{twice_saved}?draft={key}").content.decode()
    assert "Compare and choose" in drawn and '<span class="b">6_8</span>' in drawn
    assert f'name="key" value="{key}"' in drawn


@pytest.mark.urs("AUD-18")
def test_a_save_closes_its_draft_within_the_budget(people: People, subject: Subject, li_na: Client) -> None:
    url, key = address(subject), str(uuid.uuid4())
    li_na.post(f"{url}draft/", {**SENT_ONCE, "act": "keep", "key": key})
    with CaptureQueriesContext(connection) as saved:
        assert li_na.post(url, {**SENT_ONCE, "key": key}).status_code == 302
    counted = [q["sql"] for q in saved.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(counted) <= SAVE_BUDGET, "\n".join(sql[:120] for sql in counted)
    assert autosaves.open_draft(subject, visit="SCR", form="DM", by=people.li_na) is None


@pytest.mark.urs("PRI-08")
def test_nobody_saves_or_sees_what_another_person_typed(
    people: People, subject: Subject, li_na: Client
) -> None:
    url = address(subject)
    data = {
        **SENT_ONCE,
        "p-height_cm": "171.25x",
        "opened_by": people.zhang_wei.user_id,
        "key": str(uuid.uuid4()),
    }
    answer = li_na.post(url, data)
    assert answer.status_code == 409
    assert "171.25x" not in answer.content.decode()
    assert not Page.objects.filter(form="DM").exists()
    assert li_na.post(f"{url}draft/", {**data, "act": "keep"}).status_code == 409
    assert not Autosave.objects.exists()


def test_a_script_is_told_that_nobody_is_signed_in(subject: Subject) -> None:
    """peers 2.1(2): a session that ends refuses, and touches nobody else's work."""
    for url in (address(subject), f"{address(subject)}draft/"):
        answer = Client().post(url, {"key": "x"}, headers={"X-Requested-With": "fetch"})
        assert (answer.status_code, answer.json()) == (401, {"person": ""})
    assert Client().get("/session/").json()["person"] == ""


def test_an_old_token_gives_the_form_back_to_be_sent_again(people: People, subject: Subject) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = people.client("li_na").cookies
    data = {**SENT_ONCE, "opened_by": people.li_na.user_id, "csrfmiddlewaretoken": "x" * 64}
    own = strict.post(address(subject), data, headers={"Origin": "http://testserver"})
    assert own.status_code == 403
    assert 'name="p-age" value="70"' in own.content.decode()
    foreign = strict.post(address(subject), data, headers={"Origin": "https://elsewhere.example"})
    assert "p-age" not in foreign.content.decode()
    script = strict.post(address(subject), data, headers={"X-Requested-With": "fetch"})
    assert script.headers["X-Form"] == "old"


@pytest.mark.urs("CON-05")
def test_who_was_signed_out_gets_back_what_was_typed(people: People, subject: Subject) -> None:
    """Without the script: the refusal holds every box, and sent again after signing in they are saved."""
    new = {
        "p-screening_date": "2026-03-01",
        "p-consent_obtained": "Y",
        "site": "07",
        "key": str(uuid.uuid4()),
    }
    for url, typed in ((address(subject), dict(SENT_ONCE)), ("/subjects/add/", new)):
        data = {**typed, "opened_by": people.li_na.user_id, "p-revision": "0"}
        refused = Client().post(url, data)
        assert refused.status_code == 401
        back = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', refused.content.decode()))
        back.pop("csrfmiddlewaretoken", None)
        assert data.items() <= back.items()
        assert people.client("li_na").post(url, back).status_code == 302
    assert Subject.objects.count() == 2
    assert Client().post("/subjects/add/", new).status_code == 302  # of no page of ours: to sign in


@pytest.mark.urs("CON-05")
def test_nobody_adds_a_subject_with_what_another_person_typed(people: People) -> None:
    data = {"p-screening_date": "2026-02-13", "p-revision": "0", "opened_by": people.zhang_wei.user_id}
    answer = people.client("li_na").post("/subjects/add/", {**data, "key": str(uuid.uuid4())})
    assert answer.status_code == 409
    assert "2026-02-13" not in answer.content.decode()
    assert not Subject.objects.exists()


@pytest.mark.urs("CON-03")
@pytest.mark.fault(9)
def test_a_save_that_fails_half_way_leaves_nothing_and_keeps_the_draft(
    people: People, subject: Subject, li_na: Client
) -> None:
    li_na.raise_request_exception = False
    before = Entry.objects.filter(table_name__in=["visits_page", "crf_dm"]).count()
    with patch("visits.capture.save.settle_checks", side_effect=RuntimeError("half-way")):
        assert li_na.post(address(subject), {**SENT_ONCE, "key": str(uuid.uuid4())}).status_code == 500
    assert not Page.objects.filter(form="DM").exists()
    assert Entry.objects.filter(table_name__in=["visits_page", "crf_dm"]).count() == before
    draft = autosaves.open_draft(subject, visit="SCR", form="DM", by=people.li_na)
    assert draft is not None and draft.typed["p-age"] == ["70"]


class Deadlock:
    """Fails as PostgreSQL does, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, *_args: Any, **_kwargs: Any) -> None:
        if self.left:
            self.left -= 1
            raise OperationalError("deadlock detected") from psycopg.errors.DeadlockDetected("deadlock")


@pytest.mark.urs("CON-05")
@pytest.mark.parametrize(("times", "status"), [(1, 302), (3, 302), (4, 503)])
def test_a_deadlock_is_tried_again_and_then_said(own_database: str, times: int, status: int) -> None:
    people = build_people()
    subject = screened(people)
    client = people.client("li_na")
    with patch("visits.capture.save.submit", side_effect=Deadlock(times)):
        answer = client.post(address(subject), {**SENT_ONCE, "key": str(uuid.uuid4())})
    assert answer.status_code == status
    draft = autosaves.open_draft(subject, visit="SCR", form="DM", by=people.li_na)
    assert Page.objects.filter(form="DM").count() == (1 if status == 302 else 0)
    assert (draft is not None) == (status == 503)


def test_other_errors_are_not_tried_again(own_database: str) -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        raise OperationalError("statement timeout") from psycopg.errors.QueryCanceled("timeout")

    with pytest.raises(OperationalError):
        again.again(work)
    assert calls == [1]


@pytest.mark.urs("CON-02")
def test_a_form_sent_ten_times_at_once_is_one_change(own_database: str) -> None:
    """peers 2.1(4)."""
    people = build_people()
    subject = screened(people)
    clients = [people.client("li_na") for _ in range(10)]
    data = {**SENT_ONCE, "key": str(uuid.uuid4())}
    together = threading.Barrier(len(clients))

    def send(client: Client) -> tuple[int, bytes]:
        try:
            together.wait()
            answer = client.post(address(subject), data, headers={"X-Requested-With": "fetch"})
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(send, clients))
    assert len(set(answers)) == 1 and answers[0][0] == 200
    assert Page.objects.get(form="DM").revision == 1
    assert Entry.objects.filter(table_name="crf_dm").count() == 1


def test_each_sees_the_other_and_a_reader_is_none(people: People, subject: Subject, li_na: Client) -> None:
    """peers 2.1(1), 2.1(3), 2.1(5): seen at once, never in the way, gone after a minute."""
    url = f"{address(subject)}draft/"
    here = {"act": "here", "key": str(uuid.uuid4()), "typing": "0"}
    assert li_na.post(url, here).json() == {"others": []}
    li_na.post(url, {**here, "typing": "1"})
    zhang = people.client("zhang_wei")
    [seen] = zhang.post(url, {**here, "key": str(uuid.uuid4())}).json()["others"]
    assert seen.startswith("Li Na is on this page, typing since ")
    [seen] = li_na.post(url, here).json()["others"]
    assert seen.startswith("Zhang Wei is on this page since ")
    reader = people.client("wang_lei")
    reader.get(address(subject))
    assert reader.post(url, {**here, "key": str(uuid.uuid4())}).status_code == 403
    assert Presence.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_presence SET seen_at = seen_at - interval '61 seconds'")
    assert li_na.post(url, here).json() == {"others": []}
    zhang.post(url, {**here, "act": "leave", "key": str(Presence.objects.exclude(pk=here["key"]).get().pk)})
    assert Presence.objects.count() == 1


@pytest.mark.urs("CON-05")
def test_an_autosave_on_its_way_and_a_discard_do_not_end_each_other(own_database: str) -> None:
    """Both take the subject first; the draft taken first ended one of them in a deadlock."""
    people = build_people()
    subject = screened(people)
    client = people.client("li_na")
    url = f"{address(subject)}draft/"
    together = threading.Barrier(2)

    def send(act: str, key: str) -> int:
        try:
            together.wait()
            sent = {"act": act, "key": key, "p-revision": "0", "p-age": "70"}
            return people.client("li_na").post(url, sent, headers={"X-Requested-With": "fetch"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for _round in range(15):
            key = str(uuid.uuid4())
            client.post(url, {"act": "keep", "key": key, "p-revision": "0", "p-age": "7"})
            assert list(pool.map(send, ("keep", "discard"), (key, key))) == [200, 200]
