"""ADSL and ADTTE from frames (protocol §7.3, §7.4)."""

import pandas as pd
import pytest

from outcomes.adsl import adsl
from outcomes.adtte import adtte
from outcomes.timelines import read
from outcomes.verification import frames_of
from protocol import endpoints
from tests.outcomes.courses import Frames, add, frames, on, put

LINES = """
S-1 | RU=3 ABI=60 V@30 R@412 D@180(1.5) D@412(3.0) V@735 | CDTLR24 => E@412
S-2 | V@30 X@200 | CDTLR24 => C2@200
S-3 | V@30 W@90 | CDTLR24 => C5@90
"""


@pytest.fixture(scope="module")
def three() -> Frames:
    return frames_of(read(LINES))


@pytest.fixture(scope="module")
def rows(three: Frames) -> pd.DataFrame:
    return adtte(three, adsl(three))


def row(rows: pd.DataFrame, subject: str, paramcd: str) -> pd.Series:
    return rows[rows["USUBJID"].eq(subject) & rows["PARAMCD"].eq(paramcd)].iloc[0]


def test_one_row_per_treated_subject_and_parameter(rows: pd.DataFrame) -> None:
    assert len(rows) == 3 * len(endpoints.ENDPOINTS)
    assert not rows.duplicated(["USUBJID", "PARAMCD"]).any()
    assert rows["PARAMCD"].astype(str).str.len().max() <= 8


def test_parameters_are_those_of_the_protocol() -> None:
    listed = (
        "CDTLR CDTLR12 CDTLR24 CDTLR30 CDTLRS CDTLR10M CDTLR790 TLR TLR12 TLR24 TVR TVR12 TVR24 NTLTVR"
        " TLIMB TLIMB12 TLIMB24 MALE MALE12 MALE24 MALE30 MALEB12 MALEB24 MALEC12 MALEC24 MAJAMP MAJAMP12"
        " MAJAMP24 AFS AFS12 AFS24 PPAT PPATCD APAT SPAT DEATH DEATH12 DEATH24"
    )
    assert set(endpoints.ENDPOINT) == set(listed.split())


def test_an_event_names_its_source(rows: pd.DataFrame) -> None:
    found = row(rows, "S-1", "CDTLR24")
    assert (found["AVAL"], found["CNSR"], found["STATE"], found["ADY"]) == (412, 0, 1, 413)
    assert found["ADT"] == pd.Timestamp(on(412))
    assert (found["SRCDOM"], found["SRCVAR"], found["SRCSEQ"], found["SRCITEM"]) == (
        "PR",
        "PRSTDTC",
        1,
        "rev_date",
    )
    assert (found["EVNTDESC"], found["ADJFL"], found["LESNID"]) == ("CD-TLR", "N", "L1")
    assert found["CNSDTDSC"] is None


def test_censoring_names_its_reason(rows: pd.DataFrame) -> None:
    died = row(rows, "S-2", "CDTLR24")
    assert (died["CNSR"], died["STATE"], died["SRCDOM"], died["CNSDTDSC"]) == (2, 2, "DM", "death")
    left = row(rows, "S-3", "CDTLR24")
    assert (left["CNSR"], left["STATE"], left["SRCVAR"]) == (5, 0, "DSSTDTC")
    assert row(rows, "S-1", "DEATH24")["ADT"] == pd.Timestamp(on(730))


def test_patency_carries_the_interval_of_its_loss(rows: pd.DataFrame) -> None:
    lost = row(rows, "S-1", "PPAT")
    assert (lost["AVALL"], lost["AVALR"]) == (180, 412)
    assert pd.isna(row(rows, "S-2", "PPAT")["AVALR"])


def test_adsl_has_everybody_with_flags_and_dates(three: Frames) -> None:
    table = adsl(add(dict(three), "IC", {"subject": "S-9", "consent_obtained": "N"})).set_index("USUBJID")
    assert list(table.index) == ["S-1", "S-2", "S-3", "S-9"]
    assert table["SCRFFL"].to_dict() == {"S-1": "N", "S-2": "N", "S-3": "N", "S-9": "Y"}
    assert table["FASFL"].to_dict() == {"S-1": "Y", "S-2": "Y", "S-3": "Y", "S-9": "N"}
    baseline = {"TRT01P": "DES", "TRT01A": "DES", "TLIMB": "L", "RUTHBL": 3, "ABIBL": 0.6}
    assert table[list(baseline)].to_dict("index")["S-1"] == baseline
    assert table.loc["S-1", "LSTLMBDT"] == pd.Timestamp(on(735))
    assert table.loc["S-2", "DTHDT"] == pd.Timestamp(on(200))
    assert table["EOSSTT"].to_dict() == {
        "S-1": "ONGOING",
        "S-2": "ONGOING",
        "S-3": "DISCONTINUED",
        "S-9": "ONGOING",
    }
    assert pd.isna(table.loc["S-9", "TRTSDT"])


