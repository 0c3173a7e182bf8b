"""Confirming eligibility is a signature: proved, bound to the page, broken by a change (protocol §3.5)."""

from datetime import date

import pytest

from audit.context import Reason
from protocol.eligibility import CRITERIA
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import PASSWORD, People, build_people, give_password
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.dossier import PageRecord
from visits.review.signing.acts import Proven, declare
from visits.review.signing.records import Signature
from visits.review.signing.standing import BROKEN, VALID, of_pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    made = build_people()
    give_password(made.users["zhang_wei"])
    declare(by=made.zhang_wei, proven=Proven(made.zhang_wei.user_id or ""))
    return made


@pytest.fixture
def subject(people: People) -> Subject:
    """A subject who fails screening at the last inclusion criterion."""
    made = screened(people)
    answers = {one.id: "Y" if one.id.startswith("inc") else "N" for one in CRITERIA}
    answers |= {"inc09": "N", "exc01": "NA", "elig_outcome": "SF", "sf_reason_cd": "IE"}
    values = {**answers, "elig_date": date(2026, 3, 1), "sf_reason": "no follow-up possible"}
    save_pages([PageEntry(subject_id=made.pk, form="IE", visit="SCR", values=values)], by=people.li_na)
    return made


def page_of(subject: Subject) -> PageRecord:
    found = dossiers.load(subject).one("IE")
    assert found is not None
    return found


@pytest.mark.urs("SIG-03")
@pytest.mark.urs("SIG-05")
def test_confirming_signs_and_a_change_breaks_and_clears(people: People, subject: Subject) -> None:
    client, where = people.client("zhang_wei"), f"/subjects/{subject.pk}/eligibility/"
    page = page_of(subject)
    assert page.unanswered == 1, (page.unanswered, page.contradicted)
    shown = client.get(f"/subjects/{subject.pk}/SCR/IE/").content.decode()
    assert "Confirm and sign" in shown
    answer = client.post(where, {"revision": page.revision}, follow=True).content.decode()
    assert "This is not your password." in answer
    assert page_of(subject).get("elig_confirmed_by") is None
    signed = client.post(where, {"revision": page.revision, "password": PASSWORD}, follow=True)
    text = signed.content.decode()
    assert "Eligibility confirmed and signed." in text
    assert "I have judged all criteria" in text
    page = page_of(subject)
    assert page.get("elig_confirmed_by") == people.zhang_wei.user_id
    assert of_pages([page])[page.id].state == VALID
    assert Signature.objects.get().meaning == "ELIGIBLE"
    entry = PageEntry(
        subject_id=subject.pk,
        form="IE",
        visit="SCR",
        page_id=page.id,
        revision=page.revision,
        values={"sf_reason": "moves abroad"},
    )
    save_pages([entry], by=people.li_na, reason=Reason("OTHER", "clearer"))
    page = page_of(subject)
    assert page.get("elig_confirmed_by") is None
    assert of_pages([page])[page.id].state == BROKEN
    shown = client.get(f"/subjects/{subject.pk}/SCR/IE/").content.decode()
    assert "broken: changed since" in shown
