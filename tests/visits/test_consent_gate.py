"""No new page before consent, none for what came after its withdrawal; what stands stays correctable."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from audit import clock
from audit.context import Reason
from subjects.models import Subject
from tests.enrolled import entry_on, screened, treated
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import PageEntry, SaveRefused
from visits.capture.gate import NotCovered
from visits.capture.save import save_pages, screen_subject
from visits.crfs import FORMS
from visits.models import Page
from visits.overview.matrix import matrix
from visits.pages.neighbours import state

pytestmark = pytest.mark.urs("PRI-05")
TYPO = Reason("TYPO")
WITHOUT: list[dict[str, Any]] = [
    {"consent_obtained": "N"},
    {},
    {"consent_obtained": "Y"},
]


def without_consent(people: People, given: dict[str, Any]) -> Subject:
    values = {"screening_date": date(2026, 3, 1), **given}
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=values)
    return screen_subject(site=people.sites["07"], entry=entry, by=people.li_na)[0]


def entry(subject: Subject, form: str, visit: str | None, **values: Any) -> PageEntry:
    return PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values)


@pytest.mark.parametrize("given", WITHOUT)
def test_before_consent_every_other_form_is_shut(people: People, given: dict[str, Any]) -> None:
    subject = without_consent(people, given)
    client = people.client("li_na")
    for visit, form in (
        ("SCR", "DM"),
        ("SCR", "IE"),
        ("PROC", "PR"),
        ("M1", "FU"),
        ("LOG", "AE"),
    ):
        answer = client.get(f"/subjects/{subject.pk}/{visit}/{form}/")
        assert answer.status_code == 403, form
        shown = answer.content.decode()
        assert "consent" in shown and "知情同意" in shown
        assert f"/subjects/{subject.pk}/SCR/IC/" in shown
        with pytest.raises(NotCovered):
            save_pages([entry(subject, form, None if visit == "LOG" else visit)], by=people.li_na)
    assert client.get(f"/subjects/{subject.pk}/SCR/IC/").status_code == 200
    assert not Page.objects.filter(subject=subject).exclude(form__in=("IC", "DV")).exists()


def test_a_screening_failure_without_consent_can_be_ended(people: People) -> None:
    subject = without_consent(people, {"consent_obtained": "N"})
    save_pages([entry(subject, "EXIT", "EOS", exit_date=date(2026, 3, 1), exit_reason="SF")], by=people.li_na)
    assert dossiers.load(subject).status() == "SCREEN_FAIL"


def test_the_gate_opens_with_the_consent(people: People) -> None:
    subject = without_consent(people, {"consent_obtained": "Y"})
    page = Page.objects.get(subject=subject, form="IC")
    dated = entry_on(page, values={"consent_dt": datetime(2026, 3, 1, 2, tzinfo=UTC)})
    save_pages([dated], by=people.li_na)
    assert people.client("li_na").get(f"/subjects/{subject.pk}/SCR/DM/").status_code == 200
    save_pages([entry(subject, "DM", "SCR", age=70, sex="M")], by=people.li_na)


def test_what_was_entered_can_be_corrected_when_consent_turns_out_missing(people: People) -> None:
    subject = screened(people)
    save_pages([entry(subject, "DM", "SCR", age=70, sex="M")], by=people.li_na)
    consent = Page.objects.get(subject=subject, form="IC")
    taken_back = PageEntry(
        subject_id=subject.pk,
        form="IC",
        visit="SCR",
        page_id=consent.pk,
        revision=consent.revision,
        values={"consent_obtained": "N"},
        clear_hidden=True,
    )
    save_pages([taken_back], by=people.li_na, reason=TYPO)
    page = Page.objects.get(subject=subject, form="DM")
    corrected = entry_on(page, values={"age": 71})
    save_pages([corrected], by=people.li_na, reason=TYPO)
    assert people.client("li_na").get(f"/subjects/{subject.pk}/SCR/DM/").status_code == 200
    assert people.client("li_na").get(f"/subjects/{subject.pk}/SCR/MH/").status_code == 403


@pytest.fixture
def left(people: People) -> Subject:
    """A subject whose procedure was 200 days ago and who withdrew 100 days ago, after M3's window opened."""
    subject = treated(people, 200)
    save_pages([entry(subject, "FU", "M1", contact_mode="CLIN", fu_date=_ago(170))], by=people.li_na)
    save_pages([entry(subject, "EXIT", "EOS", exit_date=_ago(100), exit_reason="WD")], by=people.li_na)
    return subject


