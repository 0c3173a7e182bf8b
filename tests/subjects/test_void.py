"""A subject created in error: it counts nowhere, keeps its number and its history, and can come back."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from audit.context import Reason, acting
from audit.models import Entry
from audit.verify import verify
from outcomes.datasets.forms import Scope, counts
from outcomes.datasets.provenance import subjects_in
from outcomes.frames import read_frames
from outcomes.models import Result
from outcomes.recomputation import recompute
from subjects.fetch import subjects_visible
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People, build_people
from visits import dossier as dossiers
from visits.arranging.voiding import AlreadyDone, restore_subject, void_subject, voided_visible
from visits.capture.entry import Locked, PageEntry
from visits.capture.save import save_pages
from visits.facts import subject_facts
from visits.models import Page, Query
from visits.overview.matrix import matrix
from visits.review.blockers import rehearse
from visits.review.locking import lock
from visits.review.queries import raise_query

WHY = "The same person was screened twice on one morning."


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.fixture
def subject(people: People) -> Subject:
    return treated(people, 40)


def void(people: People, subject: Subject) -> None:
    void_subject(subject=subject, by=people.chen_jing, reason=WHY)


@pytest.mark.urs("AUD-10")
def test_a_voided_subject_counts_nowhere(people: People, subject: Subject) -> None:
    other = screened(people)
    recompute([subject.pk])
    assert Result.objects.filter(subject=subject).exists()
    before = rehearse(by=people.chen_jing).pages
    pages = Page.objects.filter(subject=subject).count()
    void(people, subject)
    recompute([subject.pk])
    assert not Result.objects.filter(subject=subject).exists()
    assert [row.subject for row in matrix(people.chen_jing)] == [other]
    assert list(subjects_visible(people.li_na)) == [other]
    assert [number for _id, number in subjects_in(Scope(), using="default")] == [other.usubjid]
    assert set(read_frames(forms=["IC", "PR"])["IC"]["subject"]) == {other.usubjid}
    assert counts(Scope(subject=subject.pk), using="default")[0] == 0
    assert rehearse(by=people.chen_jing).pages == before - pages
    assert not Query.objects.filter(subject=subject).exclude(state="CLOSED").exists()
    assert subject_facts([subject.pk])[subject.pk].proc_date is None
    assert verify() == []


def test_its_number_is_never_used_again(people: People) -> None:
    first = screened(people)
    void(people, first)
    assert screened(people).seq == first.seq + 1


@pytest.mark.urs("AUD-04", "LCK-01")
def test_nothing_is_written_for_it_by_any_way(people: People, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="PR")
    void(people, subject)
    entry = PageEntry(
        subject_id=subject.pk, form="PR", visit="PROC", page_id=page.pk, values={"plan_reason": "y"}
    )
    with pytest.raises(Locked):
        save_pages([entry], by=people.li_na, reason=Reason("TYPO"))
    with (
        pytest.raises(DatabaseError),
        acting(by=people.li_na, reason=Reason("TYPO")),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE crf_pr SET plan_reason = 'y' WHERE page_id = %s", [page.pk])


@pytest.mark.urs("ACL-03")
@pytest.mark.parametrize("name", ["li_na", "zhang_wei", "wang_lei", "chen_jing", "guo_tao"])
def test_its_ordinary_pages_answer_404_to_everybody(people: People, subject: Subject, name: str) -> None:
    query = raise_query(
        page=Page.objects.get(subject=subject, form="PR"), items=[], text="So?", by=people.wang_lei
    )
    void(people, subject)
    client = people.client(name)
    for address in ("", "SCR/IC/", "M1/FU/", "pdf/"):
        assert client.get(f"/subjects/{subject.pk}/{address}").status_code == 404, address
    assert client.get("/find/", {"q": subject.usubjid}).status_code == 404
    assert subject.usubjid not in client.get("/subjects/").content.decode()
    assert subject.usubjid not in client.get("/queries/").content.decode()
    assert client.get(f"/queries/{query.pk}/").status_code in (200, 404)


@pytest.mark.urs("AUD-10")
def test_what_was_the_error_comes_back_as_it_was(people: People, subject: Subject) -> None:
    page = Page.objects.get(subject=subject, form="PR")
    removed = Page.objects.filter(subject=subject, form="IC")
    asked = raise_query(page=page, items=["proc_date"], text="So?", by=people.wang_lei)
    standing = set(
        Query.objects.filter(subject=subject).exclude(state="CLOSED").values_list("check_id", "page_id")
    )
    values = {one.id: dict(one.values) for one in dossiers.load(subject).standing()}
    void(people, subject)
    restore_subject(subject=subject, by=people.chen_jing, reason="They were two people after all.")
    subject.refresh_from_db()
    assert subject.voided_at is None
    assert {one.id: dict(one.values) for one in dossiers.load(subject).standing()} == values
    asked.refresh_from_db()
    assert asked.state == "OPEN"
    assert [step.to_state for step in asked.steps.all()] == ["OPEN", "CLOSED", "OPEN"]
    again = Query.objects.filter(subject=subject).exclude(state="CLOSED")
    assert set(again.values_list("check_id", "page_id")) == standing
    assert removed.get().removed is False
    assert not voided_visible(by=people.chen_jing).exists()
    assert verify() == []


def test_only_once_and_never_without_a_reason(people: People, subject: Subject) -> None:
    with pytest.raises(ValueError):
        void_subject(subject=subject, by=people.chen_jing, reason=" ")
    with pytest.raises(AlreadyDone):
        restore_subject(subject=subject, by=people.chen_jing, reason=WHY)
    void(people, subject)
    with pytest.raises(AlreadyDone):
        void(people, subject)


@pytest.mark.urs("LCK-01")
@pytest.mark.parametrize("level", ["page", "subject", "study"])
def test_what_is_locked_is_not_voided(people: People, subject: Subject, level: str) -> None:
    page = Page.objects.get(subject=subject, form="IC")
    targets: dict[str, dict[str, Any]] = {
        "page": {"page": page},
        "subject": {"subject": subject},
        "study": {},
    }
    lock(level=level, by=people.chen_jing, reason="Interim analysis", interim=True, **targets[level])
    with pytest.raises(Locked):
        void(people, subject)
    subject.refresh_from_db()
    assert subject.voided_at is None
    assert not Page.objects.filter(subject=subject, removed=True).exists()


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize("name", ["li_na", "zhang_wei", "wang_lei", "sun_qing", "guo_tao", "zhao_min"])
def test_only_the_data_manager_voids(people: People, subject: Subject, name: str) -> None:
    with pytest.raises(PermissionDenied):
        void_subject(subject=subject, by=people.actors[name], reason=WHY)


@pytest.mark.urs("AUD-01")
def test_the_trail_tells_who_and_why(people: People, subject: Subject) -> None:
    void(people, subject)
    told = Entry.objects.filter(chain=f"subject:{subject.pk}", table_name="subjects_subject", op="U").get()
    assert (told.actor_name, told.reason_text) == ("Chen Jing", WHY)
    assert told.new is not None and told.new["voided_at"]
