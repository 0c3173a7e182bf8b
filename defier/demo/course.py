"""What happens to one subject of the demo, in days after the index procedure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from defier.demo import timeline
from defier.demo.baseline import Covariates, History
from defier.demo.population import Head
from defier.demo.procedure import Procedure


@dataclass(frozen=True, slots=True)
class Loss:
    """A span of days in which the target lesion is restenosed or occluded."""

    onset: int
    until: int
    occluded: bool
    painful: bool


@dataclass(frozen=True, slots=True)
class Revascularisation:
    """A later procedure; kind CD, IMG (target lesion, imaging only), TVR or LIMB (the other limb)."""

    day: int
    kind: str
    how: str = "PERC"

    @property
    def of_target_lesion(self) -> bool:
        """Whether the target lesion is treated."""
        return self.kind in ("CD", "IMG")


@dataclass(frozen=True, slots=True)
class Contact:
    """A follow-up visit, attended or missed; `day` of a missed one is the close of its window."""

    code: str
    day: int
    mode: str
    wish: bool = False
    """Whether the subject came because of complaints."""

    @property
    def in_person(self) -> bool:
        """Whether the subject was seen."""
        return self.mode in ("CLIN", "INPT")


@dataclass(frozen=True, slots=True)
class Harm:
    """One adverse event; `interest` is a code of AESI, `days` how long it lasted."""

    day: int
    term: str
    interest: str
    severity: str
    serious: bool
    days: int
    related: str
    """Relation to the procedure (AEREL)."""
    late: bool = False
    """Whether it was reported after the 24 hours."""


@dataclass(frozen=True, slots=True)
class End:
    """How participation ended; `last` is the last day on which the subject's state was known."""

    reason: str
    day: int
    last: int


@dataclass(slots=True)
class Course:
    """All that happens to one subject, in days after the index procedure."""

    head: Head
    given: Covariates
    history: History
    procedure: Procedure
    losses: list[Loss] = field(default_factory=list)
    revascularisations: list[Revascularisation] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    harms: list[Harm] = field(default_factory=list)
    death: int | None = None
    death_found: int = 0
    """The day on which the site hears of the death."""
    amputation: tuple[int, str] | None = None
    end: End | None = None
    gain: float = 0.27
    """Rise of the ABI by the procedure."""
    steps_better: int = 1
    """Rutherford categories won by the procedure."""

    @property
    def day0(self) -> date:
        """The index procedure date; raises AssertionError for an untreated subject."""
        assert self.head.treated is not None
        return self.head.treated

    def on(self, day: int) -> date:
        """Return the date of a day of the course."""
        return self.day0 + timedelta(days=day)

    @property
    def horizon(self) -> int:
        """The demo's today as a day of the course."""
        return (timeline.TODAY - self.day0).days

    def loss_at(self, day: int) -> Loss | None:
        """Return the loss of patency that stands on a day."""
        return next((loss for loss in self.losses if loss.onset <= day < loss.until), None)

    def amputated_by(self, day: int) -> bool:
        """Whether the target limb had a major amputation on or before a day."""
        return self.amputation is not None and self.amputation[0] <= day

    def rutherford(self, day: int) -> int:
        """Return the Rutherford category of the target limb on a day after the procedure."""
        before = self.given.rutherford
        settled = max(0, before - self.steps_better)
        loss = self.loss_at(day)
        if loss is None:
            return settled
        if not loss.painful:
            return min(settled + (day % 2), before)
        return max(2, before) if day - loss.onset > (loss.until - loss.onset) // 2 else settled

    def abi(self, day: int) -> float:
        """Return the true ABI of the target limb on a day after the procedure."""
        value = min(self.history.abi + self.gain, 1.12) - 0.02 * day / 365
        if self.loss_at(day) is not None:
            value -= 0.25
        return max(0.2, value)
