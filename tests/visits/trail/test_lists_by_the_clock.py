"""Two lists go by the clock, here a simulated one: entries at night, many rows in a second (AUD-14)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from audit import clock
from audit.context import acting
from tests.enrolled import screened
from tests.people import People, build_people
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.trail.history import Wanted
from visits.trail.lists import findings

NOON = datetime(2027, 3, 4, 4, 0, tzinfo=UTC)
"""At the sites, where it is eight hours later."""


@pytest.fixture
def people(own_database: str) -> Iterator[People]:
    clock.simulate(NOON)
    yield build_people()
    clock.forget()


@pytest.mark.urs("AUD-14")
def test_entries_at_night_and_many_rows_in_a_second_are_found(people: People) -> None:
    with acting(by=people.li_na, at=NOON):
        subject = screened(people)
    hours = {21: False, 22: True, 23: True, 5: True, 6: False}
    for number, hour in enumerate(hours, start=1):
        at = NOON + timedelta(days=number, hours=hour - 12)
        with acting(by=people.li_na, at=at):
            entry = PageEntry(subject_id=subject.pk, form="CM", values={"cm_name": f"at {hour}"})
            save_pages([entry], by=people.li_na)
    found = findings("night", by=people.wang_lei, wanted=Wanted())
    assert sorted(one.at.astimezone(clock.ZONE).hour for one in found) == [5, 22, 23]
    assert findings("many_rows", by=people.wang_lei, wanted=Wanted()) == []
    for second, rows in ((0, 9), (1, 10)):
        with acting(by=people.li_na, at=NOON + timedelta(days=9, seconds=second)):
            written = [
                PageEntry(subject_id=subject.pk, form="CM", values={"cm_name": f"drug {second} {row}"})
                for row in range(rows)
            ]
            save_pages(written, by=people.li_na)
    [many] = findings("many_rows", by=people.wang_lei, wanted=Wanted())
    assert (many.count, many.who, many.at) == (10, "Li Na", NOON + timedelta(days=9, seconds=1))
