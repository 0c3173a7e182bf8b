"""The registry record fills the study (§1.1, §1.5); a broken or other one is named and changes nothing."""

import copy
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from sites.models import Site, Study
from sites.registry import RecordError, read_record

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parent / "data" / "NCT07277218.json"
TREE = json.loads(FILE.read_text(encoding="utf-8"))
SEEN = ["C01", "C02", "C03", "C04", "C05", "C08", "C09", "C10", "C11", "C27", "C28"]

Change = Callable[[dict[str, Any]], None]


def load(path: Path) -> str:
    out = StringIO()
    call_command("load_record", path, stdout=out)
    return out.getvalue()


def changed(tmp_path: Path, change: Change) -> Path:
    """Write the record with one part changed."""
    tree = copy.deepcopy(TREE)
    change(tree["protocolSection"])
    path = tmp_path / "record.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def reported(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line.startswith("  C")]


def test_the_real_record_fills_the_study() -> None:
    text = load(FILE)
    study = Study.objects.get()
    assert study.nct_id == "NCT07277218"
    assert study.nct_id_in_summary == "NCT04675632"
    assert study.org_study_id == "CZY FY XGWK2"
    assert study.official_title.startswith("Drug-coated Balloons Versus")
    assert study.target_n == 578
    assert (study.planned_start, study.planned_completion) == ("2026-01-01", "2028-01-01")
    assert study.sponsor == "Chunshui He"
    assert study.organisation == "Chengdu University of Traditional Chinese Medicine"
    assert study.ethics_committee.startswith("Medical Ethics Committee of the Affiliated Hospital of Chengdu")
    assert study.eligibility_text == TREE["protocolSection"]["eligibilityModule"]["eligibilityCriteria"]
    assert sorted(study.record["cohorts"]) == ["DCB", "DES"]
    assert (len(study.record["inclusion"]), len(study.record["exclusion"])) == (9, 11)
    assert len(study.record["primary_outcomes"]) == 2
    assert "578" in text and reported(text) == SEEN


def test_the_twelve_institutions_are_added_and_the_statistics_centre_is_no_clinic() -> None:
    load(FILE)
    sites = {site.code: site for site in Site.objects.all()}
    assert list(sites) == [f"{number:02}" for number in range(1, 13)]
    assert [code for code, site in sites.items() if site.role == Site.Role.STATISTICS] == ["11"]
    assert {site.status for site in sites.values()} == {Site.Status.PLANNED}
    assert sites["01"].ethics_no == "2020KL-078"
    assert sites["01"].ethics_date is None and not sites["01"].ethics_covers_study
    assert sites["07"].name_zh == "复旦大学附属中山医院 血管外科"


def test_loading_again_changes_nothing() -> None:
    load(FILE)
    before = Entry.objects.count()
    text = load(FILE)
    assert "nothing changed" in text and "none added" in text
    assert Entry.objects.count() == before


def _set(*path: str | int) -> Callable[[Any], Change]:
    """Return a change that sets what stands at a path."""

    def to(value: Any) -> Change:
        def change(section: Any) -> None:
            for step in path[:-1]:
                section = section[step]
            section[path[-1]] = value

        return change

    return to


def _drop(*path: str | int) -> Change:
    def change(section: Any) -> None:
        for step in path[:-1]:
            section = section[step]
        del section[path[-1]]

    return change


def _text(*path: str, old: str, new: str) -> Change:
    def change(section: Any) -> None:
        for step in path[:-1]:
            section = section[step]
        assert old in section[path[-1]]
        section[path[-1]] = section[path[-1]].replace(old, new)

    return change


