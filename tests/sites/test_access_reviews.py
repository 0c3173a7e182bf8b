"""The quarterly review of access, accounts that nobody uses, and who had access when (ACC-09)."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from audit import clock
from audit.context import acting
from audit.models import Entry
from sites import access_reviews, accounts
from sites.models import User
from sites.review_records import AccessReview
from tests.people import FIRST, OPEN, PASSWORD, People, build_people, give_password

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    made = build_people()
    for name in ("zhao_min", "chen_jing"):
        give_password(made.users[name])
    access_reviews.make_reviews(by=FIRST)
    return made


def at_07() -> AccessReview:
    return AccessReview.objects.get(site_id="07")


@pytest.mark.urs("ACC-09")
def test_a_quarter_has_one_review_of_each_site_and_one_of_the_study(people: People) -> None:
    assert access_reviews.make_reviews(by=FIRST) == 0
    assert sorted(str(one.site_id) for one in AccessReview.objects.all()) == ["02", "07", "None"]
    assert {role.membership.user.username for role in at_07().roles.all()} == {"li_na", "zhang_wei"}
    with time_machine.travel(clock.now() + timedelta(days=93)):
        assert access_reviews.make_reviews(by=FIRST) == 3


@pytest.mark.urs("ACC-09")
def test_every_role_is_confirmed_or_ended_by_name_under_the_password(people: People) -> None:
    review, admin = at_07(), people.client("zhao_min")
    address = f"/access/{review.pk}/"
    kept, ended = (
        review.roles.get(membership__user__username="li_na"),
        review.roles.exclude(membership__user__username="li_na").get(),
    )
    decisions = {f"role-{kept.pk}": "KEEP", f"role-{ended.pk}": "END"}
    assert admin.post(address, {**decisions, "password": "wrong"}).status_code == 422
    assert admin.post(address, {"password": PASSWORD}).status_code == 422
    assert admin.post(address, {**decisions, "password": PASSWORD}).status_code == 302
    review.refresh_from_db()
    kept.refresh_from_db()
    ended.membership.refresh_from_db()
    assert review.closed_at is not None
    assert (kept.decision, kept.decided_by_id) == ("KEEP", people.users["zhao_min"].pk)
    assert ended.membership.to_date == clock.today()
    assert "Zhao Min" in admin.get(address).content.decode()


@pytest.mark.urs("ACC-09", "ACL-07")
def test_nobody_reviews_their_own_role_and_only_an_administrator_ends_one(people: People) -> None:
    review = AccessReview.objects.get(site=None)
    own = review.roles.get(membership__user__username="zhao_min")
    other = review.roles.get(membership__user__username="wang_lei")
    admin, manager = people.client("zhao_min"), people.client("chen_jing")
    address = f"/access/{review.pk}/"
    assert admin.post(address, {f"role-{own.pk}": "KEEP", "password": PASSWORD}).status_code == 422
    assert manager.post(address, {f"role-{other.pk}": "END", "password": PASSWORD}).status_code == 422
    assert manager.post(address, {f"role-{own.pk}": "KEEP", "password": PASSWORD}).status_code == 302


@pytest.mark.urs("ACC-09")
def test_what_is_overdue_stands_on_the_administrators_home_and_is_mailed(people: People) -> None:
    assert "Access reviews overdue" not in people.client("zhao_min").get("/").content.decode()
    accounts.change_user(user=people.users["zhao_min"], email="zhao@example.org", by=FIRST)
    with time_machine.travel(clock.now() + timedelta(days=15)):
        page = people.client("zhao_min").get("/").content.decode()
        access_reviews.day(by=FIRST)
    assert "Access reviews overdue" in page
    assert [one.to for one in mail.outbox] == [["zhao@example.org"]]


@pytest.mark.urs("ACC-09")
def test_an_account_that_nobody_uses_is_shut_but_never_the_last_administrators(
    people: People, settings: Any
) -> None:
    settings.DORMANT_DAYS = 90
    for name in ("li_na", "wang_lei"):
        give_password(people.users[name])
    with time_machine.travel(clock.now() + timedelta(days=60)):
        client = people.client("wang_lei")
        client.post("/logout/")
        client.post("/login/", {"login": "wang_lei", "password": PASSWORD})
    with time_machine.travel(clock.now() + timedelta(days=91)), acting(by=FIRST):
        Entry.objects.count()
        access_reviews.suspend_dormant(by=FIRST)
    shut = set(User.objects.filter(is_active=False).values_list("username", flat=True))
    assert "li_na" in shut
    assert "zhao_min" not in shut
    settings.DORMANT_DAYS = 0
    assert access_reviews.suspend_dormant(by=FIRST) == 0


@pytest.mark.urs("ACC-09")
def test_who_had_which_role_on_a_day_can_be_taken_away(people: People) -> None:
    held = people.users["wang_lei"].memberships.get()
    accounts.end_membership(membership=held, on=OPEN, by=people.zhao_min)
    admin = people.client("zhao_min")
    for on, expected in ((OPEN.isoformat(), True), (clock.today().isoformat(), False), ("", True)):
        text = admin.get(f"/access/history.csv?on={on}").content.decode()
        names = {line["user name"] for line in csv.DictReader(io.StringIO(text))}
        assert ("wang_lei" in names) is expected, on
        assert {line["account open"] for line in csv.DictReader(io.StringIO(text))} == {"yes"}
    assert admin.get("/access/history.csv?on=2026-13-40").status_code == 422
    assert admin.get("/access/history.csv?on=soon").status_code == 422
    assert Entry.objects.filter(table_name="access_history").count() == 3


@pytest.mark.urs("ACC-09")
def test_a_spreadsheet_takes_no_name_for_a_formula_and_what_is_empty_stays_empty(people: People) -> None:
    """Whoever compares the file with the trail finds each line as it is, and no line computes anything."""
    accounts.change_user(user=people.users["wang_lei"], by=people.zhao_min, full_name='=HYPERLINK("x")')
    lines = {
        line["user name"]: line
        for line in csv.DictReader(io.StringIO(access_reviews.history(by=people.zhao_min)))
    }
    assert lines["wang_lei"]["name"] == '\'=HYPERLINK("x")'
    assert (lines["wang_lei"]["site"], lines["wang_lei"]["until"]) == ("", "")
    assert lines["li_na"]["site"] == "07"
