"""An amendment from the ethics approval to the first page that follows it, in the browser (EDQ-08)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from audit import clock
from tests import amendment
from tests.amendment import ADDED, RETIRED, VERSION
from tests.browser.hands import PATIENCE, follow, picture
from tests.browser.house import PHONE, WIDE, House, living
from tests.browser.reading import misfits, violations
from tests.enrolled import treated
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages

CAME = {"contact_mode": "CLIN", "vital_status": "A", "fu_rutherford": "2", RETIRED: "NEV"}


@pytest.fixture
def amended_house(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """The whole system, all of whose processes state the amendment."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():  # type: ignore[attr-defined]
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with living(
            tmp_path_factory.mktemp("house"),
            told={"DJANGO_SETTINGS_MODULE": "tests.amended_settings"},
            prepare=amendment.add_column,
        ) as running:
            undo = amendment.apply()
            try:
                yield running
            finally:
                undo()


@pytest.mark.urs("EDQ-08")
def test_from_approval_to_the_first_page_of_the_new_version(amended_house: House) -> None:
    house = amended_house
    people = house.people
    subject = treated(people, 180)
    day = clock.today() - timedelta(days=90)
    save_pages([PageEntry(subject.pk, "FU", "M3", values={**CAME, "fu_date": day})], by=people.li_na)

    nurse = house.sign_in("li_na")
    nurse.goto(f"/subjects/{subject.pk}/M6/FU/")
    expect(nurse.locator(f"[data-item={ADDED}]")).to_have_count(0)

    manager = house.sign_in("chen_jing")
    manager.goto("/amendments/")
    expect(manager.get_by_role("heading", name=f"Version {VERSION}")).to_be_visible()
    expect(manager.get_by_text("new item “Six-minute walk”")).to_be_visible()
    picture(manager, "amendments")
    assert violations(manager) + misfits(manager) == []
    follow(manager.get_by_role("link", name="07 ").first)
    today = clock.today().isoformat()
    manager.get_by_label("Ethics approval number").fill("2026-A1")
    manager.get_by_label("Ethics approval date").fill(today)
    manager.get_by_label("In force from").fill(today)
    manager.get_by_role("button", name="Save").click()
    expect(manager.get_by_text("recorded by Chen Jing")).to_be_visible()
    follow(manager.get_by_role("button", name="Run the impact report"))
    manager.wait_for_url("**/jobs/**")
    expect(manager.get_by_role("link", name="Open")).to_be_visible(timeout=PATIENCE * 1000)
    follow(manager.get_by_role("link", name="Open"))
    expect(manager.get_by_role("heading", name="What it would change")).to_be_visible()
    picture(manager, "amendment")
    assert violations(manager) + misfits(manager) == []
    manager.set_viewport_size(PHONE)
    assert misfits(manager) == []
    picture(manager, "amendment-360")
    manager.set_viewport_size(WIDE)
    follow(manager.get_by_role("button", name="I have read the report and approve it"))
    follow(manager.get_by_role("button", name="Switch on at this site"))
    expect(manager.get_by_text("Switched on: new pages of visits from")).to_be_visible()

    nurse.goto(f"/subjects/{subject.pk}/M6/FU/")
    expect(nurse.locator(f"[data-item={ADDED}]")).to_have_count(1)
    expect(nurse.locator(f"[data-item={RETIRED}]")).to_have_count(0)
    nurse.goto(f"/subjects/{subject.pk}/M3/FU/")
    expect(nurse.locator(f"[data-item={RETIRED}]")).to_have_count(1)
    expect(nurse.locator("#version")).to_contain_text("Entered by version 1.0")

    manager.goto(f"/subjects/{subject.pk}/M3/FU/")
    follow(manager.get_by_role("link", name=f"Bring to version {VERSION}…"))
    expect(manager.get_by_text("Six-minute walk")).to_be_visible()
    picture(manager, "upgrade")
    assert violations(manager) + misfits(manager) == []
    manager.get_by_label("Why").fill("as the amendment asks")
    manager.get_by_role("button", name="Bring the page to this version").click()
    expect(manager.get_by_text("The page follows version 1.1 now.")).to_be_visible()
    nurse.reload()
    expect(nurse.locator(f"[data-item={ADDED}]")).to_have_count(1)
    assert house.complaints == []
