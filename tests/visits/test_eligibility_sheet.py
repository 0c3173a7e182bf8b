"""Eligibility as a conversation: what the investigator says beside what the data say, and why (§3.5)."""

from datetime import date
from typing import Any

import pytest

from audit.jobs import Progress
from protocol.eligibility import CRITERIA
from subjects.models import Subject
from tests.people import PASSWORD, People, give_password
from visits import dossier as dossiers
from visits.capture.confirm import NoAngiogram, confirm_eligibility
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.eligibility import ANGIOGRAPHIC, conversation
from visits.models import Document
from visits.printing.making import make_eligibility
from visits.review.signing.acts import Proven

pytestmark = pytest.mark.django_db
MET = {**{f"inc0{n}": "Y" for n in range(1, 10)}, **{f"exc{n:02d}": "N" for n in range(1, 12)}}


def enter(people: People, subject: Subject, form: str, visit: str = "SCR", **values: Any) -> None:
    save_pages([PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values)], by=people.li_na)


def states(subject: Subject) -> dict[str, str]:
    return {one.id: one.state for one in conversation(dossiers.load(subject)).exchanges}


def test_each_criterion_has_an_answer_a_derived_one_and_a_reason(people: People, subject: Subject) -> None:
    talk = conversation(dossiers.load(subject))
    assert [one.id for one in talk.exchanges] == [criterion.id for criterion in CRITERIA]
    assert all(one.because.en and one.because.zh for one in talk.exchanges)
    assert {one.state for one in talk.exchanges} == {"open"}
    assert talk.follows is None


def test_investigator_and_data_agree_or_differ(people: People, subject: Subject) -> None:
    enter(people, subject, "BCS", rutherford_target="6")
    enter(people, subject, "IE", inc02="Y", inc03="Y", inc09="Y")
    found = states(subject)
    assert found["inc02"] == "agree"
    assert found["inc03"] == "differ"
    assert found["inc09"] == "judged"
    assert [one.number for one in conversation(dossiers.load(subject)).differing] == ["I3"]


def test_the_angiographic_part_is_provisional_until_its_reading_is_entered(
    people: People, subject: Subject
) -> None:
    enter(people, subject, "IE", **{**MET, "exc01": "NA"}, elig_outcome="ELIG", elig_date=date(2026, 3, 1))
    assert {name for name, state in states(subject).items() if state == "provisional"} == ANGIOGRAPHIC
    page = dossiers.load(subject).one("IE")
    assert page is not None
    proven = Proven(people.zhang_wei.user_id or "")
    give_password(people.users["zhang_wei"])
    with pytest.raises(NoAngiogram):
        confirm_eligibility(subject=subject, revision=page.revision, by=people.zhang_wei, proven=proven)
    client = people.client("zhang_wei")
    sent = {"revision": page.revision, "password": PASSWORD}
    answer = client.post(f"/subjects/{subject.pk}/eligibility/", sent, follow=True)
    assert "index angiogram first" in answer.content.decode()

    lesion = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y", "les_date": date(2026, 3, 2)}
    enter(people, subject, "LES", "PROC", **lesion)
    assert "provisional" not in states(subject).values()


def test_a_conclusion_against_the_answers_is_named(people: People, subject: Subject) -> None:
    answers = {**MET, "exc01": "NA", "inc09": "N"}
    enter(people, subject, "IE", **answers, elig_outcome="SF", sf_reason_cd="IE")
    talk = conversation(dossiers.load(subject))
    assert (talk.concluded, talk.follows, talk.contradicts_itself) == ("SF", "SF", False)
    assert [one.number for one in talk.exchanges if one.forbids] == ["I9"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_sheet_is_shown_in_words(people: People, subject: Subject, language: str) -> None:
    enter(people, subject, "BCS", rutherford_target="6")
    enter(people, subject, "IE", inc02="Y", inc03="Y", inc04="Y", inc09="Y")
    client = people.client("li_na")
    client.post("/language/", {"language": language})
    shown = client.get(f"/subjects/{subject.pk}/criteria/").content.decode()
    assert 'href="#inc03"' in shown
    assert ("入选" in shown) or ("Rutherford category" in shown)


def test_the_sheet_is_printed(people: People, subject: Subject) -> None:
    enter(people, subject, "IE", inc03="Y")
    answer = people.client("li_na").post(f"/subjects/{subject.pk}/criteria/")
    assert answer.headers["Location"].startswith("/jobs/")
    made = make_eligibility(Progress(by=people.li_na), subject.pk)
    document = Document.objects.get(pk=made["document"])
    assert document.name == f"{subject.usubjid}_eligibility.pdf"
    assert bytes(document.content).startswith(b"%PDF-")
    assert document.pages <= 2
