"""Each list of the trail finds the one case that was seeded for it, and nothing else (AUD-14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.context import Reason, acting
from subjects.models import Subject
from tests.enrolled import entry_on, screened
from tests.people import PASSWORD, People, give_password
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Lock, Page
from visits.review.sdv.records import Verification
from visits.trail.history import Wanted
from visits.trail.lists import WORDS, Finding, digest_of, findings
from visits.trail.records import TrailReview

pytestmark = [pytest.mark.django_db, pytest.mark.urs("AUD-14")]
TYPO = Reason("TYPO")


def entered(subject: Subject, people: People, **values: Any) -> Page:
    save_pages([PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values=values)], by=people.li_na)
    return Page.objects.get(subject=subject, form="DM")


def changed(page: Page, people: People, **values: Any) -> None:
    page.refresh_from_db()
    entry = entry_on(page, values=values)
    save_pages([entry], by=people.li_na, reason=TYPO)


def listed(name: str, people: People, **narrowed: Any) -> list[Finding]:
    site, subject = narrowed.pop("site", ""), narrowed.pop("subject", "")
    return findings(name, by=people.wang_lei, wanted=Wanted(**narrowed), site=site, subject=subject)


def keys(found: list[Finding]) -> list[tuple[Any, str]]:
    return [(one.page_id, one.item) for one in found]


def test_a_change_after_verification_costs_only_that_item(people: People) -> None:
    page = entered(screened(people), people, age=70, height_cm=170)
    other = entered(screened(people), people, age=50)
    with acting(by=people.wang_lei):
        Verification.objects.create(
            site_id=page.site_id,
            subject_id=page.subject_id,
            page=page,
            item="age",
            value=70,
            revision=1,
            by_id=people.wang_lei.user_id or "",
            by_name=people.wang_lei.name,
        )
    changed(page, people, height_cm=171)
    assert listed("after_review", people) == []
    changed(page, people, age=71)
    changed(other, people, age=51)
    assert keys(listed("after_review", people)) == [(page.pk, "age")]


def test_an_item_changed_more_than_three_times(people: People) -> None:
    page = entered(screened(people), people, age=70, height_cm=170)
    for age in (71, 72, 73):
        changed(page, people, age=age)
    changed(page, people, height_cm=171)
    assert listed("many_changes", people) == []
    changed(page, people, age=74)
    [found] = listed("many_changes", people)
    assert (found.page_id, found.item, found.count, found.who) == (page.pk, "age", 4, "Li Na")


def test_a_change_in_the_week_before_a_lock(people: People) -> None:
    page = entered(screened(people), people, age=70)
    changed(page, people, age=71)
    other = entered(screened(people), people, age=50)
    changed(other, people, age=51)
    early = entered(screened(people), people, age=60)
    changed(early, people, age=61)
    for locked, when in ((page, timedelta(days=6)), (early, timedelta(days=8))):
        with acting(by=people.chen_jing):
            Lock.objects.create(
                level=Lock.Level.PAGE,
                site_id=locked.site_id,
                subject_id=locked.subject_id,
                page=locked,
                reason="seeded",
                by_name="Chen Jing",
                created_at=clock.now() + when,
            )
    assert keys(listed("before_lock", people)) == [(page.pk, "age")]


def test_filters_narrow_each_list(people: People) -> None:
    here, there = screened(people), screened(people, "02")
    for subject, name in ((here, "li_na"), (there, "ma_lin")):
        by = people.actors[name]
        save_pages([PageEntry(subject_id=subject.pk, form="DM", visit="SCR", values={"age": 70})], by=by)
        page = Page.objects.get(subject=subject, form="DM")
        for age in (71, 72, 73, 74):
            page.refresh_from_db()
            entry = entry_on(page, values={"age": age})
            save_pages([entry], by=by, reason=TYPO)
    both = listed("many_changes", people)
    assert {one.usubjid for one in both} == {here.usubjid, there.usubjid}
    narrowed = [
        *({"site": "02"}, {"subject": there.usubjid}, {"user": "ma lin"}),
    ]
    for given in narrowed:
        assert [one.usubjid for one in listed("many_changes", people, **given)] == [there.usubjid], given
    today = clock.today()
    for nothing in (
        {"item": "height_cm"},
        {"form": "IC"},
        {"since": today + timedelta(days=1)},
        {"until": today - timedelta(days=1)},
    ):
        assert listed("many_changes", people, **nothing) == [], nothing
    assert len(listed("many_changes", people, item="age", since=today, until=today)) == 2


def test_a_review_is_recorded_by_name_and_cannot_be_changed(people: People) -> None:
    page = entered(screened(people), people, age=70)
    for age in (71, 72, 73, 74):
        changed(page, people, age=age)
    give_password(people.users["wang_lei"])
    client = people.client("wang_lei")
    address = reverse("trail-list", args=["many_changes"])
    assert client.get(address).status_code == 200
    sent = {"remark": "asked the site", "seen": digest_of(listed("many_changes", people))}
    assert client.post(address, sent).status_code == 403
    refused = client.post(address, {**sent, "password": "not-the-password"})
    assert refused.status_code == 403 and "asked the site" in refused.content.decode()
    moved = client.post(address, {**sent, "seen": digest_of([]), "password": PASSWORD})
    assert moved.status_code == 409 and not TrailReview.objects.exists()
    assert client.post(address, {**sent, "password": PASSWORD}).status_code == 302
    [review] = TrailReview.objects.all()
    assert (review.list, review.by_name, review.found, review.remark) == (
        "many_changes",
        "Wang Lei",
        1,
        "asked the site",
    )
    assert (review.digest, review.method) == (digest_of(listed("many_changes", people)), "PASSWORD")
    shown = client.get(address).content.decode()
    assert "Wang Lei" in shown and "asked the site" in shown
    assert people.client("guo_tao").post(address, {}).status_code == 403
    assert people.client("li_na").get(address).status_code == 403


@pytest.mark.parametrize("name", WORDS)
def test_every_list_is_drawn_in_both_languages(people: People, name: str) -> None:
    client = people.client("wang_lei")
    assert WORDS[name][0].en in client.get(reverse("trail-list", args=[name])).content.decode()
