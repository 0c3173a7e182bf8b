"""A history words each entry by the version of the form that the page had then (AUD-10, AUD-13)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from audit.context import Reason, acting
from sites.models import SiteVersion
from tests.amendment import NEW_LABEL, REWORDED, VERSION, amended
from tests.enrolled import entry_on, treated
from tests.people import FIRST, People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.capture.upgrade import upgrade_page
from visits.crfs.fu import FollowUp
from visits.models import Page
from visits.trail import history


@pytest.fixture
def people(own_database: str) -> Iterator[People]:
    with amended(own_database):
        yield build_people()


@pytest.mark.urs("AUD-10", "AUD-13")
def test_an_entry_is_told_with_the_label_of_its_own_time(people: People) -> None:
    subject = treated(people, 180)
    today = clock.today()
    came: dict[str, Any] = {"contact_mode": "CLIN", "vital_status": "A", "fu_rutherford": "2"}
    first = {**came, "fu_date": today - timedelta(days=90), REWORDED: 200}
    save_pages([PageEntry(subject.pk, "FU", "M3", values=first)], by=people.li_na)
    page = Page.objects.get(subject=subject, form="FU")
    with acting(by=FIRST):
        SiteVersion.objects.create(
            site_id="07",
            version=VERSION,
            ethics_no="2026-A1",
            ethics_date=today,
            effective_from=today,
            recorded_by="x",
            switched_on_at=clock.now(),
            switched_on_by="x",
            report=uuid.uuid4(),
        )
    upgrade_page(page=page, by=people.chen_jing, reason="new questions")
    page.refresh_from_db()
    assert page.form_version == VERSION
    entry = entry_on(page, values={REWORDED: 250})
    save_pages([entry], by=people.li_na, reason=Reason("TYPO"))
    page.refresh_from_db()
    labels = [line.told[0].label for line in history.item_history(page, REWORDED, by=people.zhang_wei)]
    assert labels == [NEW_LABEL, FollowUp.items_at("1.0")[REWORDED].label]
