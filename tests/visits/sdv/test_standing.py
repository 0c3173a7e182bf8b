"""What waits, counted in SQL, is what each page says of itself; samples are drawn again from the seed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actors import Actor
from outcomes.critical import critical_items
from subjects.models import Subject
from tests.enrolled import screened, treated
from tests.people import People, build_people
from tests.visits.sdv.marks import ask_for_all, enter, verify
from visits import dossier as dossiers
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.overview.matrix import matrix
from visits.overview.status import CellFacts
from visits.review.sdv import plan as plans
from visits.review.sdv import standing
from visits.review.sdv.plan import Rule, draw, sample
from visits.review.sdv.states import State, state_of

pytestmark = pytest.mark.django_db
PLANS = {
    "all": (Rule(),),
    "critical": (Rule(critical_only=True),),
    "a form": (Rule(form="DM"), Rule(form="FU", item="vital_status")),
    "a visit": (Rule(visit="PROC"), Rule(visit=LOG)),
    "a site": (Rule(site="02"), Rule(form="IC", percent=50)),
    "samples": (Rule(percent=40, critical_only=True), Rule(form="FU", percent=70)),
    "nobody": (Rule(percent=0),),
}


@pytest.fixture
def people() -> People:
    people = build_people()
    for site in ("07", "07", "02"):
        subject = screened(people, site)
        if site == "07":
            enter(
                people,
                subject,
                "DM",
                {"birth_ym": "1955-04", "age": 70, "sex": "M", "height_cm": Decimal("171.5")},
            )
            treated(people, 200, subject)
            enter(people, subject, "FU", {"contact_mode": "TEL", "vital_status": "A"}, visit="M6")
            enter(people, subject, "AE", {"ae_term": "x", "ae_serious": "N"}, visit=None)
    return people


@pytest.mark.urs("SRC-02")
@pytest.mark.parametrize("rules", PLANS.values(), ids=PLANS)
def test_lists_agree_with_pages(people: People, rules: tuple[Rule, ...]) -> None:
    ask_for_all(people, *rules, critical=critical_items())
    first = Subject.objects.filter(site="07").first()
    assert first is not None
    verify(people, first, "DM", "age", "sex", "height_cm")
    enter(people, first, "DM", {"age": 71})
    plan = plans.in_force()
    counted = {
        (one.page_id): (one.pending, one.stale)
        for one in standing.waiting_pages(by=people.wang_lei, plan=plan)
    }
    expected = {}
    for subject in Subject.objects.all():
        for record in dossiers.load(subject).pages:
            states = [
                state_of(record, item, plan=plan, usubjid=subject.usubjid)
                for item in FORMS[record.form].items()
            ]
            if State.PENDING in states:
                expected[record.id] = (states.count(State.PENDING), states.count(State.STALE))
    assert counted == expected
    _due, pending, stale = standing.counted(standing.progress(by=people.wang_lei, plan=plan))
    assert pending == sum(waits for waits, _changed in expected.values())
    assert stale == 1
    [mark] = standing.stale_marks(by=people.wang_lei)
    assert (mark.item, mark.old, mark.new, mark.usubjid) == ("age", 70, 71, first.usubjid)


@pytest.mark.urs("SRC-02")
def test_the_same_seed_draws_the_same_sample(people: People) -> None:
    numbers = [f"DEFIER-{site:02}-{number:03}-X" for site in range(1, 13) for number in range(1, 60)]
    assert sample("a", 20, numbers) == sample("a", 20, numbers[::-1])
    assert sample("a", 20, numbers) != sample("b", 20, numbers)
    assert set(sample("a", 20, numbers)) < set(sample("a", 30, numbers))
    assert sample("a", 0, numbers) == [] and sample("a", 100, numbers) == sorted(numbers)
    assert 0.15 < len(sample("a", 20, numbers)) / len(numbers) < 0.25
    with connection.cursor() as cursor:
        cursor.execute("SELECT u, sdv_draw('a', u) FROM unnest(%s::text[]) AS u", [numbers])
        assert dict(cursor.fetchall()) == {one: draw("a", one) for one in numbers}


def test_lists_take_one_statement_each(people: People) -> None:
    ask_for_all(people)
    plan = plans.in_force()
    with CaptureQueriesContext(connection) as statements:
        list(standing.waiting_pages(by=people.wang_lei, plan=plan))
        standing.progress(by=people.wang_lei, plan=plan, critical_only=True)
        standing.stale_marks(by=people.wang_lei)
    assert len(statements) == 3


def test_a_monitor_of_one_site_sees_its_lists_alone(people: People) -> None:
    ask_for_all(people)
    plan = plans.in_force()
    of_02 = replace(people.wang_lei, site="02")
    assert {one.site for one in standing.waiting_pages(by=of_02, plan=plan)} == {"02"}
    assert list(standing.waiting_pages(by=of_02, plan=plan, site="07")) == []
    assert list(standing.waiting_pages(by=people.ma_lin, plan=plan)) == []
    assert {one.site for one in standing.progress(by=people.wang_lei, plan=plan)} == {"02", "07"}


def test_the_matrix_shows_what_waits_and_what_has_changed(people: People) -> None:
    ask_for_all(people, Rule(form="DM", item="age"), Rule(form="DM", item="sex"))
    first = Subject.objects.filter(site="07").first()
    assert first is not None

    def screening(by: Actor) -> CellFacts:
        row = next(row for row in matrix(by) if row.subject == first)
        return row.cells[0].facts

    facts = screening(people.wang_lei)
    assert (facts.pending, facts.stale, facts.verified) == (2, 0, False)
    verify(people, first, "DM", "age", "sex")
    facts = screening(people.wang_lei)
    assert (facts.pending, facts.stale, facts.verified) == (0, 0, True)
    enter(people, first, "DM", {"age": 71})
    with CaptureQueriesContext(connection) as statements:
        facts = screening(people.wang_lei)
    assert (facts.pending, facts.stale, facts.verified) == (0, 1, False)
    assert len(statements) <= 6
    assert screening(people.li_na).stale == 0
