"""save_pages: the only way a value enters (design §3.6 to 3.8)."""

import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from audit.context import Reason
from audit.models import Entry
from subjects.models import Subject
from tests.enrolled import CONSENT
from tests.people import People
from visits import dossier as dossiers
from visits.capture.entry import (
    ClearingUnconfirmed,
    Conflict,
    PageEntry,
    ReasonNeeded,
    SaveRefused,
    SentBefore,
)
from visits.capture.save import save_pages, screen_subject
from visits.dossier import PageRecord
from visits.models import Page, Query

pytestmark = pytest.mark.django_db
TYPO = Reason("TYPO")


def stored(subject: Subject, form: str) -> PageRecord:
    """Return the subject's page of a form as it stands now."""
    page = dossiers.load(subject).one(form)
    assert page is not None
    return page


def demographics(subject: Subject, **more) -> PageEntry:
    values = {"birth_ym": "1955-04", "age": 70, "sex": "M", "height_cm": None, **more.pop("values", {})}
    return PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values, **more)


def test_first_save_gives_the_number_and_keeps_the_page(people: People, subject: Subject) -> None:
    assert subject.usubjid.startswith("DEFIER-07-001-")
    page = stored(subject, "IC")
    assert page.values == {**page.values, **CONSENT}
    assert page.revision == 1


def test_values_come_back_as_typed(people: People, subject: Subject) -> None:

    save_pages([demographics(subject, values={"height_cm": Decimal("171.50"[:5])})], by=people.li_na)
    page = stored(subject, "DM")
    assert page.values["height_cm"] == Decimal("171.5")
    assert page.values["birth_ym"] == "1955-04"
    assert page.unanswered > 0


@pytest.mark.urs("AUD-09")
def test_a_change_needs_a_reason_a_first_entry_none(people: People, subject: Subject) -> None:
    save_pages([demographics(subject)], by=people.li_na)
    save_pages([demographics(subject, values={"ethnic_cn": "HAN"})], by=people.li_na)
    with pytest.raises(ReasonNeeded) as refused:
        save_pages([demographics(subject, values={"age": 71})], by=people.li_na)
    assert refused.value.items == [(0, "age")]
    save_pages([demographics(subject, values={"age": 71})], by=people.li_na, reason=TYPO)
    last = Entry.objects.filter(table_name="crf_dm").latest("n")
    assert (last.old["age"], last.new["age"], last.reason_code) == (70, 71, "TYPO")


@pytest.mark.urs("CON-01")
def test_a_stale_save_is_refused_with_what_stands(people: People, subject: Subject) -> None:
    save_pages([demographics(subject)], by=people.li_na)
    page = Page.objects.get(form="DM")
    save_pages(
        [demographics(subject, values={"age": 71}, revision=1, page_id=page.pk)], by=people.li_na, reason=TYPO
    )
    with pytest.raises(Conflict) as refused:
        save_pages(
            [demographics(subject, values={"age": 72}, revision=1, page_id=page.pk)],
            by=people.li_na,
            reason=TYPO,
        )
    assert refused.value.stored.values["age"] == 71
    with pytest.raises(Conflict):
        save_pages([demographics(subject, revision=0)], by=people.li_na)


def test_hard_range_refuses_all_pages_of_the_save(people: People, subject: Subject) -> None:
    other = PageEntry(subject_id=subject.pk, form="LH", visit="SCR", values={"target_limb": "L"})
    with pytest.raises(SaveRefused) as refused:
        save_pages([other, demographics(subject, values={"age": 121})], by=people.li_na)
    assert [(p.entry, p.item) for p in refused.value.problems] == [(1, "age")]
    assert Page.objects.filter(form__in=["DM", "LH"]).count() == 0


def test_soft_range_opens_a_query_and_closes_it_when_the_value_agrees(
    people: People, subject: Subject
) -> None:
    save_pages([demographics(subject, values={"age": 95})], by=people.li_na)
    query = Query.objects.get(check_id="RNG-DM.age-S")
    assert (query.state, query.items) == ("OPEN", ["age"])
    save_pages([demographics(subject, values={"age": 59})], by=people.li_na, reason=TYPO)
    query.refresh_from_db()
    assert (query.state, query.close_reason) == ("CLOSED", "auto")
    assert [s.to_state for s in query.steps.all()] == ["OPEN", "CLOSED"]


@pytest.mark.urs("EDQ-01")
def test_files_that_an_examination_should_have_are_asked_for_once_it_is_read(
    people: People, subject: Subject
) -> None:
    """Protocol 3.22: a coded reason answers it, and so would the file."""

    def asked() -> int:
        return Query.objects.filter(check_id="DUS.dus_images.missing", state="OPEN").count()

    read = {"dus_reader": "SITE", "dus_adequate": "Y"}
    page = save_pages([PageEntry(subject.pk, "DUS", visit="M6", values=read)], by=people.li_na).pages[0]
    assert asked() == 0
    more = PageEntry(subject.pk, "DUS", visit="M6", page_id=page.id, values={"stenosis_cat": "0"})
    save_pages([more], by=people.li_na)
    assert asked() == 1
    none = PageEntry(subject.pk, "DUS", visit="M6", page_id=page.id, missing={"dus_images": "ND"})
    save_pages([none], by=people.li_na)
    assert asked() == 0


