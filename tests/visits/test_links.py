"""Records are linked by identity, both ways: lesion, device, deficiency, event."""

import uuid
from types import SimpleNamespace
from typing import cast

from subjects.models import Subject
from tests.records import page
from visits.dossier import Dossier, PageRecord
from visits.links import links_of, points_at

LESION = page("LES", {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y"}, visit="PROC")
BALLOON = page("DCB", {"dcb_lesion": "L1"}, visit="PROC")
DEFICIENCY = page("DD", {"dd_device": "DCB1"})
EVENT = page("AE", {"ae_term": "Dissection", "ae_dd_ref": str(DEFICIENCY.id)})
AGAIN = page("REV", {"rev_tl_lesion": "L1"})
DRUG = page("CM", {"cm_name": "Clopidogrel", "cm_ae_ref": str(EVENT.id)})
RECORDS = [LESION, BALLOON, DEFICIENCY, EVENT, AGAIN, DRUG]
DOSSIER = Dossier(subject=cast("Subject", SimpleNamespace(pk=uuid.uuid4())), pages=RECORDS)


def named(record: PageRecord) -> list[tuple[str, bool]]:
    return [(link.record.identity, link.points_here) for link in links_of(record, DOSSIER)]


def test_a_lesion_a_device_its_deficiency_and_the_event_are_one_chain() -> None:
    assert named(LESION) == [("DCB1", True), ("REV1", True)]
    assert named(BALLOON) == [("L1", False), ("DD1", True)]
    assert named(DEFICIENCY) == [("DCB1", False), ("AE1", True)]
    assert named(EVENT) == [("DD1", False), ("CM1", True)]


def test_a_link_leads_to_the_record_it_names() -> None:
    (link, _back) = links_of(EVENT, DOSSIER)
    assert link.url.endswith("/LOG/DD/?record=1#go")
    assert link.by.en == "Related device deficiency"


def test_a_removed_record_points_at_nothing() -> None:
    DRUG.removed = True
    try:
        assert not points_at(DRUG, EVENT)
        assert named(EVENT) == [("DD1", False)]
    finally:
        DRUG.removed = False
