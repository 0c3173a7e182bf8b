"""What is typed is kept before it is saved, by its author alone, and every act on it is a record."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict

from audit.context import acting
from audit.models import Entry
from subjects.models import Subject
from tests.people import People
from visits.capture import autosaves
from visits.capture.autosaves import AlreadySent, CannotKeep, boxes, keep
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave
from visits.crfs import FORMS

pytestmark = pytest.mark.django_db


def kept(subject: Subject, people: People, key: uuid.UUID, **typed: Any) -> Autosave:
    stands = {"p-revision": ["0"], **{f"p-{name}": [text] for name, text in typed.items()}}
    return keep(subject, visit="SCR", form="DM", key=key, typed=stands, by=people.li_na)


def draft_of(subject: Subject, people: People, who: str = "li_na") -> Autosave | None:
    return autosaves.open_draft(subject, visit="SCR", form="DM", by=people.actors[who])


def saved(subject: Subject, people: People, key: uuid.UUID, **values: Any) -> None:
    entry = PageEntry(subject_id=subject.pk, form="DM", visit="SCR", revision=0, values=values)
    save_pages([entry], by=people.li_na, key=key)


@pytest.mark.urs("AUD-18")
def test_three_autosaves_and_a_save_are_three_drafts_and_one_entry(people: People, subject: Subject) -> None:
    key = uuid.uuid4()
    for text in ("7", "70", "70."):
        kept(subject, people, key, age=text)
    saved(subject, people, key, age=70, sex="M")
    acts = autosaves.history(subject, visit="SCR", form="DM", by=people.wang_lei)
    assert [act.act for act in acts] == ["KEPT", "KEPT", "KEPT", "SUBMITTED"]
    assert [act.typed["p-age"] for act in acts[:3]] == [["7"], ["70"], ["70."]]
    trail = Entry.objects.filter(chain=f"subject:{subject.pk}").order_by("n")
    drafts = trail.filter(table_name="visits_autosave", new__act="KEPT")
    assert [entry.new["typed"]["p-age"] for entry in drafts] == [["7"], ["70"], ["70."]]
    assert {entry.actor_id for entry in drafts} == {people.li_na.user_id}
    assert trail.filter(table_name="crf_dm").count() == 1
    assert draft_of(subject, people) is None


@pytest.mark.urs("AUD-18")
def test_a_draft_is_its_authors_alone_until_it_is_submitted(people: People, subject: Subject) -> None:
    key = uuid.uuid4()
    kept(subject, people, key, age="7o")
    assert draft_of(subject, people, "zhang_wei") is None
    assert autosaves.history(subject, visit="SCR", form="DM", by=people.zhang_wei) == []
    assert autosaves.drafts_of(by=people.zhang_wei) == []
    assert autosaves.discard(subject, key=key, by=people.zhang_wei) is None
    mine = draft_of(subject, people)
    assert mine is not None and mine.typed["p-age"] == ["7o"]
    [listed] = autosaves.drafts_of(by=people.li_na)
    assert (listed.usubjid, listed.visit, listed.form) == (subject.usubjid, "SCR", "DM")


def test_another_persons_form_takes_nothing_of_mine(people: People, subject: Subject) -> None:
    key = uuid.uuid4()
    kept(subject, people, key, age="70")
    with pytest.raises(AlreadySent):
        keep(subject, visit="SCR", form="DM", key=key, typed={"p-age": ["1"]}, by=people.zhang_wei)
    mine = draft_of(subject, people)
    assert mine is not None and mine.typed["p-age"] == ["70"]


@pytest.mark.urs("AUD-18")
def test_autosaves_are_never_changed_and_never_deleted(people: People, subject: Subject) -> None:
    kept(subject, people, uuid.uuid4(), age="70")
    for statement in ("UPDATE visits_autosave SET typed = '{}'", "DELETE FROM visits_autosave"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            acting(by=people.li_na),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_discarding_is_a_record_and_can_be_undone(people: People, subject: Subject) -> None:
    key = uuid.uuid4()
    kept(subject, people, key, age="７０")
    autosaves.discard(subject, key=key, by=people.li_na)
    assert draft_of(subject, people) is None
    autosaves.take_up(subject, key=key, by=people.li_na)
    mine = draft_of(subject, people)
    assert mine is not None and mine.typed["p-age"] == ["７０"]
    acts = autosaves.history(subject, visit="SCR", form="DM", by=people.li_na)
    assert [act.act for act in acts] == ["KEPT", "DISCARDED", "KEPT"]
    assert autosaves.take_up(subject, key=key, by=people.li_na) is None


def test_what_is_typed_after_a_save_belongs_to_a_new_form(people: People, subject: Subject) -> None:
    """An autosave that arrives behind the save of the same form leaves no draft behind."""
    key = uuid.uuid4()
    kept(subject, people, key, age="70")
    saved(subject, people, key, age=70)
    with pytest.raises(AlreadySent):
        kept(subject, people, key, age="71")
    assert draft_of(subject, people) is None


def test_two_windows_keep_a_draft_each(people: People, subject: Subject) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    kept(subject, people, first, age="70")
    kept(subject, people, second, age="71")
    saved(subject, people, second, age=71)
    mine = draft_of(subject, people)
    assert mine is not None and mine.key == first


@pytest.mark.urs("ACL-01")
def test_who_may_not_enter_data_keeps_no_draft(people: People, subject: Subject) -> None:
    for who in ("wang_lei", "ma_lin", "guo_tao"):
        with pytest.raises(PermissionDenied):
            keep(subject, visit="SCR", form="DM", key=uuid.uuid4(), typed={}, by=people.actors[who])


def test_only_the_forms_own_boxes_are_kept_as_they_stand() -> None:
    data = QueryDict(
        "p-age=%EF%BC%97&p-birth_ym-y=19&p-sex-missing=UNK&p-race=x&csrfmiddlewaretoken=t&p-revision=1&reason=TYPO"
    )
    assert boxes(data, FORMS["DM"])[0] == {
        "p-age": ["７"],
        "p-birth_ym-y": ["19"],
        "p-sex-missing": ["UNK"],
        "p-revision": ["1"],
        "reason": ["TYPO"],
    }
    with pytest.raises(CannotKeep):
        boxes(QueryDict("p-age=%00"), FORMS["DM"])


@pytest.mark.urs("PRI-03")
def test_a_text_that_may_identify_somebody_is_not_kept_before_that_is_settled() -> None:
    data = QueryDict("p-target_limb_rule=13812345678&p-target_limb=L")
    assert boxes(data, FORMS["LH"]) == ({"p-target_limb": ["L"]}, ["p-target_limb_rule"])
    agreed = QueryDict("p-target_limb_rule=13812345678&p-target_limb_rule-yes=keep")
    assert boxes(agreed, FORMS["LH"])[1] == []