@pytest.mark.urs("EDQ-01")
def test_what_another_page_hides_is_kept_shown_and_asked_about(people: People, subject: Subject) -> None:
    """Neither lost nor out of sight (design §3.7): the wound of the baseline was a mistake, say."""

    def wound(found: str, revision: int) -> None:
        entry = PageEntry(subject.pk, "BCS", visit="SCR", revision=revision, values={"tissue_loss": found})
        save_pages([entry], by=people.li_na, reason=TYPO if revision else None)

    def asked() -> list[str]:
        standing = Query.objects.filter(check_id="HID-FU.wound_status-S", state="OPEN")
        return [query.page.form for query in standing]

    wound("Y", 0)
    seen = {"contact_mode": "CLIN", "vital_status": "A", "wound_status": "N"}
    save_pages([PageEntry(subject.pk, "FU", visit="M1", values=seen)], by=people.li_na)
    assert asked() == []
    wound("N", 1)
    assert (stored(subject, "FU").get("wound_status"), asked()) == ("N", ["FU"])
    drawn = people.client("li_na").get(f"/subjects/{subject.pk}/M1/FU/").content.decode()
    row = drawn[drawn.index('id="row-p-wound_status"') :].partition(">")[0]
    assert "hidden" not in row and "showif" not in row
    wound("Y", 2)
    assert asked() == []
    wound("N", 3)
    cleared = PageEntry(subject.pk, "FU", visit="M1", revision=1, values={"wound_status": None})
    save_pages([cleared], by=people.li_na, reason=TYPO)
    assert asked() == []


@pytest.mark.urs("EDQ-06")
def test_answers_that_hide_filled_items_ask_before_clearing(people: People, subject: Subject) -> None:
    save_pages([demographics(subject, values={"sex": "F", "childbearing": "NCBP"})], by=people.li_na)
    change = demographics(subject, values={"sex": "M"})
    with pytest.raises(ClearingUnconfirmed) as refused:
        save_pages([change], by=people.li_na, reason=TYPO)
    assert refused.value.items == [(0, "childbearing")]
    agreed = demographics(subject, values={"sex": "M"}, clear_hidden=True)
    save_pages([agreed], by=people.li_na, reason=TYPO)
    assert stored(subject, "DM").get("childbearing") is None


@pytest.mark.urs("CON-02")
def test_the_same_form_sent_again_changes_nothing(people: People, subject: Subject) -> None:
    key = uuid.uuid4()
    first = save_pages([demographics(subject, revision=0)], by=people.li_na, key=key)
    again = save_pages([demographics(subject, revision=0)], by=people.li_na, key=key)
    assert [p.id for p in first.pages] == [p.id for p in again.pages]
    assert stored(subject, "DM").revision == 1


@pytest.mark.urs("CON-02")
def test_a_form_typed_on_after_going_back_is_no_replay(people: People, subject: Subject) -> None:
    """Fault 15: the back button, then other answers under the same key, must not vanish in silence."""
    key = uuid.uuid4()
    save_pages([demographics(subject, revision=0)], by=people.li_na, key=key)
    with pytest.raises(Conflict):
        save_pages([demographics(subject, values={"age": 72}, revision=0)], by=people.li_na, key=key)


@pytest.mark.urs("CON-02")
def test_screening_sent_again_makes_one_subject(people: People) -> None:
    key = uuid.uuid4()
    entry = PageEntry(subject_id=uuid.uuid4(), form="IC", values=CONSENT)
    first, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na, key=key)
    again, _saved = screen_subject(site=people.sites["07"], entry=entry, by=people.li_na, key=key)
    assert first == again
    other = PageEntry(subject_id=uuid.uuid4(), form="IC", values={**CONSENT, "other_trial": "Y"})
    with pytest.raises(SentBefore):
        screen_subject(site=people.sites["07"], entry=other, by=people.li_na, key=key)


@pytest.mark.urs("ACL-07")
@pytest.mark.parametrize("name", ["wang_lei", "chen_jing", "sun_qing", "zhao_min", "ma_lin", "he_ming"])
def test_only_people_of_the_site_change_its_values(people: People, subject: Subject, name: str) -> None:
    with pytest.raises(PermissionDenied):
        save_pages([demographics(subject)], by=people.actors[name])


def test_budget_of_statements(people: People, subject: Subject, django_assert_max_num_queries) -> None:
    """What save_pages itself takes; the whole of a request is held to design §5 in test_page_view."""
    with django_assert_max_num_queries(14):
        save_pages([demographics(subject)], by=people.li_na)


@pytest.mark.urs("EDQ-02")
@pytest.mark.parametrize("typed", ["130", "130.0", "130.50", "98.125"])
def test_a_decimal_keeps_the_digits_that_were_given(people: People, subject: Subject, typed: str) -> None:
    """The column is numeric(9,3) and would print 130.000 for a typed 130."""
    values = {"lb_test": "CREAT", "lb_value": Decimal(typed), "lb_unit": "umol/L"}
    entry = PageEntry(subject_id=subject.pk, form="LB", visit="SCR", values=values)
    save_pages([entry], by=people.li_na)
    assert str(stored(subject, "LB").values["lb_value"]) == typed
