"""Results kept after a save: complete, explained, stale when a page has changed since."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.jobs import Progress
from audit.models import Job
from outcomes.entering import BY, enter
from outcomes.jobs import recompute_study, recompute_subject
from outcomes.models import Result
from outcomes.recomputation import recompute
from outcomes.timelines import read
from protocol import endpoints
from subjects.models import Subject
from tests.people import People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page

pytestmark = pytest.mark.django_db
COURSE = "V@30 V@365 R@412 V@735"


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def entered(people: People) -> Callable[[str], Subject]:
    def make(tokens: str, site: str = "07") -> Subject:
        [timeline] = read(f"A-1 | {tokens} | CDTLR24 => E@1")
        return enter(timeline, people.sites[site])

    return make


def primary(subject: Subject) -> Result:
    return Result.objects.with_staleness().get(subject=subject, paramcd="CDTLR24")


def test_every_endpoint_of_a_treated_subject_has_a_result(entered: Callable[[str], Subject]) -> None:
    subject = entered(COURSE)
    recompute([subject.pk])
    kept = set(Result.objects.filter(subject=subject).values_list("paramcd", flat=True))
    safety = {endpoint.paramcd for endpoint in endpoints.SAFETY_ENDPOINTS}
    assert kept == set(endpoints.ENDPOINT) | set(endpoints.BY_VISIT) | safety


def test_a_result_names_the_page_and_item_that_decided_it(entered: Callable[[str], Subject]) -> None:
    subject = entered(COURSE)
    recompute([subject.pk])
    found = primary(subject)
    assert (found.aval, found.cnsr, found.answer, found.cohort) == (412, 0, "Y", "DES")
    assert found.adt == date(2024, 4, 16)
    assert found.adjudicated is False
    cited = found.explanation["steps"][0]["lines"][0]["cite"]
    page = Page.objects.get(pk=cited[0])
    assert (page.form, cited[1]) == ("REV", "rev_reasons")


def test_a_result_is_stale_when_a_page_has_changed_since(entered: Callable[[str], Subject]) -> None:
    subject = entered(COURSE)
    recompute([subject.pk])
    assert not primary(subject).stale
    death = {"death_date": "2023-08-01", "death_cat": "UNK"}
    save_pages([PageEntry(subject_id=subject.pk, form="DTH", values=death)], by=BY, recompute=False)
    assert primary(subject).stale
    recompute([subject.pk])
    found = primary(subject)
    assert not found.stale
    assert (found.aval, found.cnsr) == (153, 2)


def test_a_save_asks_for_the_subject_to_be_recomputed(
    people: People, entered: Callable[[str], Subject]
) -> None:
    subject = entered(COURSE)
    values = {"bcs_date": date(2023, 2, 27), "rutherford_target": "3"}
    save_pages([PageEntry(subject_id=subject.pk, form="BCS", visit="SCR", values=values)], by=people.li_na)
    asked = Job.objects.get(kind="recompute_subject")
    assert asked.args == {"subject": str(subject.pk)}
    assert recompute_subject(Progress(by=BY), **asked.args)["results"] == Result.objects.count()


def test_the_whole_study_tells_how_far_it_is(entered: Callable[[str], Subject]) -> None:
    entered(COURSE)
    entered("V@30 X@200")
    progress = Progress(by=BY)
    answer = recompute_study(progress)
    assert answer["subjects"] == 2
    assert (progress.done, progress.total) == (2, 2)


def test_a_subject_without_a_study_device_has_no_results(entered: Callable[[str], Subject]) -> None:
    from audit.context import Reason

    subject = entered(COURSE)
    recompute([subject.pk])
    page = Page.objects.get(subject=subject, form="PR")
    save_pages(
        [PageEntry(subject_id=subject.pk, form="PR", page_id=page.pk, values={"study_dev_introduced": "N"})],
        by=BY,
        reason=Reason("TYPO"),
        recompute=False,
    )
    recompute([subject.pk])
    assert not Result.objects.filter(subject=subject).exists()


def test_statements_do_not_grow_with_the_subjects(entered: Callable[[str], Subject]) -> None:
    first = entered(COURSE)
    with CaptureQueriesContext(connection) as alone:
        recompute([first.pk])
    others = [entered(COURSE).pk for _ in range(3)]
    with CaptureQueriesContext(connection) as together:
        recompute([first.pk, *others])
    assert len(together) == len(alone)