def test_a_major_deviation_of_treatment_leaves_the_protocol_population() -> None:
    deviation = {"dv_cat": "TRT", "dv_severity": "MAJ", "dv_date": on(0)}
    assert adsl(add(frames("V@30"), "DV", deviation))["PPROTFL"].tolist() == ["N"]
    assert adsl(add(frames("V@30"), "DV", {**deviation, "dv_cat": "VIS"}))["PPROTFL"].tolist() == ["Y"]


@pytest.mark.parametrize(
    ("outcome", "as_treated", "analysed"), [("OK", "DES", "Y"), ("PART", "DES", "Y"), ("FDEL", "NONE", "N")]
)
def test_as_treated_counts_what_was_delivered(outcome: str, as_treated: str, analysed: str) -> None:
    table = adsl(put(frames("V@30"), "DES", 0, des_outcome=outcome))
    assert table[["TRT01A", "ATFL"]].iloc[0].tolist() == [as_treated, analysed]


def test_both_devices_make_a_mixed_subject() -> None:
    table = adsl(add(frames("V@30"), "DCB", {"dcb_lesion": "L1", "dcb_outcome": "OK"}))
    assert table[["TRT01P", "TRT01A", "ATFL"]].iloc[0].tolist() == ["DES", "MIXED", "N"]


def test_the_cut_off_stands_in_adsl_and_cuts_adtte(three: Frames) -> None:
    table = adsl(three, None, on(300))
    assert set(table["CUTOFFDT"]) == {pd.Timestamp(on(300))}
    assert row(adtte(three, table), "S-1", "CDTLR24")["CNSR"] == 1


def test_a_configured_margin_changes_the_result() -> None:
    found = frames("R@300(gap=20) V@735")
    narrow = adtte(found, adsl(found), {"tlr_margin_mm": 10})
    assert row(narrow, "S", "CDTLR24")["CNSR"] == 4


def test_frames_without_subjects_give_empty_tables() -> None:
    assert adsl({}).empty
    assert adtte({}, adsl({})).empty


def test_days_on_dual_antiplatelet_therapy_are_those_on_both_drugs() -> None:
    found = frames("V@30 V@365")
    add(found, "CM", {"cm_class": "ASA", "cm_start": on(-10).isoformat(), "cm_ongoing": "Y"})
    add(
        found,
        "CM",
        {
            "cm_class": "P2Y12",
            "cm_start": on(1).isoformat(),
            "cm_ongoing": "N",
            "cm_end": on(181).isoformat(),
            "page": "b",
        },
    )
    assert adsl(found)["DAPTDUR"].tolist() == [180]
    assert adsl(frames("V@30"))["DAPTDUR"].isna().all()


def test_lesions_sum_their_length_and_keep_their_worst() -> None:
    found = frames("V@30 D@30(1.2,les=2)")
    put(found, "LES", 0, tosaka="1", pacss="0", rvd_mm=5.5, ro_ata="P", ro_pta="P", ro_pero="O")
    put(
        found, "LES", 1, tosaka="3", pacss="2", rvd_mm=5.0, ro_ata="P", ro_pta="O", ro_pero="O", occlusion="Y"
    )
    [row_] = adsl(found).to_dict("records")
    assert (row_["NTL"], row_["LESLENBL"], row_["TOSAKABL"], row_["PACSSBL"]) == (2, 240, 3, 2)
    assert (row_["RVDBL"], row_["RUNOFFBL"], row_["CTOBLFL"]) == (5.0, 1, "Y")


def test_the_core_laboratory_s_lesion_replaces_the_site_s() -> None:
    core = {
        "lesion_no": "L1",
        "les_reader": "CORE",
        "is_target": "Y",
        "lesion_length_mm": 90,
        "occlusion": "N",
        "page": "c",
    }
    assert adsl(add(frames("V@30"), "LES", core))["LESLENBL"].tolist() == [90]


def test_technical_success_is_lost_with_an_early_infarction() -> None:
    found = put(frames("V@30"), "PRL", 0, final_resid_pct=10, flow_limiting="N")
    assert adsl(found)[["TECHSUC", "PROCSUC"]].iloc[0].tolist() == ["Y", "Y"]
    found = put(frames("V@30 MI@2"), "PRL", 0, final_resid_pct=10, flow_limiting="N")
    assert adsl(found)[["TECHSUC", "PROCSUC"]].iloc[0].tolist() == ["Y", "N"]


def test_baseline_creatinine_gives_the_filtration_rate() -> None:
    found = add(frames("BCR=80 V@30"), "DM", {"age": 70, "sex": "M", "height_cm": 170.0, "weight_kg": 70.0})
    [row_] = adsl(found).to_dict("records")
    assert row_["EGFRBL"] == pytest.approx(91.3, abs=3)
    assert (row_["AGEGR1"], row_["BMIBL"]) == ("65-74", 24.2)


def test_the_stent_s_age_takes_an_imputed_implant_date() -> None:
    stent = {"ps_carries_tl": "Y", "ps_implant_date": "2022"}
    [age] = adsl(add(frames("V@30"), "PS", stent))["STENTAGE"].tolist()
    assert age == pytest.approx((on(0).toordinal() - pd.Timestamp("2022-07-01").toordinal()) / 30.4375)
