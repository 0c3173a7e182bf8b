"""What an amendment would change is counted on the actual data before it is switched on (EDQ-08)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from audit import clock
from audit.context import acting
from audit.jobs import REGISTRY, Progress
from outcomes import amending
from outcomes.amending import NotReady, approve_report, ask_for_report, is_stale, make_report, switch_on
from outcomes.models import ImpactReport, Result
from outcomes.recomputation import recompute
from sites.versions import record_approval
from subjects.models import Subject
from tests.amendment import ADDED, RETIRED, VERSION, amended
from tests.enrolled import treated
from tests.people import People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.review.locking import lock

CAME = {"contact_mode": "CLIN", "vital_status": "A", "tlr_status_known": "Y"}


@pytest.fixture
def people(own_database: str) -> Iterator[People]:
    with amended(own_database):
        yield build_people()


@pytest.fixture
def late(people: People) -> Subject:
    """A subject seen on day 205: inside the old window of month 6, outside the new one."""
    subject = treated(people, 205)
    baseline = {"bcs_date": clock.today() - timedelta(days=206), "rutherford_target": "3"}
    by = people.li_na
    save_pages([PageEntry(subject.pk, "LH", "SCR", values={"target_limb": "L"})], by=by)
    save_pages([PageEntry(subject.pk, "BCS", "SCR", values=baseline)], by=by)
    values = {
        **CAME,
        "fu_date": clock.today(),
        RETIRED: "NEV",
        "fu_rutherford": "2",
        "comply_asa": "GOOD",
    }
    save_pages([PageEntry(subject.pk, "FU", "M6", values=values)], by=by)
    return subject


def report(people: People) -> ImpactReport:
    return make_report(version=VERSION, site="07", by=people.chen_jing, made_for="Chen Jing")


def approved(people: People) -> None:
    record_approval(
        site="07",
        version=VERSION,
        ethics_no="2026-A1",
        ethics_date=clock.today(),
        effective_from=clock.today(),
        by=people.zhao_min,
    )


def test_every_change_is_counted_and_the_endpoints_that_move_are_listed(
    people: People, late: Subject
) -> None:
    treated(people, 30)
    page = Page.objects.get(subject=late, form="FU")
    lock(level="page", page=page, by=people.chen_jing, reason="checked", interim=True)
    entries = ImpactReport.objects.count()
    content = report(people).content
    by_kind: dict[str, list[dict]] = {}
    for change in content["changes"]:
        by_kind.setdefault(change["kind"], []).append(change)
    assert set(by_kind) == {"added", "retired", "amended", "term-added", "window"}
    assert by_kind["added"][0]["pages"] == 1
    assert (by_kind["retired"][0]["values"], by_kind["retired"][0]["subjects"]) == (1, 1)
    assert len(by_kind["term-added"]) == 4, "four items offer the codelist"
    assert by_kind["window"][0]["queries"] >= 1, "day 205 lies outside day 165 to 195"
    assert {change["locked"] for change in content["changes"]} == {1}
    assert [one["subject"] for one in content["locked"]] == [late.usubjid]
    assert (content["subjects"], content["pages"]) == (2, 1)
    assert content["endpoints"], "the Rutherford category of month 6 is lost with the window"
    assert {one["subject"] for one in content["endpoints"]} == {late.usubjid}
    assert all(one["paramcd"].endswith(".M6") for one in content["endpoints"])
    assert entries + 1 == ImpactReport.objects.count()


def test_the_dry_run_writes_nothing_but_its_report(people: People, late: Subject) -> None:
    def standing() -> tuple:
        pages = list(Page.objects.order_by("id").values_list("id", "revision", "form_version", "unanswered"))
        return pages, list(Result.objects.order_by("id").values_list("paramcd", "answer"))

    recompute([late.pk])
    before = standing()
    report(people)
    assert standing() == before


@pytest.mark.urs("EDQ-08")
def test_nothing_is_switched_on_without_approval_report_and_a_name(people: People, late: Subject) -> None:
    def refused() -> str:
        with pytest.raises(NotReady) as found:
            switch_on(version=VERSION, site="07", by=people.chen_jing)
        return found.value.why

    assert refused() == "approval"
    approved(people)
    assert refused() == "report"
    found = report(people)
    assert refused() == "unread"
    with pytest.raises(PermissionDenied):
        approve_report(found, by=people.zhao_min)
    approve_report(found, by=people.chen_jing)
    page = Page.objects.get(subject=late, form="FU")
    save_pages(
        [PageEntry(late.pk, "FU", "M6", values={ADDED: None, "new_ae": "N"}, page_id=page.pk, revision=1)],
        by=people.li_na,
    )
    assert is_stale(found)
    assert refused() == "stale"
    again = report(people)
    approve_report(again, by=people.chen_jing)
    with pytest.raises(PermissionDenied):
        switch_on(version=VERSION, site="07", by=people.zhao_min)
    done = switch_on(version=VERSION, site="07", by=people.chen_jing)
    assert (done.report, done.switched_on_by) == (again.pk, "Chen Jing")
    assert refused() == "on"


def test_endpoints_follow_once_the_version_is_on(people: People, late: Subject) -> None:
    recompute([late.pk])
    before = dict(Result.objects.filter(subject=late).values_list("paramcd", "answer"))
    approved(people)
    found = report(people)
    approve_report(found, by=people.chen_jing)
    switch_on(version=VERSION, site="07", by=people.chen_jing)
    recompute([late.pk])
    after = dict(Result.objects.filter(subject=late).values_list("paramcd", "answer"))
    moved = {code for code, answer in after.items() if before[code] != answer}
    assert moved == {one["paramcd"] for one in found.content["endpoints"]}


def test_the_report_is_kept_as_it_was(people: People, late: Subject) -> None:
    found = report(people)
    for act in (
        lambda: ImpactReport.objects.update(version="9"),
        lambda: ImpactReport.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), acting(by=people.chen_jing):
            act()
    approve_report(found, by=people.chen_jing)
    with pytest.raises(NotReady):
        approve_report(found, by=people.chen_jing)


def test_a_job_makes_the_report_and_says_how_far_it_is(people: People, late: Subject) -> None:
    from outcomes import jobs  # noqa: F401  registers the work

    wanted = ask_for_report(version=VERSION, site=people.sites["07"], by=people.chen_jing)
    progress = Progress(by=people.chen_jing, job=wanted.pk)
    done = REGISTRY["impact_report"].function(progress, **wanted.args)
    assert done["url"] == f"/amendments/{VERSION}/07/"
    assert (progress.done, progress.total) == (1, 1)
    assert amending.newest_report(VERSION, "07").made_for == "Chen Jing"  # type: ignore[union-attr]
    with pytest.raises(PermissionDenied):
        ask_for_report(version=VERSION, site=people.sites["07"], by=people.li_na)


def test_the_pages_show_reports_to_readers_and_acts_to_who_may(people: People, late: Subject) -> None:
    page = f"/amendments/{VERSION}/07/"
    manager, inspector, admin = (people.client(name) for name in ("chen_jing", "guo_tao", "zhao_min"))
    assert people.client("li_na").get("/amendments/").status_code == 403
    html = inspector.get("/amendments/").content.decode()
    assert "Six-minute walk" in html and "Not approved" in html
    wrong = {"ethics_no": "", "ethics_date": "2026-13-01", "effective_from": "2026-03-01"}
    answer = admin.post(page, wrong)
    assert answer.status_code == 422 and "2026-13-01" in answer.content.decode()
    today = clock.today().isoformat()
    right = {"ethics_no": "2026-A1", "ethics_date": today, "effective_from": today}
    assert admin.post(page, right).status_code == 302
    assert inspector.post(page, right).status_code == 403
    found = report(people)
    html = inspector.get(page).content.decode()
    shown = html.partition("<main")[2].partition("</main>")[0]
    assert late.usubjid.removeprefix("DEFIER-") in shown and "<button" not in shown
    assert "approve it" not in admin.get(page).content.decode()
    assert manager.post(f"{page}approve/", {"report": "no id"}).status_code == 404
    assert manager.post(f"{page}on/").status_code == 302
    assert "has not approved" in manager.get(page).content.decode()
    manager.post(f"{page}approve/", {"report": str(found.pk)})
    manager.post(f"{page}on/")
    assert "Switched on" in manager.get(page).content.decode()
    assert manager.post(page, right).status_code != 500
    for address in ("/amendments/9.9/07/", f"/amendments/{VERSION}/11/", f"/amendments/{VERSION}/99/"):
        assert manager.get(address).status_code == 404
