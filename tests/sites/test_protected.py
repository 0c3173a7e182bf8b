"""Names that nobody offers change nothing and are recorded; limits of how often; no back door."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings as standing
from django.test import Client

from audit.models import Entry
from sites import rates
from sites.models import Membership, User
from sites.protected import PROTECTED
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People, build_people
from visits.models import Page

HOUSE = Path(__file__).resolve().parent.parent.parent
EVIL = {
    "site": "02",
    "subject": "x",
    "status": "ACTIVE",
    "signed_by": "me",
    "is_locked": "1",
    "role": "ADMINISTRATOR",
    "is_active": "0",
}


@pytest.fixture
def people(db: None) -> People:
    return build_people()


@pytest.fixture
def within_a_minute() -> Iterator[None]:
    """Counts begin anew with each minute of the clock; no test of them may fall upon that."""
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False):
        yield


@pytest.mark.urs("ACL-10")
def test_protected_names_on_a_page_change_nothing_and_are_recorded(people: People) -> None:
    subject = screened(people)
    client = people.client("li_na")
    answer = client.post(
        f"/subjects/{subject.pk}/SCR/DM/",
        {"p-sex": "F", "p-revision": "0", "p-birth_ym__y": "1950", "p-age": "76", **EVIL},
    )
    assert answer.status_code in (302, 422)
    noted = Entry.objects.get(table_name="protected_names")
    assert noted.new == {"address": "page", "names": sorted(EVIL)}
    assert noted.actor_id == people.li_na.user_id
    assert set(Page.objects.filter(subject=subject).values_list("site_id", flat=True)) == {"07"}
    after = Subject.objects.get(pk=subject.pk)
    assert (after.site_id, after.usubjid) == ("07", subject.usubjid)


@pytest.mark.urs("ACL-10")
def test_nobody_makes_themselves_an_administrator(people: People) -> None:
    client = people.client("li_na")
    client.post("/profile/", {"language": "en", "single_keys": "on", **EVIL, "is_superuser": "1"})
    user = User.objects.get(username="li_na")
    assert user.is_active
    assert list(Membership.objects.filter(user=user).values_list("role", "site_id")) == [
        ("COORDINATOR", "07")
    ]
    [noted] = Entry.objects.filter(table_name="protected_names")
    assert "is_superuser" in noted.new["names"]


@pytest.mark.urs("ACL-10")
def test_a_form_that_offers_a_name_sends_it_without_notice(people: People) -> None:
    admin = people.client("zhao_min")
    line = {"role": "MONITOR", "site": "", "from_date": "2026-01-01", "to_date": ""}
    assert admin.post(f"/accounts/{people.users['xu_fang'].pk}/roles/", line).status_code in (302, 422)
    assert not Entry.objects.filter(table_name="protected_names").exists()


@pytest.mark.urs("ACL-10")
def test_no_form_takes_all_columns_of_a_model() -> None:
    folders = ("sites", "subjects", "visits", "outcomes", "defier", "audit")
    sources = [path for folder in folders for path in (HOUSE / folder).rglob("*.py")]
    assert not [
        path.name for path in sources if re.search(r"__all__\"|exclude = \(", path.read_text("utf-8"))
    ]
    assert {"site", "status", "signed_by", "is_locked", "subject"} <= PROTECTED


@pytest.mark.urs("SEC-12")
@pytest.mark.usefixtures("within_a_minute")
def test_one_search_too_many_is_refused_and_recorded_once(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MOST, "search", 3)
    client = people.client("li_na")
    got = [client.get("/find/?q=12").status_code for _ in range(5)]
    assert 429 not in got[:3]
    assert got[3:] == [429, 429]
    assert client.get("/find/?q=12")["Retry-After"] == "60"
    assert Entry.objects.filter(table_name="rate_limited").count() == 1
    assert people.client("wang_lei").get("/find/?q=12").status_code != 429


@pytest.mark.urs("SEC-12")
@pytest.mark.usefixtures("within_a_minute")
def test_sign_ins_from_one_address_are_limited_and_an_answer_to_a_script_is_json(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rates.MOST, "login", 2)
    got = [
        Client().post("/login/", {"login": f"nobody{number}", "password": "x"}).status_code
        for number in range(3)
    ]
    assert got == [200, 200, 429]
    elsewhere = Client(REMOTE_ADDR="10.9.8.7")
    assert elsewhere.post("/login/", {"login": "x", "password": "x"}).status_code == 200
    said = Client().post("/login/", {"login": "x", "password": "x"}, HTTP_X_REQUESTED_WITH="fetch")
    assert (said.status_code, said["Content-Type"]) == (429, "application/json")


@pytest.mark.urs("ACL-08", "ACC-11")
@pytest.mark.django_db
def test_there_is_no_admin_no_impersonation_and_no_account_of_a_fresh_installation() -> None:
    assert Client().get("/admin/").status_code == 404
    installed = " ".join(standing.INSTALLED_APPS)
    assert not any(name in installed for name in ("django.contrib.admin", "hijack", "loginas", "impersonate"))
    assert not hasattr(User, "is_superuser")
    assert not User.objects.exists()
