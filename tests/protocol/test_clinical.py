"""Clinical rules at both sides of every number."""

from decimal import Decimal

import pytest

from protocol import clinical
from protocol.clinical import Bleeding, TreatedLesion

D = Decimal


@pytest.mark.parametrize(
    ("height", "weight", "expected"),
    [(D("170.0"), D("70.0"), D("24.2")), (D("200.0"), D("60.2"), D("15.1")), (None, D("70.0"), None)],
)
def test_body_mass_index(height: Decimal | None, weight: Decimal | None, expected: Decimal | None) -> None:
    assert clinical.body_mass_index(height, weight) == expected  # 15.05 is rounded half up


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "expected"),
    [
        (D("88.4"), 60, "M", D("86.2")),
        (D("88.4"), 60, "F", D("64.5")),
        (D("53.0"), 60, "F", D("102.7")),
        (None, 60, "F", None),
        (D("88.4"), None, "F", None),
        (D("88.4"), 60, None, None),
    ],
)
def test_egfr(creatinine: Decimal | None, age: int | None, sex: str | None, expected: Decimal | None) -> None:
    assert clinical.egfr(creatinine, age, sex) == expected


def test_ankle_brachial_index_takes_the_higher_pressures() -> None:
    assert clinical.ankle_brachial_index((60, 75), (120, 100)) == D("0.63")  # 0.625, half up
    assert clinical.ankle_brachial_index((0, None), (120, None)) == D("0.00")
    assert clinical.ankle_brachial_index((None, None), (120, 100)) is None
    assert clinical.ankle_brachial_index((60, 75), (None, None)) is None
    assert clinical.ratio(100, 0) is None


@pytest.mark.parametrize(
    ("abi", "ankle", "toe", "grade"),
    [
        (D("0.80"), None, None, 0),
        (D("0.79"), None, None, 1),
        (D("0.60"), None, None, 1),
        (D("0.59"), None, None, 2),
        (D("0.40"), None, None, 2),
        (D("0.39"), None, None, 3),
        (None, 101, None, 0),
        (None, 100, None, 1),
        (None, 70, None, 1),
        (None, 69, None, 2),
        (None, 50, None, 2),
        (None, 49, None, 3),
        (None, None, 60, 0),
        (None, None, 59, 1),
        (None, None, 40, 1),
        (None, None, 39, 2),
        (None, None, 30, 2),
        (None, None, 29, 3),
        (D("1.20"), 150, 29, 3),
        (D("0.80"), 69, None, 2),
        (None, None, None, None),
    ],
)
def test_wifi_ischaemia(abi: Decimal | None, ankle: int | None, toe: int | None, grade: int | None) -> None:
    assert clinical.wifi_ischaemia(abi, ankle, toe) == grade


@pytest.mark.parametrize(
    ("wound", "ischaemia", "infection", "stage"),
    [(0, 0, 0, 1), (0, 1, 3, 4), (1, 2, 1, 3), (2, 0, 2, 3), (3, 1, 0, 4), (0, 3, 0, 2), (None, 1, 0, None)],
)
def test_wifi_stage(wound: int | None, ischaemia: int, infection: int, stage: int | None) -> None:
    assert clinical.wifi_stage(wound, ischaemia, infection) == stage


def test_a_stenosed_runoff_vessel_is_not_patent() -> None:
    assert clinical.runoff_count("P", "S", "O") == 1
    assert clinical.runoff_count("P", "P", None) is None


def test_drug_amount() -> None:
    assert clinical.drug_amount_mg(D("5.0"), 120, D("3.5")) == D("6.60")
    assert clinical.drug_amount_mg(D("5.0"), None, D("3.5")) is None


@pytest.mark.parametrize(
    ("crossing", "stented", "residual", "flow_limiting", "expected"),
    [
        ("INT", True, 30, "N", "Y"),
        ("INT", True, 31, "N", "N"),
        ("INT", False, 50, "N", "Y"),
        ("INT", False, 51, "N", "N"),
        ("INT", False, 20, "Y", "N"),
        ("FAIL", False, None, None, "N"),
        ("INT", False, None, "N", None),
    ],
)
def test_technical_success(
    crossing: str, stented: bool, residual: int | None, flow_limiting: str | None, expected: str | None
) -> None:
    lesion = TreatedLesion(crossing, stented, residual, flow_limiting)
    assert clinical.technical_success([lesion]) == expected


def test_one_failed_lesion_fails_the_procedure() -> None:
    good, unknown = TreatedLesion("INT", False, 10, "N"), TreatedLesion("INT", False, None, None)
    failed = TreatedLesion("FAIL", False, None, None)
    assert clinical.technical_success([good, unknown, failed]) == "N"
    assert clinical.technical_success([good, unknown]) is None
    assert clinical.technical_success([]) is None
    assert clinical.procedural_success("Y", event_within_72_hours=True) == "N"
    assert clinical.procedural_success("Y", event_within_72_hours=False) == "Y"


@pytest.mark.parametrize(
    ("serious", "device", "anticipated", "expected"),
    [
        ("N", "0", None, "AE"),
        ("N", "1", None, "ADE"),
        ("Y", "0", None, "SAE"),
        ("Y", "1", "Y", "SADE"),
        ("Y", "3", "N", "USADE"),
        (None, "0", None, None),
        ("Y", None, None, None),
    ],
)
def test_adverse_event_class(
    serious: str | None, device: str | None, anticipated: str | None, expected: str | None
) -> None:
    assert clinical.adverse_event_class(serious, device, anticipated) == expected


@pytest.mark.parametrize(
    ("bleeding", "expected"),
    [
        (Bleeding(fatal=True, critical_site="IC"), "5b"),
        (Bleeding(critical_site="IC"), "3c"),
        (Bleeding(critical_site="IO"), "3c"),
        (Bleeding(critical_site="TAMP"), "3b"),
        (Bleeding(intervention="Y"), "3b"),
        (Bleeding(vasoactive="Y"), "3b"),
        (Bleeding(hb_before=130, hb_nadir=80), "3b"),
        (Bleeding(hb_before=130, hb_nadir=81), "3a"),
        (Bleeding(hb_before=130, hb_nadir=100), "3a"),
        (Bleeding(hb_before=130, hb_nadir=101, actionable="Y"), "2"),
        (Bleeding(hb_before=130, hb_nadir=101, red_cell_units=D("2.1")), "3b"),
        (Bleeding(red_cell_units=D("0.5")), "3a"),
        (Bleeding(red_cell_units=D("0.0"), actionable="N"), "1"),
        (Bleeding(), None),
    ],
)
def test_barc(bleeding: Bleeding, expected: str | None) -> None:
    assert clinical.barc(bleeding) == expected
