"""One subject as the endpoint rules read it: plain records in days from the index procedure.

`subjects_of(frames)` walks the frames once and yields a Subject at a time, so that 100 000 subjects cost
a hundred thousand small objects, one after the other, and never all at once. Nothing is imputed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.revascularisation import Pressures, Revascularisation

IN_PERSON = frozenset({"CLIN", "INPT"})


class Contact(NamedTuple):
    """An attended follow-up visit or the discharge."""

    day: int
    page: str
    visit: str | None
    form: str
    mode: str | None
    known: bool
    alive: bool
    no_revascularisation: bool
    no_amputation: bool
    no_event: bool
    reports_revascularisation: bool
    reports_amputation: bool
    rutherford: int | None

    @property
    def in_person(self) -> bool:
        """Say whether the subject was seen."""
        return self.form == "DISC" or self.mode in IN_PERSON


class Reading(NamedTuple):
    """One imaging reading of one lesion by one reader; `value` is PSVR × 100 or the stenosis in percent."""

    day: int
    lesion: str | None
    form: str
    reader: str | None
    status: str
    value: int | None
    page: str
    visit: str | None


class Residual(NamedTuple):
    """How a target lesion was left at the index procedure."""

    lesion: str | None
    final_pct: int | None
    crossing: str | None
    page: str


class Pressure(NamedTuple):
    """ABI and TBI of the target limb, in hundredths."""

    day: int
    visit: str | None
    abi: int | None
    tbi: int | None
    incompressible: bool
    page: str


class When(NamedTuple):
    """The first and the last day that an entered date can mean; equal when it is complete."""

    first: int
    last: int

    @property
    def complete(self) -> bool:
        """Say whether year, month and day are known."""
        return self.first == self.last


class Procedure(NamedTuple):
    """One row of the revascularisation log."""

    number: int
    when: When
    page: str
    rule: Revascularisation
    pressures: Pressures
    pressure_date_missing: bool
    lesion: str | None
    stenosis_pct: int | None
    occluded: bool
    successful: bool


class Amputation(NamedTuple):
    """One row of the amputation log."""

    number: int
    when: When
    page: str
    side: str | None
    level: str | None
    planned: bool


class AdverseEvent(NamedTuple):
    """One row of the adverse event log, as far as endpoints read it."""

    number: int
    when: When
    page: str
    interest: frozenset[str]
    limb: str | None
    serious: bool
    barc: str | None
    renal_replacement: bool
    seen: int | None


class Film(NamedTuple):
    """One X-ray reading of one stent."""

    day: int
    stent: str | None
    reader: str | None
    fracture: str | None
    indistinct: bool
    page: str


class Laboratory(NamedTuple):
    """One creatinine or other result; `value` as stored."""

    day: int
    test: str | None
    value: float | None
    page: str
    visit: str | None


class Death(NamedTuple):
    """The death page."""

    when: When
    page: str


class Exit(NamedTuple):
    """The exit page."""

    day: int | None
    reason: str | None
    last_contact: int | None
    vital_permitted: bool
    vital_check: int | None
    page: str


class Decision(NamedTuple):
    """A final decision of the events committee on one source page."""

    page: str
    event: str | None
    day: int | None
    tlr: str | None
    cd: str | None
    tvr: str | None
    male: str | None
    major: str | None
    barc: str | None
    organ: str | None


@dataclass(slots=True)
class Subject:
    """All records of one treated subject; every day counts from the index procedure."""

    usubjid: str
    site: str
    proc: int
    """The procedure date as days since 1970-01-01."""
    limb: str | None
    lesions: tuple[str, ...]
    staged_target: bool
    procedure_page: str
    dialysis: bool = False
    rutherford: int | None = None
    rutherford_page: str = ""
    residuals: list[Residual] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    pressures: list[Pressure] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    amputations: list[Amputation] = field(default_factory=list)
    events: list[AdverseEvent] = field(default_factory=list)
    films: list[Film] = field(default_factory=list)
    laboratory: list[Laboratory] = field(default_factory=list)
    lived: list[tuple[int, str, str]] = field(default_factory=list)
    """(day, page, item) of further dates that prove life: laboratory, re-consent, post-procedure."""
    death: Death | None = None
    exit: Exit | None = None
    decisions: dict[str, Decision] = field(default_factory=dict)
