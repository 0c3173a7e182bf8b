"""The subject's status, a pure function of facts; never typed and never stored (protocol §2)."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.words import Bilingual, T


class Status(StrEnum):
    """Where a subject stands in the study."""

    SCREENING = "SCREENING"
    ELIGIBLE = "ELIGIBLE"
    SCREEN_FAIL = "SCREEN_FAIL"
    ENROLLED = "ENROLLED"
    IN_FOLLOW_UP = "IN_FOLLOW_UP"
    COMPLETED = "COMPLETED"
    DEAD = "DEAD"
    WITHDRAWN = "WITHDRAWN"
    LOST = "LOST"
    DISCONTINUED = "DISCONTINUED"

    @property
    def label(self) -> Bilingual:
        """The status in words."""
        return LABELS[self]


LABELS: dict[Status, Bilingual] = {
    Status.SCREENING: T("Screening", "筛选中"),
    Status.ELIGIBLE: T("Eligible", "符合入组"),
    Status.SCREEN_FAIL: T("Screen failure", "筛选失败"),
    Status.ENROLLED: T("Enrolled", "已入组"),
    Status.IN_FOLLOW_UP: T("In follow-up", "随访中"),
    Status.COMPLETED: T("Completed", "已完成"),
    Status.DEAD: T("Died", "死亡"),
    Status.WITHDRAWN: T("Withdrawn", "已退出"),
    Status.LOST: T("Lost to follow-up", "失访"),
    Status.DISCONTINUED: T("Discontinued", "已终止"),
}

ENDED_BY_EXIT = {
    "COMP": Status.COMPLETED,
    "WD": Status.WITHDRAWN,
    "LTFU": Status.LOST,
    "PI": Status.DISCONTINUED,
    "SPON": Status.DISCONTINUED,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the status is computed from; blank items are None."""

    consent_obtained: str | None = None
    elig_outcome: str | None = None
    elig_confirmed: bool = False
    study_dev_introduced: str | None = None
    disc_vital: str | None = None
    attended_fu: bool = False
    exit_reason: str | None = None
    dth: bool = False


def status(facts: Facts) -> Status:
    """Return the status that these facts make; a corrected fact simply makes another one.

    A subject who got a study device is enrolled, eligible or not; one who did not and has ended, for
    whatever reason, is a screen failure.
    """
    if facts.study_dev_introduced != "Y":
        return _before_treatment(facts)
    if facts.dth:
        return Status.DEAD
    if facts.exit_reason in ENDED_BY_EXIT:
        return ENDED_BY_EXIT[facts.exit_reason]
    if facts.disc_vital == "A" or facts.attended_fu:
        return Status.IN_FOLLOW_UP
    return Status.ENROLLED


def _before_treatment(facts: Facts) -> Status:
    ended = facts.elig_outcome == "SF" or facts.consent_obtained == "N" or facts.exit_reason or facts.dth
    if ended:
        return Status.SCREEN_FAIL
    if facts.elig_outcome == "ELIG" and facts.elig_confirmed:
        return Status.ELIGIBLE
    return Status.SCREENING
