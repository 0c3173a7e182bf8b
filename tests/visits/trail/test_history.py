"""Histories of an item, a page and a subject in words of both languages; drafts as unsubmitted (AUD-13)."""

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from audit.context import Reason, acting
from audit.models import Entry
from sites.models import User
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from visits import dossier as dossiers
from visits.capture import autosaves
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.models import Page
from visits.review.queries import move_query, raise_query
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.content import content_of
from visits.trail import history
from visits.trail.history import Wanted
from visits.trail.told import Line

pytestmark = pytest.mark.django_db
CODE = re.compile(r"\b(crf_\w+|visits_\w+|height_cm|ethnic_cn|REF|UNK|TYPO|LI_NA|COORDINATOR)\b")


@pytest.fixture
def subject(people: People) -> Subject:
    return screened(people)


def save(subject: Subject, people: People, reason: Reason | None = None, **entry: Any) -> Page:
    page = Page.objects.filter(subject=subject, form="DM").first()
    given: dict[str, Any] = {"page_id": page.pk, "revision": page.revision} if page else {}
    save_pages(
        [PageEntry(subject_id=subject.pk, form="DM", visit="SCR", **given, **entry)],
        by=people.li_na,
        reason=reason,
    )
    return Page.objects.get(subject=subject, form="DM")


def pairs(found: list[Line]) -> list[tuple[str | None, str]]:
    return [(told.old.en if told.old else None, told.new.en) for line in found for told in line.told]


@pytest.mark.urs("AUD-13", "AUD-09", "AUD-10")
def test_an_item_tells_each_value_with_who_when_and_why(people: People, subject: Subject) -> None:
    save(subject, people, values={"ethnic_cn": "HAN", "age": 70})
    save(subject, people, Reason("TYPO"), values={"ethnic_cn": "OTH"})
    gone = {"values": {"ethnic_cn": None}, "missing": {"ethnic_cn": "UNK"}}
    save(subject, people, Reason("OTHER", "not in the source"), **gone)
    back = {"values": {"ethnic_cn": "OTH"}, "missing": {"ethnic_cn": None}}
    page = save(subject, people, Reason("SOURCE_CORRECTED"), **back)
    found = history.item_history(page, "ethnic_cn", by=people.zhang_wei)
    assert pairs(found) == [
        ("Missing: Unknown", "Other ethnic group"),
        ("Other ethnic group", "Missing: Unknown"),
        ("Han", "Other ethnic group"),
        (None, "Han"),
    ]
    newest, cleared, _changed, first = found
    assert (first.who, first.role.zh, first.reason) == ("Li Na", "研究协调员", None)
    assert (cleared.reason_text, cleared.told[0].new.zh) == ("not in the source", "缺失:不详")
    assert newest.reason is not None and newest.reason.en == "The source was corrected"
    assert newest.local.endswith("+0800") and newest.utc.endswith("UTC")
    assert newest.told[0].label == FORMS["DM"].items()["ethnic_cn"].label


@pytest.mark.urs("AUD-13")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_of_the_trail_shows_a_raw_code(people: People, subject: Subject, language: str) -> None:
    page = save(subject, people, values={"sex": "M", "height_cm": 170}, missing={"ethnic_cn": "REF"})
    save(subject, people, Reason("TYPO"), values={"height_cm": 171})
    query = raise_query(page=page, items=["height_cm"], text="Is this so?", by=people.wang_lei)
    move_query(query=query, move="answer", by=people.li_na, text="Yes")
    move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    with acting(by=people.zhao_min):
        User.objects.filter(pk=people.users["guo_tao"].pk).update(language=language)
    client = people.client("guo_tao")
    for name, args in (
        ("item-trail", [subject.pk, page.pk, "height_cm"]),
        ("page-trail", [subject.pk, page.pk]),
        ("subject-trail", [subject.pk]),
    ):
        shown = client.get(reverse(name, args=args)).content.decode()
        body = re.sub(r"<[^>]+>", " ", shown[shown.index("<main") :] if "<main" in shown else shown)
        assert CODE.findall(body) == [], name
        assert "170" in body and "171" in body


@pytest.mark.urs("AUD-13")
def test_a_page_tells_its_queries_and_a_subject_narrows_by_who_and_form(
    people: People, subject: Subject
) -> None:
    page = save(subject, people, values={"age": 70})
    query = raise_query(page=page, items=["age"], text="Is this so?", by=people.wang_lei)
    move_query(query=query, move="answer", by=people.li_na, text="Yes, it is")
    said = [told.new.en for line in history.page_history(page, by=people.zhang_wei) for told in line.told]
    assert {"Is this so?", "Yes, it is", "Answered", "70 years"} <= set(said)
    mine, _more = history.subject_history(subject.pk, by=people.zhang_wei, wanted=Wanted(user="wang"))
    assert {line.who for line in mine} == {"Wang Lei"}
    of_form, _more = history.subject_history(subject.pk, by=people.zhang_wei, wanted=Wanted(form="DM"))
    assert {line.form for line in of_form} == {"DM"}


