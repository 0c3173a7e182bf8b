"""Reading the study's record of ClinicalTrials.gov (its JSON): what it says, or a RecordError that names what
is wrong. Nothing is guessed: a record of another study, or one that has lost or changed a part, is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocol.eligibility import CRITERIA
from protocol.partial_dates import PartialDate
from sites.institutions import INSTITUTIONS, Institution

NCT_ID = "NCT07277218"
COHORTS = ("DCB", "DES")
NCT = re.compile(r"NCT\d{8}")
DATE = re.compile(r"\d{4}-\d{2}(-\d{2})?")


class RecordError(Exception):
    """The record cannot be used; the message names the part and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome as registered."""

    measure: str
    time_frame: str
    description: str


@dataclass(frozen=True, slots=True)
class Record:
    """What the record says of the study, in its own words."""

    nct_id: str
    org_study_id: str
    brief_title: str
    official_title: str
    summary: str
    sponsor: str
    organisation: str
    study_type: str
    model: str
    arms: tuple[str, ...]
    cohorts: Mapping[str, str]
    target_n: int
    first_submitted: str
    start: str
    primary_completion: str
    completion: str
    primary_outcomes: tuple[Outcome, ...]
    secondary_outcomes: tuple[Outcome, ...]
    eligibility: str
    inclusion: tuple[str, ...]
    exclusion: tuple[str, ...]
    minimum_age: str
    age_groups: tuple[str, ...]
    locations: int
    institutions: Mapping[str, str]
    """The record's wording of each institution, by site number."""

    @property
    def ethics(self) -> tuple[str, str]:
        """The committee and the approval number that the summary names; blank where it names none."""
        found = re.search(r"approved by the (.+?) \(Approval No\.\s*([^)]+)\)", self.summary)
        return (found[1], found[2].strip()) if found else ("", "")

    @property
    def other_ids(self) -> tuple[str, ...]:
        """Registry numbers in the summary that are not the record's own."""
        return tuple(dict.fromkeys(nct for nct in NCT.findall(self.summary) if nct != self.nct_id))