def _ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def test_after_withdrawal_a_new_visit_is_shut_and_history_intact(people: People, left: Subject) -> None:
    client = people.client("li_na")
    for visit in ("M6", "M12", "M24"):
        answer = client.get(f"/subjects/{left.pk}/{visit}/FU/")
        assert answer.status_code == 403
        assert str(_ago(100)) in answer.content.decode()
        with pytest.raises(NotCovered):
            save_pages([entry(left, "FU", visit)], by=people.li_na)
    assert client.get(f"/subjects/{left.pk}/M1/FU/").status_code == 200
    assert dossiers.load(left).of("FU")[0].get("fu_date") == _ago(170)


def test_what_happened_before_it_can_still_be_recorded(people: People, left: Subject) -> None:
    save_pages([entry(left, "FU", "M3", contact_mode="CLIN", fu_date=_ago(110))], by=people.li_na)
    save_pages([entry(left, "AE", None, ae_term="Bleeding", ae_start=str(_ago(120)))], by=people.li_na)
    save_pages([entry(left, "REV", None, rev_date=f"{_ago(100):%Y}")], by=people.li_na)
    page = Page.objects.get(subject=left, form="FU", visit__code="M1")
    corrected = entry_on(page, values={"fu_date": _ago(169)})
    save_pages([corrected], by=people.li_na, reason=TYPO)


@pytest.mark.parametrize(
    ("form", "visit", "item"),
    [
        ("FU", "M3", "fu_date"),
        ("FU", "UNS1", "fu_date"),
        ("ABI", "M3", "abi_date"),
        ("IMG", "UNS1", "img_date"),
    ],
)
def test_what_was_collected_after_it_is_refused_at_its_date(
    people: People, left: Subject, form: str, visit: str, item: str
) -> None:
    also = {"contact_mode": "CLIN"} if form == "FU" else {}
    with pytest.raises(SaveRefused) as refused:
        save_pages([entry(left, form, visit, **also, **{item: _ago(99)})], by=people.li_na)
    assert [(problem.item, problem.code) for problem in refused.value.problems] == [(item, "PRI-05")]
    save_pages([entry(left, form, visit, **also, **{item: _ago(100)})], by=people.li_na)


@pytest.mark.urs("PRI-05")
def test_a_death_is_recorded_always(people: People, left: Subject) -> None:
    save_pages([entry(left, "DTH", None, death_date=str(_ago(50)))], by=people.li_na)
    assert dossiers.load(left).one("DTH") is not None


def test_every_dated_form_of_the_rule_has_its_item() -> None:
    from visits.consent_gate import COLLECTED

    assert {form: item for form, item in COLLECTED.items() if item not in FORMS[form].items()} == {}


def test_before_consent_nothing_but_the_consent_is_expected(people: People) -> None:
    """The matrix and the list of pages ask for no page that the gate keeps shut."""
    subject = without_consent(people, {})
    row = next(row for row in matrix(people.li_na) if row.subject == subject)
    found = {cell.column: cell for cell in row.cells}
    assert (found["SCR"].mark.sign, found["SCR"].form, found["SCR"].lacking) == ("incomplete", "IC", ())
    assert {found[visit].mark.sign for visit in ("PROC", "POST", "DISCH", "M1", "M24")} == {"not-expected"}
    dossier = dossiers.load(subject)
    assert {state(dossier, "SCR", form, set()) for form in ("DM", "IE", "LH", "PS")} == {"not-expected"}
    consented = screened(people)
    row = next(row for row in matrix(people.li_na) if row.subject == consented)
    assert row.cells[0].lacking[:2] == ("DM", "IE")
    assert state(dossiers.load(consented), "SCR", "DM", set()) == "due"