@pytest.mark.urs("AUD-13", "AUD-18")
def test_drafts_stand_in_the_history_as_unsubmitted_to_their_author_alone(
    people: People, subject: Subject
) -> None:
    page = save(subject, people, values={"age": 70})
    key = uuid.uuid4()
    for text in ("7", "71"):
        typed = {"p-revision": ["1"], "p-age": [text], "p-sex": ["F"]}
        autosaves.keep(subject, visit="SCR", form="DM", key=key, typed=typed, by=people.li_na)
    mine = history.item_history(page, "age", by=people.li_na)
    assert [(line.draft, pair) for line, pair in zip(mine, pairs(mine), strict=True)] == [
        (True, ("7", "71")),
        (True, (None, "7")),
        (False, (None, "70 years")),
    ]
    assert pairs(history.item_history(page, "sex", by=people.li_na)) == [(None, "Female")]
    assert pairs(history.item_history(page, "age", by=people.zhang_wei)) == [(None, "70 years")]
    shown = people.client("zhang_wei").get(reverse("subject-trail", args=[subject.pk])).content.decode()
    assert ">71<" not in shown
    entry = PageEntry(
        subject_id=subject.pk, form="DM", visit="SCR", page_id=page.pk, revision=1, values={"age": 71}
    )
    save_pages([entry], by=people.li_na, reason=Reason("TYPO"), key=key)
    theirs = history.item_history(page, "age", by=people.zhang_wei)
    assert sorted(line.draft for line in theirs) == [False, False, True, True]


@pytest.mark.urs("AUD-13")
def test_the_mark_in_the_row_opens_the_history_in_place(people: People, subject: Subject) -> None:
    page = save(subject, people, values={"age": 70})
    client = people.client("li_na")
    address = reverse("item-trail", args=[subject.pk, page.pk, "age"])
    shown = client.get(reverse("page", args=[subject.pk, "SCR", "DM"])).content.decode()
    assert f'href="{address}"' in shown
    part = client.get(address, headers={"X-Requested-With": "fetch"}).content.decode()
    assert "<html" not in part and "70" in part and "UTC" in part
    assert "<html" in client.get(address).content.decode()
    assert client.get(reverse("item-trail", args=[subject.pk, page.pk, "nothing"])).status_code == 404


@pytest.mark.urs("ACL-05", "ACL-03")
def test_the_trail_is_closed_to_blinded_roles_and_other_sites(people: People, subject: Subject) -> None:
    page = save(subject, people, values={"age": 70})
    addresses = [
        reverse("item-trail", args=[subject.pk, page.pk, "age"]),
        reverse("page-trail", args=[subject.pk, page.pk]),
        reverse("subject-trail", args=[subject.pk]),
    ]
    for address in addresses:
        assert people.client("ma_lin").get(address).status_code == 404
        for blind in ("he_ming", "xu_fang", "zhou_yan", "sun_qing", "zhao_min"):
            assert people.client(blind).get(address).status_code in (403, 404), (blind, address)


@pytest.mark.urs("AUD-12")
def test_looking_at_a_history_is_recorded_and_does_not_fill_it(people: People, subject: Subject) -> None:
    page = save(subject, people, values={"age": 70})
    client = people.client("wang_lei")
    client.get(reverse("page-trail", args=[subject.pk, page.pk]))
    [seen] = Entry.objects.filter(table_name="trail_viewed")
    assert (seen.actor_name, seen.new) == ("Wang Lei", {"page": str(page.pk)})
    found, _more = history.subject_history(subject.pk, by=people.wang_lei, wanted=Wanted())
    assert found
    assert all(line.about.en != "Trail viewed" for line in found)


@pytest.mark.urs("AUD-13", "SIG-01")
def test_one_act_of_signing_is_one_line_that_opens_to_its_pages(people: People, subject: Subject) -> None:
    """The trail keeps an entry per page; the history reads them as the one act that they were."""
    by = people.zhang_wei
    mine = Proven(by.user_id or "")
    undone: dict[str, Any] = {"not_done": True, "not_done_reason": "not asked"}
    forms = ("BCS", "MH", "ABI")
    save_pages(
        [PageEntry(subject_id=subject.pk, form=form, visit="SCR", **undone) for form in forms],
        by=people.li_na,
    )
    declare(by=by, proven=mine)
    pages = [page for page in dossiers.load(subject).pages if page.form in forms]
    sign(seen={page.id: content_of(page) for page in pages}, by=by, proven=mine, level="subject")
    told, _further = history.subject_history(subject.pk, by=by, wanted=Wanted())
    [line] = [one for one in told if one.about.en == "Signature"]
    assert {part.page_id for part in line.parts} == {str(page.id) for page in pages}
    assert line.told and not any(part.told for part in line.parts)
    assert Entry.objects.filter(table_name="visits_signature").count() == 3
    shown = people.client("zhang_wei").get(reverse("subject-trail", args=[subject.pk])).content.decode()
    assert "3 pages" in shown
    for page in pages:
        assert reverse("page-trail", args=[subject.pk, page.id]) in shown


def test_an_act_of_signing_is_not_cut_by_the_end_of_a_part(
    people: People, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_one_act_of_signing_is_one_line_that_opens_to_its_pages(people, subject)
    monkeypatch.setattr(history, "PER_PAGE", 2)
    told, further = history.subject_history(subject.pk, by=people.zhang_wei, wanted=Wanted())
    assert [len(one.parts) for one in told if one.about.en == "Signature"] == [3]
    older, _none = history.subject_history(subject.pk, by=people.zhang_wei, wanted=Wanted(), before=further)
    assert not [one for one in older if one.about.en == "Signature"]
