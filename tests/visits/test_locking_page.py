"""Locking in the browser: who may, what is counted, what is refused and keeps what was typed."""

import pytest

from tests.enrolled import screened
from tests.people import People
from tests.visits.test_locking import TYPO, demographics, subject  # noqa: F401
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Lock, Page
from visits.review import locking
from visits.review.blockers import blockers, rehearse
from visits.review.queries import move_query, raise_query


def test_blockers_are_counted_by_owner_and_site(people: People, subject) -> None:  # noqa: F811
    other = screened(people, "02")
    page = Page.objects.get(form="DM")
    raise_query(page=page, items=["age"], text="Is this right?", by=people.wang_lei)
    answered = raise_query(page=page, items=["sex"], text="And this?", by=people.wang_lei)
    move_query(query=answered, move="answer", by=people.li_na, text="Yes")
    found = rehearse(by=people.chen_jing)
    counts = {count.kind.code: (count.number, count.sites) for count in found.counts}
    assert {code: count for code, count in counts.items() if count != (0, 0)} == {
        "OPEN": (1, 1),
        "INCOMPLETE": (3, 2),
        "UNSIGNED": (3, 2),
        "ANSWERED": (1, 1),
    }
    assert {site.site.code: (site.subjects, site.clean, site.blockers) for site in found.sites} == {
        "02": (1, 0, 2),
        "07": (1, 0, 6),
    }
    assert (found.total, found.pages, found.pages_clean) == (8, 3, 0)
    listed = list(blockers(by=people.chen_jing, kinds=["OPEN"]))
    assert [(one.usubjid, one.form, one.visit, one.words.en) for one in listed] == [
        (subject.usubjid, "DM", "SCR", "Is this right?")
    ]
    assert {one.usubjid for one in blockers(by=people.sun_qing, kinds=[], site="02")} == {other.usubjid}
    pages = people.client("chen_jing")
    shown = pages.get("/locks/blockers/?what=OPEN").content.decode()
    assert f"/subjects/{subject.pk}/SCR/DM/" in shown
    assert f"/subjects/{subject.pk}/SCR/DM/" not in (
        people.client("sun_qing").get("/locks/blockers/?what=OPEN").content.decode()
    )
    assert pages.get("/locks/blockers/?what=NONE").status_code == 404


@pytest.mark.urs("ACL-07")
@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(("chen_jing", 200), ("sun_qing", 200), ("guo_tao", 200), ("li_na", 403), ("zhang_wei", 403)),
        *(("wang_lei", 403), ("he_ming", 403), ("zhou_yan", 403), ("zhao_min", 403)),
    ],
)
def test_who_sees_locks_and_who_locks(people: People, subject, name: str, status: int) -> None:  # noqa: F811
    client = people.client(name)
    assert client.get("/locks/").status_code == status
    assert client.get("/locks/blockers/").status_code == status
    answer = client.post(
        "/locks/", {"level": "subject", "subject": subject.pk, "reason": "Interim", "interim": "1"}
    )
    assert answer.status_code == (302 if name == "chen_jing" else 403)
    assert Lock.objects.count() == (1 if name == "chen_jing" else 0)


def test_a_page_is_locked_from_the_page_and_says_so(people: People, subject) -> None:  # noqa: F811
    client = people.client("chen_jing")
    page = Page.objects.get(form="DM")
    offered = client.get(f"/locks/?subject={subject.usubjid.lower()}&page={page.pk}").content.decode()
    assert f'value="{page.pk}" selected' in offered
    chosen = {"level": "subject", "subject": subject.pk, "page": page.pk, "interim": "1"}
    answer = client.post("/locks/", {**chosen, "reason": "Agreed at site 07"})
    assert answer.status_code == 302
    shown = client.get("/locks/").content.decode()
    assert "Agreed at site 07" in shown
    assert "Its snapshot is being made" in shown
    assert Lock.objects.get().level == "page"
    again = client.post("/locks/", {**chosen, "reason": "x"})
    assert (again.status_code, Lock.objects.count()) == (409, 1)
    coordinator = people.client("li_na")
    refused = coordinator.post(
        f"/subjects/{subject.pk}/SCR/DM/", {"p-age": "71", "revision": "1", "reason": "TYPO"}
    )
    assert refused.status_code in (403, 409)
    assert Page.objects.get(pk=page.pk).revision == 1


def test_the_study_is_locked_with_a_reason_and_open_eyes(people: People, subject) -> None:  # noqa: F811
    client = people.client("chen_jing")
    assert client.post("/locks/", {"level": "study", "reason": "Interim analysis"}).status_code == 422
    kept = client.post("/locks/", {"level": "study", "reason": "Interim analysis"}).content.decode()
    assert "Interim analysis" in kept
    assert client.post("/locks/", {"level": "study", "reason": " ", "seen": "1"}).status_code == 422
    assert client.post("/locks/", {"level": "country", "reason": "x"}).status_code == 404
    assert not Lock.objects.exists()
    assert client.post("/locks/", {"level": "study", "reason": "Interim", "seen": "1"}).status_code == 302
    shown = client.get("/locks/").content.decode()
    assert "The study is locked" in shown
    assert client.get("/locks/?subject=nobody").status_code == 200
    assert client.post("/locks/", {"level": "subject", "subject": "no", "reason": "x"}).status_code == 404


@pytest.mark.urs("SRC-04")
def test_after_a_lock_the_site_still_reads_and_prints(people: People, subject) -> None:  # noqa: F811
    page = PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": 71})
    save_pages([page], by=people.li_na, reason=TYPO)
    people.client("chen_jing").post("/locks/", {"level": "study", "reason": "Interim", "seen": "1"})
    client = people.client("zhang_wei")
    assert client.get(f"/subjects/{subject.pk}/SCR/DM/").status_code == 200
    assert client.post(f"/subjects/{subject.pk}/pdf/").status_code == 302


@pytest.mark.urs("LCK-01")
def test_a_query_under_a_lock_answers_that_it_is_locked(people: People, subject) -> None:  # noqa: F811
    page = Page.objects.filter(subject=subject).first()
    assert page is not None
    query = raise_query(page=page, items=[], text="Is this so?", by=people.wang_lei)
    locking.lock(level="subject", subject=subject, by=people.chen_jing, reason="Interim review", interim=True)
    answer = people.client("li_na").post(f"/queries/{query.pk}/", {"move": "answer", "text": "Yes."})
    assert answer.status_code == 409
    query.refresh_from_db()
    assert query.state == "OPEN"
