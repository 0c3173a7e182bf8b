"""Events that are no writes, and the trail read back as people read it (AUD-12, AUD-13)."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit import trail
from audit.context import Reason, acting, record_event
from audit.models import Entry, Head
from tests.audit.probe import SITE, SUBJECT, WANG, Probe, saved

pytestmark = pytest.mark.usefixtures("probe_database")

TYPO = Reason("TYPO")


@pytest.mark.urs("AUD-12")
def test_events_stand_in_the_chain_of_what_they_are_about() -> None:
    heads = dict(Head.objects.values_list("chain", "n"))
    record_event("login", by=WANG, detail={"way": "password", "when": datetime.now(UTC)})
    record_event("download", by=WANG, detail={}, site=SITE)
    record_event("view", by=WANG, detail={"page": uuid.uuid4()}, subject=SUBJECT)
    for kind, chain in (("login", "study"), ("download", f"site:{SITE}"), ("view", f"subject:{SUBJECT}")):
        entry = Entry.objects.get(chain=chain, n=heads.get(chain, 0) + 1)
        assert (entry.op, entry.table_name, entry.actor_name, entry.request_id) == (
            "E",
            kind,
            "Wang Li",
            "req-1",
        )


def test_the_history_of_an_item_is_read_back() -> None:
    row = saved(height=None)
    steps: list[dict[str, Any]] = [
        {"missing": {"height": "ND"}},
        {"missing": {}, "height": Decimal("1.70")},
        {"note": "x"},
        {"height": Decimal("1.75")},
    ]
    for values in steps:
        with acting(by=WANG, reason=TYPO):
            Probe.objects.filter(pk=row.pk).update(**values)
    history = trail.item_history(row.pk, "height", table="crf_probe")
    assert len(history) == 3
    change = history[-1].of("height")
    assert change is not None
    assert (change.old, change.new) == (Decimal("1.70"), Decimal("1.75"))
    assert len(trail.page_history(row.pk)) == 5
    assert {one.item for one in trail.page_history(row.pk)[0].items} == {"note", "missing", "raw"}
    assert trail.subject_history(SUBJECT, after=history[0].n, limit=1)[0].n == history[0].n + 1