def read_record(text: str | bytes) -> Record:
    """Read a record; RecordError where it is no JSON, is of another study, or lacks or changed a part."""
    part = _Part(_json(text), "").part("protocolSection")
    names = part.part("identificationModule")
    nct_id = names.text("nctId")
    if nct_id != NCT_ID:
        raise RecordError(f"identificationModule.nctId: this is {nct_id}, another study than {NCT_ID}")
    design, status = part.part("designModule"), part.part("statusModule")
    eligibility = part.part("eligibilityModule")
    criteria = eligibility.text("eligibilityCriteria")
    inclusion, exclusion = _criteria(criteria)
    arms = part.part("armsInterventionsModule")
    people = part.part("sponsorCollaboratorsModule")
    organisation = names.part("organization").text("fullName")
    outcomes = part.part("outcomesModule")
    return Record(
        nct_id=nct_id,
        org_study_id=names.part("orgStudyIdInfo").text("id"),
        brief_title=names.text("briefTitle"),
        official_title=names.text("officialTitle").removeprefix("Title:").strip(),
        summary=part.part("descriptionModule").text("briefSummary"),
        sponsor=people.part("leadSponsor").text("name"),
        organisation=organisation,
        study_type=design.text("studyType"),
        model=design.part("designInfo").text("interventionModel"),
        arms=tuple(arm.text("label") for arm in arms.parts("armGroups")),
        cohorts=_cohorts(arms),
        target_n=design.part("enrollmentInfo").count("count"),
        first_submitted=status.date("studyFirstSubmitDate"),
        start=status.part("startDateStruct").date("date"),
        primary_completion=status.part("primaryCompletionDateStruct").date("date"),
        completion=status.part("completionDateStruct").date("date"),
        primary_outcomes=_outcomes(outcomes, "primaryOutcomes"),
        secondary_outcomes=_outcomes(outcomes, "secondaryOutcomes", needed=False),
        eligibility=criteria,
        inclusion=inclusion,
        exclusion=exclusion,
        minimum_age=eligibility.text("minimumAge", needed=False),
        age_groups=eligibility.words("stdAges"),
        locations=len(part.part("contactsLocationsModule", needed=False).parts("locations", needed=False)),
        institutions=_institutions(organisation, [c.text("name") for c in people.parts("collaborators")]),
    )


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise RecordError(f"The file is not JSON: {broken}") from broken


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the record, which knows where it stands."""

    value: Any
    path: str

    def _get(self, name: str, kind: type, *, needed: bool = True) -> Any:
        where = f"{self.path}.{name}".lstrip(".")
        if not isinstance(self.value, dict):
            raise RecordError(f"{self.path or 'the record'}: an object is expected")
        if name not in self.value:
            if needed:
                raise RecordError(f"{where}: missing")
            return kind()
        found = self.value[name]
        if not isinstance(found, kind) or isinstance(found, bool):
            raise RecordError(f"{where}: {kind.__name__} expected, {type(found).__name__} found")
        return found

    def part(self, name: str, *, needed: bool = True) -> _Part:
        return _Part(self._get(name, dict, needed=needed), f"{self.path}.{name}".lstrip("."))

    def parts(self, name: str, *, needed: bool = True) -> list[_Part]:
        found = self._get(name, list, needed=needed)
        if needed and not found:
            raise RecordError(f"{self.path}.{name}: empty")
        return [_Part(value, f"{self.path}.{name}[{place}]") for place, value in enumerate(found)]

    def text(self, name: str, *, needed: bool = True) -> str:
        found: str = self._get(name, str, needed=needed)
        if needed and not found.strip():
            raise RecordError(f"{self.path}.{name}: empty")
        return found

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(str(word) for word in self._get(name, list, needed=False))

    def count(self, name: str) -> int:
        found: int = self._get(name, int)
        if not 0 < found < 1_000_000:
            raise RecordError(f"{self.path}.{name}: {found} is no number of subjects")
        return found

    def date(self, name: str) -> str:
        found = self.text(name)
        try:
            if not DATE.fullmatch(found):
                raise ValueError
            PartialDate.parse(found)
        except ValueError as wrong:
            raise RecordError(f"{self.path}.{name}: {found!r} is no date") from wrong
        return found


def _outcomes(part: _Part, name: str, *, needed: bool = True) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(
            one.text("measure"), one.text("timeFrame", needed=False), one.text("description", needed=False)
        )
        for one in part.parts(name, needed=needed)
    )


def _cohorts(arms: _Part) -> dict[str, str]:
    """Return the text of each cohort, which the one intervention describes."""
    text = " ".join(one.text("description", needed=False) for one in arms.parts("interventions"))
    found = {
        name: words.strip()
        for name, words in re.findall(r"(\w+) Cohort:\s*(.*?)(?=\w+ Cohort:|$)", text, re.S)
    }
    if tuple(sorted(found)) != COHORTS:
        raise RecordError(
            f"{arms.path}.interventions: the cohorts DCB and DES are expected,"
            f" {', '.join(sorted(found)) or 'none'} found"
        )
    return found


def _criteria(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the numbered criteria; as many of each kind as the protocol has."""
    where = "eligibilityModule.eligibilityCriteria"
    halves = re.split(r"Exclusion Criteria:", text)
    if len(halves) != 2 or "Inclusion Criteria:" not in halves[0]:
        raise RecordError(f"{where}: inclusion and exclusion criteria are expected, each under its heading")
    kinds = []
    for half, kind, letter in zip(halves, ("inclusion", "exclusion"), "IE", strict=True):
        numbered = re.findall(r"\((\d+)\)\s*(.*?)(?=\(\d+\)|$)", half, re.S)
        expected = sum(criterion.number.startswith(letter) for criterion in CRITERIA)
        if [int(number) for number, _words in numbered] != list(range(1, expected + 1)):
            raise RecordError(
                f"{where}: {kind} criteria 1 to {expected} are expected,"
                f" {', '.join(number for number, _words in numbered) or 'none'} found"
            )
        kinds.append(tuple(" ".join(words.replace("\\", "").split()) for _number, words in numbered))
    return kinds[0], kinds[1]


def _institutions(organisation: str, collaborators: list[str]) -> dict[str, str]:
    """Return the record's wording of each of the twelve institutions, by number."""
    lead, *others = INSTITUTIONS
    if not _is(lead, organisation):
        raise RecordError(
            f"identificationModule.organization: {organisation!r} is not the sponsor's institution"
        )
    found = {lead.code: organisation}
    for place, name in enumerate(collaborators):
        where = f"sponsorCollaboratorsModule.collaborators[{place}]"
        meant = [one for one in others if _is(one, name)]
        if len(meant) != 1:
            raise RecordError(f"{where}: {name!r} is no institution of the study")
        if meant[0].code in found:
            raise RecordError(f"{where}: {name!r} is institution {meant[0].code} again")
        found[meant[0].code] = name
    missing = [f"{one.code} {one.name.en}" for one in others if one.code not in found]
    if missing:
        raise RecordError(f"sponsorCollaboratorsModule.collaborators: not found: {'; '.join(missing)}")
    return dict(sorted(found.items()))


def _is(institution: Institution, wording: str) -> bool:
    plain = " ".join(wording.split())
    return all(mark in plain for mark in institution.marks)
