"""Answers that the site may not change once the subject was treated; and references to nothing."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.actors import Actor
from audit.context import Reason
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry, ReasonNeeded, Saved, SaveRefused
from visits.capture.save import save_pages
from visits.crfs import FORMS
from visits.models import Page
from visits.pages.choices import choices_for

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-4000-8000-000000000000"
WRONG = Reason("TYPO")
LIMB = {"target_limb": "L", "bilateral_isr": "N"}


def saved(
    subject: Subject, form: str, visit: str | None, values: dict[str, Any], by: Actor, **more: Any
) -> Saved:
    entry = PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values)
    return save_pages([entry], by=by, **more)


def codes(refused: pytest.ExceptionInfo[SaveRefused]) -> list[tuple[str, str]]:
    return [(problem.item, problem.code) for problem in refused.value.problems]


@pytest.fixture
def enrolled(people: People) -> Subject:
    """A subject with a target limb, treated ten days ago."""
    subject = screened(people)
    saved(subject, "LH", "SCR", LIMB, people.li_na)
    return treated(people, 10, subject)


def test_before_treatment_the_site_corrects_both(people: People) -> None:
    subject = screened(people)
    saved(subject, "LH", "SCR", LIMB, people.li_na)
    saved(subject, "PR", "PROC", {"planned_cohort": "DCB", "plan_reason": "x"}, people.li_na)
    saved(subject, "LH", "SCR", {"target_limb": "R"}, people.li_na, reason=WRONG)
    saved(subject, "PR", "PROC", {"planned_cohort": "DES"}, people.li_na, reason=WRONG)
    assert Page.objects.get(subject=subject, form="PR").revision == 2


@pytest.mark.parametrize(
    ("form", "visit", "values"),
    [("LH", "SCR", {"target_limb": "R"}), ("PR", "PROC", {"planned_cohort": "DES"})],
)
def test_after_treatment_only_a_data_manager_does(
    people: People, enrolled: Subject, form: str, visit: str, values: dict[str, str]
) -> None:
    (item,) = values
    for by in (people.li_na, people.zhang_wei):
        with pytest.raises(SaveRefused) as refused:
            saved(enrolled, form, visit, values, by, reason=WRONG)
        assert codes(refused) == [(item, "reserved")]
        assert all(refused.value.problems[0].message.in_(language) for language in ("en", "zh-hans"))
    with pytest.raises(ReasonNeeded):
        saved(enrolled, form, visit, values, people.chen_jing)
    assert (
        saved(enrolled, form, visit, values, people.chen_jing, reason=WRONG).pages[0].get(item)
        == values[item]
    )


def test_a_site_cannot_take_the_page_away_either(people: People, enrolled: Subject) -> None:
    entry = PageEntry(subject_id=enrolled.pk, form="LH", visit="SCR", removed=True)
    with pytest.raises(SaveRefused) as refused:
        save_pages([entry], by=people.li_na, reason=WRONG)
    assert codes(refused) == [("target_limb", "reserved")]


def test_other_answers_of_those_pages_stay_the_site_s(people: People, enrolled: Subject) -> None:
    saved(enrolled, "LH", "SCR", {"bilateral_isr": "Y"}, people.li_na, reason=WRONG)
    saved(enrolled, "LH", "SCR", {"target_limb": "L", "bilateral_isr": "N"}, people.li_na, reason=WRONG)


@pytest.mark.parametrize(
    ("form", "visit", "values"),
    [
        ("LH", "SCR", {"target_limb": "R", "bilateral_isr": "Y"}),
        ("LH", "SCR", {"bilateral_isr": "Y"}),
        ("PR", "PROC", {"planned_cohort": "DES", "heparin_iu": 5000}),
        ("DM", "SCR", {"age": 70}),
        ("CEC", None, {"cec_status": "OPEN"}),
    ],
)
def test_a_data_manager_writes_nothing_else(
    people: People, enrolled: Subject, form: str, visit: str | None, values: dict[str, Any]
) -> None:
    with pytest.raises(PermissionDenied):
        saved(enrolled, form, visit, values, people.chen_jing, reason=WRONG)


@pytest.mark.parametrize(
    ("form", "visit", "item", "value"),
    [
        ("PRL", "PROC", "prl_lesion", "L7"),
        ("DCB", "PROC", "dcb_lesion", "L1; DROP"),
        ("DCB", "PROC", "dcb_product", "NOTHING"),
        ("DCB", "PROC", "dcb_product", "ZILVER"),
        ("XR", "M12", "xr_stent", "DES1"),
        ("DD", None, "dd_device", "DCB1"),
        ("PR", "PROC", "operator", "somebody"),
        ("PR", "PROC", "operator", NOBODY),
        ("IC", "SCR", "rescreen_of", NOBODY),
        ("IC", "SCR", "rescreen_of", "S07001"),
        ("CM", None, "cm_ae_ref", NOBODY),
        ("AMP", None, "amp_ae_ref", "AE1"),
    ],
)
def test_what_does_not_exist_cannot_be_pointed_at(
    people: People, enrolled: Subject, form: str, visit: str | None, item: str, value: str
) -> None:
    with pytest.raises(SaveRefused) as refused:
        saved(enrolled, form, visit, {item: value}, people.li_na, reason=WRONG)
    assert codes(refused) == [(item, "no-record")]


def test_people_and_subjects_of_other_sites_do_not_exist(people: People, enrolled: Subject) -> None:
    elsewhere, other = screened(people, "02"), screened(people)
    stranger, colleague = people.users["ma_lin"].pk, people.users["zhang_wei"].pk
    for item, unknown, known in (("operator", stranger, colleague),):
        with pytest.raises(SaveRefused):
            saved(enrolled, "PR", "PROC", {item: str(unknown)}, people.li_na)
        saved(enrolled, "PR", "PROC", {item: str(known)}, people.li_na)
    for unknown in (elsewhere.pk, enrolled.pk):
        with pytest.raises(SaveRefused):
            saved(enrolled, "IC", "SCR", {"rescreen_of": str(unknown)}, people.li_na)
    saved(enrolled, "IC", "SCR", {"rescreen_of": str(other.pk)}, people.li_na)


def test_records_of_the_same_save_can_be_pointed_at(people: People, enrolled: Subject) -> None:
    lesion = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y", "les_limb": "L"}
    both = [("LES", lesion), ("PRL", {"prl_lesion": "L1", "prl_reader": "SITE"})]
    entries = [
        PageEntry(subject_id=enrolled.pk, form=form, visit="PROC", values=values) for form, values in both
    ]
    pages = save_pages(entries, by=people.li_na).pages
    assert pages[1].get("prl_lesion") == "L1"
    renamed = PageEntry(
        subject_id=enrolled.pk, form="LES", visit="PROC", page_id=pages[0].id, values={"lesion_no": "L2"}
    )
    save_pages([renamed], by=people.li_na, reason=WRONG)
    unchanged = PageEntry(
        subject_id=enrolled.pk, form="PRL", visit="PROC", page_id=pages[1].id, values={"prl_lesion": "L1"}
    )
    # What stands is left alone: a check across pages asks about it.
    save_pages([unchanged], by=people.li_na)


def test_a_data_manager_corrects_it_in_the_browser(people: People, enrolled: Subject) -> None:
    page = Page.objects.get(subject=enrolled, form="LH")
    address = reverse("correct-reserved", args=[enrolled.pk, page.pk])
    at_home = reverse("page", args=[enrolled.pk, "SCR", "LH"])
    browser = people.client("chen_jing")
    assert address in browser.get(at_home).content.decode()
    assert address not in people.client("li_na").get(at_home).content.decode()
    sent = {"value": "R", "why": "Wrong side in the source.", "revision": page.revision}
    for change, status in (({"why": ""}, 422), ({"value": "X"}, 422), ({"revision": "0"}, 409)):
        answer = browser.post(address, {**sent, **change})
        assert answer.status_code == status
        assert "Wrong side" in answer.content.decode() or "why" in change
    assert browser.post(address, sent).status_code == 302
    page.refresh_from_db()
    assert page.revision == 2
    assert people.client("li_na").get(address).status_code == 403


def test_a_duplex_names_a_lesion_before_its_page_is_entered(people: People) -> None:
    """Pages come in any order; once lesions are numbered, there are no others."""
    subject = screened(people)
    saved(subject, "DUS", "POST", {"dus_lesion": "L1"}, people.li_na)
    offered = choices_for(FORMS["DUS"], dossiers.load(subject))["dus_lesion"]
    assert [choice.code for choice in offered] == ["L1", "L2", "L3"]
    reading = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}
    saved(subject, "LES", "PROC", reading, people.li_na)
    with pytest.raises(SaveRefused, match="no such record"):
        saved(subject, "DUS", "M1", {"dus_lesion": "L2"}, people.li_na)
    offered = choices_for(FORMS["DUS"], dossiers.load(subject))["dus_lesion"]
    assert [choice.code for choice in offered] == ["L1"]
