"""The leg and the course: what lies where, what is only nearly known, nothing runs off the drawing."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pytest

from defier.drawing import course
from defier.drawing.course import Taken
from defier.drawing.happenings import antiplatelet, happenings, readings
from subjects.models import Subject
from tests.records import page
from visits.dossier import Dossier, PageRecord
from visits.drawing import leg
from visits.drawing.placing import Span, Zone, place

DAY_0 = date(2026, 3, 1)
LESION = {"lesion_no": "L1", "les_reader": "SITE", "is_target": "Y", "les_segment": ["SFAM"]}


def dossier(*pages: PageRecord) -> Dossier:
    around = [
        page("LH", {"target_limb": "R"}, visit="SCR"),
        page("PR", {"proc_date": DAY_0, "study_dev_introduced": "Y"}, visit="PROC"),
    ]
    return Dossier(subject=cast("Subject", SimpleNamespace(pk=uuid.uuid4())), pages=[*around, *pages])


def on(day: int) -> str:
    return (DAY_0 + timedelta(days=day)).isoformat()


def lesion(**values: Any) -> PageRecord:
    return page("LES", {**LESION, **values}, visit="PROC")


def balloon(number: int, **values: Any) -> PageRecord:
    used = {"dcb_lesion": "L1", "dcb_outcome": "OK", "dcb_len_mm": 120, **values}
    return page("DCB", used, visit="PROC", ordinal=number)


MEASURED = lesion(dist_profunda_mm=75, lesion_length_mm=112, ext_prox_mm=0, ext_dist_mm=0)
EDGES = page("PRL", {"prl_lesion": "L1", "treated_prox_mm": 62, "treated_len_mm": 150}, visit="PROC")


def spans(found: list[Span]) -> list[tuple[str, float, float]]:
    return [(span.name, span.start, span.end) for span in found]


def test_everything_lies_where_it_was_measured() -> None:
    placed = place(dossier(MEASURED, EDGES, balloon(1), balloon(2, dcb_len_mm=40, dcb_overlap_mm=10)))
    assert spans(placed.lesions) == [("L1", 75, 187)]
    assert spans(placed.devices) == [("DCB1", 62, 182), ("DCB2", 172, 212)]
    assert placed.zones == [Zone("L1", 62, 212)]
    assert not [span for span in placed.spans if span.because]


def test_a_device_that_was_not_delivered_is_not_drawn() -> None:
    placed = place(dossier(MEASURED, EDGES, balloon(1, dcb_outcome="FDEL"), balloon(2)))
    assert spans(placed.devices) == [("DCB2", 62, 182)]


def test_what_was_not_measured_is_drawn_by_its_segment_and_said() -> None:
    placed = place(dossier(lesion(lesion_length_mm=50), balloon(1)))
    assert spans(placed.lesions) == [("L1", 90, 140)]
    assert spans(placed.devices) == [("DCB1", 90, 210)]
    drawn = leg.draw(dossier(lesion(lesion_length_mm=50), balloon(1)))
    assert len(drawn.caveats) == 2
    assert all(bar.dashed for bar in drawn.bars)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rev_edge": "DIST", "rev_edge_mm": 14}, (226, 240)),
        ({"rev_edge": "PROX", "rev_edge_mm": 10}, (38, 52)),
        ({"rev_edge": "IN", "rev_edge_mm": 0}, (123, 151)),
    ],
)
def test_an_event_lies_by_its_distance_from_the_device_edge(
    values: dict[str, Any], expected: tuple[float, float]
) -> None:
    event = page("REV", {"rev_kind": "PERC", "rev_side": "R", "rev_tl_lesion": "L1", **values})
    placed = place(dossier(MEASURED, EDGES, balloon(1), event))
    assert spans(placed.events) == [("REV1", *expected)]


@pytest.mark.parametrize("values", [{"rev_side": "L"}, {"rev_side": "R"}])
def test_an_event_elsewhere_is_said_and_not_drawn(values: dict[str, Any]) -> None:
    placed = place(dossier(MEASURED, EDGES, page("REV", {"rev_kind": "PERC", **values})))
    assert placed.events == []
    assert len(placed.elsewhere) == 1


def test_an_old_stent_lies_by_the_lesion_in_it() -> None:
    reaching = lesion(dist_profunda_mm=75, lesion_length_mm=112, ext_prox_mm=5, ext_dist_mm=7)
    stent = page("PS", {"ps_carries_tl": "Y", "ps_segment": ["SFAM"]}, visit="SCR")
    other = page("PS", {"ps_carries_tl": "N", "ps_segment": ["P1"]}, visit="SCR", ordinal=2)
    assert spans(place(dossier(stent, other, reaching)).stents) == [("PS1", 80, 180), ("PS2", 280, 320)]


def test_the_drawing_grows_with_what_it_shows_and_words_do_not_cover_each_other() -> None:
    deep = lesion(dist_profunda_mm=-80, lesion_length_mm=500)
    edges = page("PRL", {"prl_lesion": "L1", "treated_prox_mm": -80, "treated_len_mm": 4}, visit="PROC")
    drawn = leg.draw(dossier(deep, edges, balloon(1)))
    assert all(leg.TOP <= bar.y and bar.y + bar.height <= leg.BOTTOM for bar in drawn.bars)
    heights = [note.y for note in drawn.notes]
    assert len(heights) > 1
    assert all(later - earlier >= leg.GAP for earlier, later in pairwise(heights))
    assert "L1" in drawn.description


def test_stents_that_overlap_stand_side_by_side() -> None:
    stents = [page("PS", {"ps_segment": ["SFAM"]}, visit="SCR", ordinal=number) for number in (1, 2)]
    drawn = leg.draw(dossier(*stents))
    assert len({bar.x for bar in drawn.bars}) == 2


def test_before_the_procedure_there_is_no_course() -> None:
    nothing = Dossier(subject=cast("Subject", SimpleNamespace()), pages=[])
    assert course.draw(nothing, [], today=DAY_0, ended=None, psvr_limit=240) is None
    assert leg.draw(nothing).bars == []


def reading(day: int, visit: str, **values: Any) -> PageRecord:
    used = {"dus_date": on(day), "dus_lesion": "L1", "dus_reader": "SITE", "dus_adequate": "Y", **values}
    return page("DUS", used, visit=visit)


def test_readings_that_count_are_drawn_with_the_calculated_ratio() -> None:
    found = readings(
        dossier(
            reading(30, "M1", psv_max_cms=195, psv_ref_cms=62, psvr=2),
            reading(180, "M6", dus_occlusion="Y"),
            reading(90, "M3", dus_reader="CORE", psv_max_cms=100, psv_ref_cms=100),
            reading(365, "M12", dus_adequate="N"),
        ),
        DAY_0,
    )
    assert [(one.day, one.psvr) for one in found] == [(30, 3.15), (180, None)]


def test_events_stand_in_time_and_partial_dates_at_their_first_day() -> None:
    found = happenings(
        dossier(
            page("REV", {"rev_kind": "PERC", "rev_side": "R", "rev_date": "2026-06"}),
            page("AE", {"ae_term": "Haematoma", "ae_start": on(2), "ae_end": on(9), "ae_serious": "N"}),
        ),
        DAY_0,
    )
    assert [(one.day, one.until, one.grave) for one in found] == [(2, 9, False), (92, 92, True)]


def test_antiplatelet_stretches_join_and_end_today() -> None:
    drugs = [
        page("CM", {"cm_class": "ASA", "cm_start": on(-5)}),
        page("CM", {"cm_class": "P2Y12", "cm_start": on(0), "cm_end": on(90)}, ordinal=2),
    ]
    found = antiplatelet(dossier(*drugs), DAY_0, 200)
    assert [(one.start, one.end, one.dual) for one in found] == [(0, 90, True), (90, 200, False)]


def test_the_course_has_windows_visits_and_today_on_one_axis() -> None:
    taken = [
        Taken("PROC", 0, "complete"),
        Taken("M1", 31, "complete"),
        Taken("M3", None, "missed"),
        Taken("M6", None, "closing"),
        Taken("M12", None, "not-yet"),
    ]
    late = page("AE", {"ae_term": "x" * 60, "ae_start": on(810)})
    drawn = course.draw(dossier(late), taken, today=DAY_0 + timedelta(days=200), ended=None, psvr_limit=240)
    assert drawn is not None
    assert [window.code for window in drawn.windows] == ["M1", "M3", "M6", "M12", "M24"]
    assert [dot.kind for dot in drawn.dots] == ["done", "done", "missed", "closing"]
    assert drawn.today == 200
    assert drawn.today_x is not None
    assert course.LEFT < drawn.today_x < course.RIGHT
    assert all(course.LEFT <= flag.x <= course.RIGHT for flag in drawn.flags)
    assert [day for day, _date, _words in drawn.entries] == [0, 31, 810]


def test_a_subject_who_left_has_no_today() -> None:
    drawn = course.draw(
        dossier(), [], today=DAY_0 + timedelta(days=900), ended=DAY_0 + timedelta(days=40), psvr_limit=240
    )
    assert drawn is not None
    assert drawn.today_x is None