ELIGIBILITY = ("eligibilityModule", "eligibilityCriteria")
COLLABORATORS = ("sponsorCollaboratorsModule", "collaborators")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_set("identificationModule", "nctId")("NCT04675632"), "another study"),
        (_drop("identificationModule", "nctId"), "identificationModule.nctId"),
        (_drop("eligibilityModule"), "eligibilityModule"),
        (_set("designModule", "enrollmentInfo")("578"), "enrollmentInfo"),
        (_set("designModule", "enrollmentInfo", "count")("578"), "enrollmentInfo.count"),
        (_set("designModule", "enrollmentInfo", "count")(-1), "enrollmentInfo.count"),
        (_set("designModule", "enrollmentInfo", "count")(True), "enrollmentInfo.count"),
        (_set("statusModule", "startDateStruct", "date")("January 2026"), "startDateStruct.date"),
        (_set("statusModule", "completionDateStruct", "date")("2028-02-30"), "completionDateStruct.date"),
        (_set("identificationModule", "briefTitle")("  "), "briefTitle"),
        (_set("outcomesModule", "primaryOutcomes")([]), "primaryOutcomes"),
        (_set("outcomesModule", "primaryOutcomes")({}), "primaryOutcomes"),
        (_text(*ELIGIBILITY, old="(9) Patient", new="Patient"), "inclusion criteria 1 to 9"),
        (_text(*ELIGIBILITY, old="(11) Life", new="(12) Life"), "exclusion criteria 1 to 11"),
        (_text(*ELIGIBILITY, old="Exclusion Criteria:", new=""), "eligibilityCriteria"),
        (_drop(*COLLABORATORS, 3), "05 Affiliated Hangzhou First"),
        (_set(*COLLABORATORS, 3, "name")("Some other hospital, Paris"), "collaborators[3]"),
        (_set(*COLLABORATORS, 3, "name")("Zhongshan Hospital again"), "institution 07 again"),
        (_set("identificationModule", "organization", "fullName")("Somewhere else"), "organization"),
        (
            _text("armsInterventionsModule", "interventions", 0, "description", old="DES Cohort:", new=""),  # type: ignore[arg-type]
            "interventions",
        ),
        (_set("armsInterventionsModule", "armGroups")(None), "armGroups"),
    ],
)
def test_a_broken_record_is_named_and_changes_nothing(tmp_path: Path, change: Change, named: str) -> None:
    load(FILE)
    before = (Study.objects.values().get(), list(Site.objects.values()), Entry.objects.count())
    with pytest.raises(CommandError) as refused:
        load(changed(tmp_path, change))
    assert named in str(refused.value)
    assert (Study.objects.values().get(), list(Site.objects.values()), Entry.objects.count()) == before


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "{}", "null", '{"protocolSection": 3}', "[" * 100_000]
)
def test_what_is_no_record_is_refused(text: str | bytes) -> None:
    with pytest.raises(RecordError):
        read_record(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.json"):
        load(tmp_path / "absent.json")


SUMMARY = ("descriptionModule", "briefSummary")


@pytest.mark.parametrize(
    ("corrected", "gone"),
    [
        (_text(*SUMMARY, old="NCT04675632", new="NCT07277218"), "C01"),
        (_text(*SUMMARY, old="2020KL-078", new="2025KL-078"), "C02"),
        (_set("designModule", "studyType")("OBSERVATIONAL"), "C04"),
        (_set("armsInterventionsModule", "armGroups")([{"label": "DCB"}, {"label": "DES"}]), "C05"),
        (_set("statusModule", "completionDateStruct", "date")("2030-01"), "C08"),
        (_set("outcomesModule", "secondaryOutcomes")([{"measure": "MALE"}]), "C10"),
        (_text(*ELIGIBILITY, old="Rutherford Category 0 or 6", new="Rutherford Category 0, 1 or 6"), "C11"),
        (_set("contactsLocationsModule", "locations")([{"facility": "Zhongshan Hospital"}]), "C28"),
    ],
)
def test_a_corrected_record_no_longer_shows_the_contradiction(
    tmp_path: Path, corrected: Change, gone: str
) -> None:
    assert reported(load(changed(tmp_path, corrected))) == [id_ for id_ in SEEN if id_ != gone]


def test_the_age_limits_agree_only_when_all_three_do(tmp_path: Path) -> None:
    def change(section: dict[str, Any]) -> None:
        section["eligibilityModule"]["minimumAge"] = "19 Years"
        section["descriptionModule"]["briefSummary"] = section["descriptionModule"]["briefSummary"].replace(
            "Be 18 years or older", "Be 19 years or older"
        )

    assert "C03" not in reported(load(changed(tmp_path, change)))


def test_the_primary_outcome_entered_once_and_worded_one_way(tmp_path: Path) -> None:
    def change(section: dict[str, Any]) -> None:
        outcomes = section["outcomesModule"]["primaryOutcomes"]
        section["outcomesModule"]["primaryOutcomes"] = outcomes[:1]

    assert "C09" not in reported(load(changed(tmp_path, change)))
