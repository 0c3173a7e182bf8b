"""A site works by a version only once its own ethics committee approved it; consent is asked for anew."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from audit import clock
from audit.context import acting
from audit.models import Entry
from protocol import version as protocol
from sites import upkeep, versions
from sites.models import ConsentVersion
from sites.versions import InForce, SiteVersion, record_approval, version_on
from tests.amendment import AMENDMENT, VERSION
from tests.enrolled import screened, treated
from tests.people import People, build_people
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page, Query
from visits.reconsent import asked_of, reconsents_due, without_consent_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setattr(protocol, "AMENDMENTS", (AMENDMENT,))
    return build_people()


def approve(people: People, site: str = "07", **other: object) -> SiteVersion:
    today = clock.today()
    facts = {"ethics_no": "2026-A1", "ethics_date": today, "effective_from": today, "version": VERSION}
    return record_approval(site=site, by=people.zhao_min, **(facts | other))  # type: ignore[arg-type]


@pytest.mark.urs("EDQ-08")
def test_an_approval_has_number_and_dates_in_order(people: People) -> None:
    today = clock.today()
    for wrong in (
        {"version": "9.9"},
        {"version": "1.0"},
        {"ethics_no": " "},
        {"ethics_date": today + timedelta(days=1), "effective_from": today + timedelta(days=1)},
        {"effective_from": today - timedelta(days=1)},
    ):
        with pytest.raises(ValidationError):
            approve(people, **wrong)
    assert not SiteVersion.objects.exists()
    with pytest.raises(PermissionDenied):
        record_approval(
            site="07",
            version=VERSION,
            ethics_no="1",
            ethics_date=today,
            effective_from=today,
            by=people.li_na,
        )


def test_an_approval_can_be_corrected_until_the_version_is_on(people: People) -> None:
    first = approve(people)
    again = approve(people, ethics_no="2026-A2")
    assert (again.pk, again.ethics_no) == (first.pk, "2026-A2")
    said = Entry.objects.filter(table_name="sites_siteversion", chain="site:07").order_by("n")
    assert [(one.op, one.actor_name) for one in said] == [("I", "Zhao Min"), ("U", "Zhao Min")]
    with acting(by=people.chen_jing):
        versions.put_in_force(again, report=first.pk, by=people.chen_jing)
    with pytest.raises(ValidationError):
        approve(people, ethics_no="2026-A3")


def test_the_database_wants_a_report_before_a_version_is_on(people: People) -> None:
    made = approve(people)
    with pytest.raises(IntegrityError), acting(by=people.chen_jing):
        SiteVersion.objects.filter(pk=made.pk).update(switched_on_at=clock.now())


@pytest.mark.urs("EDQ-08")
def test_what_is_in_force_depends_on_site_and_day(people: People) -> None:
    today = clock.today()
    made = approve(people)
    approve(people, "02")
    assert versions.all_in_force() == {}
    with acting(by=people.chen_jing):
        versions.put_in_force(made, report=made.pk, by=people.chen_jing)
    known = versions.all_in_force()
    assert known == {"07": (InForce(VERSION, today),)}
    assert version_on(known["07"], today - timedelta(days=1)) == protocol.FIRST
    assert version_on(known["07"], today) == VERSION
    assert version_on(known.get("02", ()), today) == protocol.FIRST


def new_consent(people: People, days_ago: int, version: str = "3.0") -> ConsentVersion:
    day = clock.today() - timedelta(days=days_ago)
    return upkeep.add_consent_version(
        site=people.sites["07"],
        version=version,
        approved_from=day,
        reconsent_from=day,
        by=people.chen_jing,
    )


def consents_again(people: People, subject: object, given: str = "Y", version: str = "3.0") -> None:
    values = {
        "reconsent_date": clock.today(),
        "reconsent_version": version,
        "reconsent_given": given,
    }
    save_pages([PageEntry(subject.pk, "ICRE", "M1", values=values)], by=people.li_na)  # type: ignore[attr-defined]


def test_who_signed_an_older_version_and_is_still_here_owes_a_new_consent(
    people: People, django_assert_num_queries: object
) -> None:
    here, other, left = treated(people, 30), screened(people, "02"), treated(people, 30)
    values = {"exit_reason": "WD", "exit_date": clock.today() - timedelta(days=1)}
    save_pages([PageEntry(left.pk, "EXIT", "EOS", values=values)], by=people.li_na)
    assert reconsents_due(by=people.wang_lei) == []
    new_consent(people, 5)
    screened(people, consent_version="3.0")
    with django_assert_num_queries(1):  # type: ignore[operator]
        due = reconsents_due(by=people.li_na)
    assert [(one.subject_id, one.version, one.days) for one in due] == [(here.pk, "3.0", 5)]
    assert [one.subject_id for one in reconsents_due(by=people.wang_lei)] == [here.pk]
    assert reconsents_due(by=people.ma_lin) == []
    assert other.site_id == "02"
    for signed, left_over in (("2.0", 1), ("3.0", 0)):
        consents_again(people, here, version=signed)
        assert len(reconsents_due(by=people.li_na)) == left_over


def test_a_version_that_is_not_due_yet_is_asked_of_nobody(people: People) -> None:
    treated(people, 30)
    version = new_consent(people, 5)
    upkeep.ask_reconsent(
        consent_version=version, since=clock.today() + timedelta(days=1), by=people.chen_jing
    )
    assert reconsents_due(by=people.li_na) == []
    with pytest.raises(ValidationError):
        upkeep.ask_reconsent(
            consent_version=version, since=version.approved_from - timedelta(days=1), by=people.chen_jing
        )


def test_pages_warn_and_a_visit_without_it_can_be_saved_and_is_asked_about(people: People) -> None:
    subject = treated(people, 30)
    li_na = people.client("li_na")
    page = f"/subjects/{subject.pk}/M1/FU/"
    assert 'id="reconsent"' not in li_na.get(page).content.decode()
    new_consent(people, 5)
    for address in (page, f"/subjects/{subject.pk}/"):
        html = li_na.get(address).content.decode()
        assert 'id="reconsent"' in html, address
        assert f"/subjects/{subject.pk}/M1/ICRE/" in html or address != page
    assert "Re-consent due" in li_na.get("/").content.decode()
    values = {"contact_mode": "CLIN", "fu_date": clock.today(), "vital_status": "A"}
    save_pages([PageEntry(subject.pk, "FU", "M1", values=values)], by=people.li_na)
    asked = Query.objects.get(check_id="ICRE-DUE")
    assert (asked.page.form, asked.items[0]) == ("FU", "fu_date")
    dossier = dossiers.load(subject)
    earlier = [clock.today() - timedelta(days=6)]
    assert without_consent_on(dossier, earlier, asked_of(dossier.subject)) == set()
    consents_again(people, subject)
    asked.refresh_from_db()
    assert (asked.state, asked.close_reason) == ("CLOSED", "auto")
    assert 'id="reconsent"' not in li_na.get(page).content.decode()
    assert Page.objects.filter(subject=subject, form="ICRE").exists()
