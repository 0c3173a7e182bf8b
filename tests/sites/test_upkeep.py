"""Keeping sites, products, consent versions and the study: services and pages."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Entry
from sites import upkeep
from sites.models import DeviceProduct, Site, Study
from tests.people import FIRST, OPEN, People, build_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return build_people()


@pytest.fixture
def lead(people: People) -> Site:
    """Site 01 as the record leaves it: planned, with an approval number older than the study."""
    return upkeep.add_site(
        by=FIRST,
        code="01",
        name_en="Affiliated Hospital",
        name_zh="附属医院",
        city_en="Chengdu",
        city_zh="成都",
        ethics_no="2020KL-078",
    )


def test_the_lead_site_is_active_only_after_a_monitor_confirmed_its_approval(
    people: People, lead: Site
) -> None:
    def activate() -> Site:
        return upkeep.change_site(
            site=lead, by=people.chen_jing, status=Site.Status.ACTIVE, activation_date=OPEN
        )

    with pytest.raises(ValidationError) as refused:
        activate()
    assert "status" in refused.value.error_dict
    with pytest.raises(ValidationError):
        upkeep.confirm_ethics(site=lead, by=people.wang_lei)
    upkeep.change_site(site=lead, by=people.chen_jing, ethics_date=OPEN, ethics_document=True)
    for who in ("chen_jing", "zhao_min", "li_na", "guo_tao"):
        with pytest.raises(PermissionDenied):
            upkeep.confirm_ethics(site=lead, by=people.actors[who])
    with pytest.raises(PermissionDenied):
        upkeep.change_site(site=lead, by=people.chen_jing, ethics_covers_study=True)
    upkeep.confirm_ethics(site=lead, by=people.wang_lei)
    assert activate().status == Site.Status.ACTIVE


def test_another_approval_number_is_to_be_confirmed_anew(people: People, lead: Site) -> None:
    upkeep.change_site(site=lead, by=people.chen_jing, ethics_date=OPEN, ethics_document=True)
    upkeep.confirm_ethics(site=lead, by=people.wang_lei)
    changed = upkeep.change_site(site=lead, by=people.chen_jing, ethics_no="2026KL-001")
    assert not changed.ethics_covers_study


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        ({"status": "NONSENSE"}, "status"),
        ({"status": "ACTIVE", "activation_date": None}, "activation_date"),
        ({"activation_date": OPEN, "close_date": OPEN - timedelta(days=1)}, "close_date"),
    ],
)
def test_a_site_that_contradicts_itself_is_refused(people: People, facts: dict[str, object], at: str) -> None:
    with pytest.raises(ValidationError) as refused:
        upkeep.change_site(site=people.sites["07"], by=people.chen_jing, **facts)
    assert at in refused.value.error_dict


@pytest.mark.parametrize("code", ["7", "007", "A1", "٠٧", ""])
def test_a_site_has_a_number_of_two_digits(people: People, code: str) -> None:
    with pytest.raises(ValidationError):
        upkeep.add_site(by=FIRST, code=code, name_en="X", name_zh="X", city_en="X", city_zh="X")


@pytest.mark.urs("AUD-01")
def test_a_change_of_a_site_stands_in_its_own_chain(people: People) -> None:
    upkeep.change_site(site=people.sites["07"], by=people.chen_jing, close_date=date(2031, 1, 1))
    entry = Entry.objects.filter(table_name="sites_site", op="U").get()
    assert (entry.chain, entry.actor_role, entry.new) == (
        "site:07",
        "DATA_MANAGER",
        {"close_date": "2031-01-01"},
    )


def test_a_version_of_the_consent_form_has_a_first_and_a_last_day(people: People) -> None:
    made = upkeep.add_consent_version(
        site=people.sites["07"], version=" V1.0 ", approved_from=OPEN, by=people.chen_jing
    )
    assert made.version == "V1.0"
    with pytest.raises(ValidationError):
        upkeep.add_consent_version(
            site=people.sites["07"], version="V1.0", approved_from=OPEN, by=people.chen_jing
        )
    with pytest.raises(ValidationError):
        upkeep.end_consent_version(consent_version=made, on=OPEN - timedelta(days=1), by=people.chen_jing)
    ended = upkeep.end_consent_version(consent_version=made, on=OPEN + timedelta(days=9), by=people.chen_jing)
    assert ended.approved_to == OPEN + timedelta(days=9)


def test_the_study_refuses_a_configuration_that_the_endpoints_cannot_read(people: People) -> None:
    upkeep.configure_study(by=people.chen_jing, facts={"config": {"psvr_threshold": "2.40"}})
    with pytest.raises(ValidationError):
        upkeep.configure_study(by=people.chen_jing, facts={"config": {"psvr_threshold": "high"}})
    assert Study.objects.get().config == {"psvr_threshold": "2.40"}


def test_the_pages_keep_what_is_posted(people: People) -> None:
    client = people.client("chen_jing")
    product = {
        "code": "RANGER",
        "brand": "Ranger",
        "manufacturer": "Boston Scientific",
        "kind": "DCB",
        "drug": "PACLITAXEL",
        "density_ug_mm2": "2.0",
        "site_codes": ["07"],
        "active_from": "2026-01-01",
    }
    assert client.post("/devices/", product).status_code == 302
    made = DeviceProduct.objects.get(code="RANGER")
    assert (made.density_ug_mm2, made.site_codes) == (Decimal("2.000"), ["07"])
    changed = {**product, "brand": "Ranger II", "active_to": "2027-12-31"}
    assert client.post("/devices/RANGER/", changed).status_code == 302
    assert DeviceProduct.objects.get(code="RANGER").brand == "Ranger II"
    version = {"site": "07", "version": "V2.0", "approved_from": "2026年3月1日"}
    assert client.post("/consents/", version).status_code == 302
    consent = people.sites["07"].consent_versions.get(version=version["version"])
    assert consent.approved_from == date(2026, 3, 1)
    assert client.post(f"/consents/{consent.pk}/", {"on": "2026-12-31"}).status_code == 302
    site = {"status": "SUSPENDED", "ethics_no": "2025-07", "ethics_date": "2025-01-01"}
    assert client.post("/sites/07/", site).status_code == 302
    assert Site.objects.get(code="07").status == "SUSPENDED"


def test_the_study_page_keeps_facts_and_numbers(people: People) -> None:
    client = people.client("chen_jing")
    posted = {
        "brief_title": "Defier",
        "title_zh": "研究",
        "target_n": "578",
        "planned_start": "2026-01-01",
        "planned_completion": "2028-01-01",
        "psvr_threshold": "2.50",
        "tlr_margin_mm": "30",
        "abi_drop_abs": "0.15",
        "abi_drop_rel": "0.20",
        "ctcae_version": "5.0",
    }
    assert client.post("/study/", posted).status_code == 302
    config = Study.objects.get().config
    assert (config["psvr_threshold"], config["tlr_margin_mm"]) == ("2.50", 30)
    assert client.get("/study/").status_code == 200


@pytest.mark.urs("EDQ-02", "EDQ-03")
@pytest.mark.parametrize(
    ("item", "typed"),
    [
        ("density_ug_mm2", "1_0"),
        ("density_ug_mm2", "1e3"),
        ("density_ug_mm2", "٣"),
        ("density_ug_mm2", "-1"),
        ("density_ug_mm2", "12.3456"),
        ("active_from", "03/04/2025"),
        ("active_from", "2025-02-30"),
        ("brand", "a\x00b"),
        ("kind", "XXX"),
        ("drug", "WATER"),
        ("site_codes", "99"),
        ("code", "x" * 21),
        ("manufacturer", ""),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field_and_kept_on_the_page(
    people: People, item: str, typed: str
) -> None:
    client = people.client("chen_jing")
    product = {"code": "RANGER", "brand": "Ranger", "manufacturer": "B", "kind": "DCB", "drug": "PACLITAXEL"}
    answer = client.post("/devices/", {**product, item: typed})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert item in form.errors
    assert not DeviceProduct.objects.filter(manufacturer__in=("B", "")).exists()


@pytest.mark.urs("EDQ-02")
def test_bytes_that_are_no_text_are_refused(people: People) -> None:
    answer = people.client("chen_jing").post(
        "/devices/", "code=R&brand=%ED%A0%BD", content_type="application/x-www-form-urlencoded"
    )
    assert "brand" in answer.context["form"].errors


def test_the_account_pages_make_an_account_give_and_end_a_role(people: People) -> None:
    client = people.client("zhao_min")
    person = {
        "username": "wu.xia",
        "full_name": "Wu Xia",
        "full_name_zh": "吴霞",
        "language": "zh-hans",
        "password": "first-password-of-wu",
    }
    made = client.post("/accounts/", person)
    assert made.status_code == 302
    address = made["Location"]
    assert client.post("/accounts/", person).status_code == 422
    role = {"role": "COORDINATOR", "site": "07", "from_date": "2026-01-01"}
    assert client.post(f"{address}roles/", {**role, "site": ""}).status_code == 422
    assert client.post(f"{address}roles/", role).status_code == 302
    page = client.get(address)
    held = page.context["held"][0]
    assert page.context["person"].must_change_password
    assert client.post(f"{address}roles/{held.pk}/end/").status_code == 302
    training = {"kind": "GCP", "on_date": "2026-01-01", "valid_to": "2025-01-01"}
    assert client.post(f"{address}trainings/", training).status_code == 422
    assert client.post(f"{address}trainings/", {**training, "valid_to": ""}).status_code == 302
    assert client.post(f"{address}password/", {"password": "short"}).status_code == 422
    assert client.post(f"{address}password/", {"password": "second-password-of-wu"}).status_code == 302
    changed = {"full_name": "Wu Xia", "full_name_zh": "吴霞", "email": "", "language": "en"}
    assert client.post(address, changed).status_code == 302
    assert not page.context["person"].__class__.objects.get(username="wu.xia").is_active


@pytest.mark.urs("ACL-10")
def test_what_a_form_does_not_ask_is_not_taken(people: People) -> None:
    client = people.client("chen_jing")
    posted = {
        "status": "ACTIVE",
        "ethics_no": "1",
        "ethics_date": "2025-01-01",
        "activation_date": "2025-01-01",
    }
    client.post("/sites/07/", {**posted, "ethics_covers_study": "on", "role": "STATISTICS", "code": "99"})
    site = Site.objects.get(code="07")
    assert (site.ethics_covers_study, site.role) == (False, "CLINICAL")
    assert not Site.objects.filter(code="99").exists()


def test_a_monitor_confirms_an_approval_on_the_page_of_the_site(people: People) -> None:
    client = people.client("wang_lei")
    assert client.post("/sites/07/ethics/").status_code == 302
    assert not Site.objects.get(code="07").ethics_covers_study
    upkeep.change_site(site=people.sites["07"], by=people.chen_jing, ethics_document=True)
    assert "/sites/07/ethics/" in client.get("/sites/07/").content.decode()
    client.post("/sites/07/ethics/")
    assert Site.objects.get(code="07").ethics_covers_study


def test_the_delegation_log_of_a_site_is_kept_on_its_page(people: People) -> None:
    client = people.client("chen_jing")
    zhang = people.users["zhang_wei"]
    line = {"user": str(zhang.pk), "role": "PI", "tasks": ["CONSENT", "SIGNATURE"], "from_date": "2026-01-01"}
    assert client.post("/sites/07/delegations/", {**line, "to_date": "2025-01-01"}).status_code == 422
    assert client.post("/sites/02/delegations/", line).status_code == 422
    assert client.post("/sites/07/delegations/", line).status_code == 302
    made = people.sites["07"].delegations.get(from_date="2026-01-01")
    assert made.tasks == ["CONSENT", "SIGNATURE"]
    assert "Principal investigator: obtain consent, sign" in client.get("/sites/07/").content.decode()
    assert client.post(f"/sites/02/delegations/{made.pk}/end/").status_code == 404
    assert client.post(f"/sites/07/delegations/{made.pk}/end/").status_code == 302
    made.refresh_from_db()
    assert made.to_date is not None
