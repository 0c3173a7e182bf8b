"""The demo is loaded through the real services, at its own time, and only into a database of its own."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from audit import clock, verify
from audit.actors import Actor
from audit.context import acting
from audit.models import Entry, Job
from defier.demo import catalogue, first, load, study, timeline
from protocol import identifiers
from sites.models import DeviceProduct, Membership, Site
from subjects.models import Subject
from visits.models import Page, Query

LOADED = 5


@pytest.fixture
def demo(settings: Settings, own_database: str) -> str:
    settings.DEMO = True
    clock.forget()
    call_command("load_demo", first=LOADED, stdout=io.StringIO())
    return own_database


def test_the_first_subjects_are_there_with_the_numbers_of_the_roster(demo: str) -> None:
    expected = [one.head for one in first.in_order_of_loading(40)[:LOADED]]
    numbers = {identifiers.usubjid(head.site, head.number) for head in expected}
    assert set(Subject.objects.values_list("usubjid", flat=True)) == numbers
    assert Page.objects.count() > 20 * LOADED
    assert Site.objects.count() == 12
    assert Membership.objects.count() == len(catalogue.PEOPLE)
    assert DeviceProduct.objects.count() == len(catalogue.PRODUCTS)

    # Everything was recorded by its person, at its time, under a clock that says that it is simulated.
    trail = Entry.objects.filter(chain__startswith="subject:")
    assert set(trail.values_list("clock", flat=True)) == {"simulated"}
    assert {"COORDINATOR", "INVESTIGATOR", "MONITOR", "SYSTEM"} <= set(
        trail.values_list("actor_role", flat=True)
    )
    assert not trail.filter(at__gt=timeline.NOW).exists()
    assert trail.filter(at__lt=timeline.moment(timeline.INTAKE_END, 0)).exists()
    for subject in Subject.objects.all():
        own = trail.filter(chain=f"subject:{subject.pk}").order_by("n")
        times = list(own.values_list("at", flat=True))
        assert times == sorted(times)
    assert list(verify.verify()) == []

    # Queries opened by checks and by monitors, most of them settled as in a study that runs.
    assert set(Query.objects.values_list("origin", flat=True)) == {"AUTO", "MANUAL"}
    assert Query.objects.filter(state="CLOSED").count() > Query.objects.exclude(state="CLOSED").count()

    # Again it changes nothing; the rest is left to a job, once.
    again = io.StringIO()
    call_command("load_demo", first=LOADED, stdout=again)
    assert again.getvalue().startswith("0 subjects")
    assert Job.objects.filter(kind="load_demo_rest").count() == 1
    assert Job.objects.filter(kind="recompute_study").count() == 1

    # A second process leaves alone the sites at which another is loading, and the next goes on from there.
    assert load.load(LOADED + 1) == 1
    assert Subject.objects.count() == LOADED + 1


def test_it_is_refused_beside_a_real_study(settings: Settings, own_database: str) -> None:
    clock.forget()
    with pytest.raises(CommandError, match="DEMO"):
        call_command("load_demo", first=1)
    settings.DEMO = True
    with acting(by=Actor.system("test")):
        Site.objects.create(code="07", name_en="Real", name_zh="真", city_en="x", city_zh="x")
    with acting(by=Actor.system("test")):
        Subject.objects.create(
            site_id="07", seq=1, usubjid=identifiers.usubjid("07", 1), screening_no="S07001"
        )
    with pytest.raises(study.NotADemo):
        study.prepare()
    assert clock.simulated() is None


def test_the_logins_are_one_per_role() -> None:
    said = io.StringIO()
    call_command("demo_logins", stdout=said)
    for name in ("li.na", "wang.lei", "feng.kai", catalogue.PASSWORD):
        assert said.getvalue().count(name) == 1
