"""Checks that read beyond the dossier, on real pages: other subjects, the trail, the committee's members."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.context import Reason
from sites import accounts
from sites.access import actor_for
from sites.roles import Role
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import FIRST, OPEN, People, make_ready
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.checks.reading import StoredFacts
from visits.dossier import PageRecord
from visits.models import Page, Query

pytestmark = pytest.mark.django_db
AGAIN = Reason("NEW_INFORMATION")
LOOKS = (
    ("DM", {"sex": "M", "birth_ym": "1950-05", "age": 75}),
    ("LH", {"target_limb": "L", "bilateral_isr": "N"}),
    ("PS", {"ps_implant_date": "2024-05-06", "ps_type": "BMS"}),
)


def save(
    subject: Subject, form: str, visit: str | None, values: dict[str, Any], by: Any, **more: Any
) -> PageRecord:
    entry = PageEntry(subject_id=subject.pk, form=form, visit=visit, values=values, **more)
    return save_pages([entry], by=by, reason=AGAIN).pages[0]


def standing(subject: Subject, check: str) -> list[str]:
    """Return the states of a check's queries about a subject."""
    return list(Query.objects.filter(subject=subject, check_id=check).values_list("state", flat=True))


def test_a_possible_double_is_told_to_the_data_manager(people: People) -> None:
    first, second = screened(people), screened(people, "02")
    for form, values in LOOKS:
        save(first, form, "SCR", values, people.li_na)
        save(second, form, "SCR", values, people.ma_lin)
    assert standing(first, "EC-132") == []
    assert standing(second, "EC-132") == ["CANDIDATE"]
    save(second, "LH", "SCR", {"target_limb": "R"}, people.ma_lin)
    assert standing(second, "EC-132") == ["CLOSED"]


def test_a_subject_screened_again_is_no_double(people: People) -> None:
    first, second = screened(people), screened(people)
    for form, values in LOOKS:
        save(first, form, "SCR", values, people.li_na)
        save(second, form, "SCR", values, people.li_na)
    save(second, "IC", "SCR", {"rescreen_of": str(first.pk)}, people.li_na)
    assert standing(second, "EC-132") == ["CLOSED"]
    # The first is no screen failure yet: the consent page of the second cannot be complete.
    assert Page.objects.get(subject=second, form="IC").contradicted == 1
    save(first, "IE", "SCR", {"elig_outcome": "SF"}, people.li_na)
    save(second, "IC", "SCR", {"rescreen_of": None}, people.li_na)
    save(second, "IC", "SCR", {"rescreen_of": str(first.pk)}, people.li_na)
    assert Page.objects.get(subject=second, form="IC").contradicted == 0


def test_others_are_counted_as_enrolled(people: People) -> None:
    first, second = treated(people, 10), treated(people, 5)
    assert StoredFacts(first).others_enrolled == 1
    page = Page.objects.get(subject=second, form="PR")
    save(second, "PR", "PROC", {"study_dev_introduced": "N"}, people.li_na, page_id=page.pk)
    assert StoredFacts(first).others_enrolled == 0


def adjudicator(people: People, name: str) -> Any:
    """Return another member of the committee."""
    user = accounts.add_user(by=FIRST, username=name, full_name=name.title())
    held = accounts.grant_membership(user=user, role=Role.CEC, site=None, from_date=OPEN, by=FIRST)
    make_ready(user)
    return actor_for(user, held, origin="web")


@pytest.fixture
def event(people: People) -> PageRecord:
    """A revascularisation of a treated subject."""
    subject = treated(people, 100)
    day = (clock.today() - timedelta(days=20)).isoformat()
    return save(subject, "REV", None, {"rev_date": day, "rev_kind": "PERC", "rev_side": "L"}, people.li_na)


def judge(event: PageRecord, by: Any, answers: dict[str, Any], page: uuid.UUID | None = None) -> Page:
    """Save the committee's page about an event."""
    subject = Page.objects.get(pk=event.id).subject
    about = {"cec_type": "REV", "cec_source": str(event.id)} if page is None else {}
    saved = save(subject, "CEC", None, {**about, **answers}, by, page_id=page)
    return Page.objects.get(pk=saved.id)


BEGUN = {"cec_status": "R1", "cec_r1_event": "N"}
FINAL = {"cec_status": "FIN", "cec_r2_event": "N", "cec_event": "N", "cec_decision_date": date(2026, 4, 1)}


def test_two_people_review(people: People, event: PageRecord) -> None:
    page = judge(event, people.he_ming, BEGUN)
    alone = judge(event, people.he_ming, FINAL, page.pk)
    assert (alone.contradicted, standing(page.subject, "RNG-CEC.cec_r2_event-H")) == (1, ["CANDIDATE"])
    other = judge(event, adjudicator(people, "bo"), {"cec_r2_event": "U"}, page.pk)
    assert (other.contradicted, standing(page.subject, "RNG-CEC.cec_r2_event-H")) == (0, ["CLOSED"])


def test_one_person_who_writes_both_reviews_at_once_is_seen(people: People, event: PageRecord) -> None:
    page = judge(event, people.he_ming, {**BEGUN, **FINAL})
    assert page.contradicted == 1


def test_somebody_of_the_site_does_not_review(people: People, event: PageRecord) -> None:
    investigator = people.users["zhang_wei"]
    yesterday = clock.today() - timedelta(days=1)
    accounts.end_membership(membership=investigator.memberships.get(), on=yesterday, by=FIRST)
    held = accounts.grant_membership(
        user=investigator, role=Role.CEC, site=None, from_date=clock.today(), by=FIRST
    )
    page = judge(event, actor_for(investigator, held, origin="web"), BEGUN)
    assert (page.contradicted, standing(page.subject, "EC-124")) == (1, ["CANDIDATE"])
    assert judge(event, people.he_ming, BEGUN).contradicted == 1  # the second of one event


def test_a_source_that_changes_after_the_judgement_is_told(people: People, event: PageRecord) -> None:
    page = judge(event, people.he_ming, BEGUN)
    other = adjudicator(people, "bo")
    judge(event, other, FINAL, page.pk)
    assert standing(page.subject, "EC-122") == []
    save(page.subject, "REV", None, {"rev_side": "R"}, people.li_na, page_id=event.id)
    assert standing(page.subject, "EC-122") == ["CANDIDATE"]
    judge(event, other, {"cec_comment": "Seen again."}, page.pk)
    assert standing(page.subject, "EC-122") == ["CLOSED"]


def test_a_judgement_costs_no_more_than_any_save(people: People, event: PageRecord) -> None:
    page = judge(event, people.he_ming, BEGUN)
    other = adjudicator(people, "bo")
    with CaptureQueriesContext(connection) as statements:
        judge(event, other, FINAL, page.pk)
    # Two of them are this test's own.
    assert len(statements) <= 20, [one["sql"][:80] for one in statements]
