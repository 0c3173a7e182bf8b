"""The reporting clocks of a serious adverse event (protocol §3.27): who must be told by when.

The site tells sponsor, institution and ethics committee within 24 hours of being aware; the sponsor tells
the authority within 7 days of being told when a device-related event is fatal or threatens life, within 15
days when it is device-related otherwise. Limits are exact hours and inclusive; a day is 24 hours. What a
missing answer leaves open stays open: such a clock is undetermined, never silently not applicable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from protocol.words import Bilingual, T

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URGENT_BELOW = 0.25
"""Less than this share of the time left is urgent."""


class State(StrEnum):
    """How a clock stands."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNDETERMINED = "UNDETERMINED"
    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    LATE = "LATE"
    OVERDUE = "OVERDUE"

    @property
    def label(self) -> Bilingual:
        """The state in words."""
        return STATES[self]


STATES: dict[State, Bilingual] = {
    State.NOT_APPLICABLE: T("does not apply", "不适用"),
    State.UNDETERMINED: T("cannot be determined yet", "尚无法判定"),
    State.NOT_STARTED: T("not started", "未开始"),
    State.RUNNING: T("running", "计时中"),
    State.DONE: T("done in time", "按时完成"),
    State.LATE: T("done late", "逾期完成"),
    State.OVERDUE: T("overdue", "已逾期"),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that has to be reported, and the time for it."""

    code: str
    label: Bilingual
    limit: timedelta


SPONSOR = Duty(
    "SPONSOR",
    T(
        "Site to sponsor, institution and ethics committee: 24 h",
        "中心上报申办者、机构与伦理委员会:24小时",
    ),
    24 * HOUR,
)
AUTHORITY_7 = Duty(
    "AUTHORITY7",
    T("Sponsor to authority, fatal or life-threatening: 7 d", "申办者上报监管部门(死亡或危及生命):7天"),
    7 * DAY,
)
AUTHORITY_15 = Duty(
    "AUTHORITY15",
    T("Sponsor to authority, other device-related: 15 d", "申办者上报监管部门(其他器械相关):15天"),
    15 * DAY,
)
DUTIES = (SPONSOR, AUTHORITY_7, AUTHORITY_15)


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty for one event: its state at a moment, when it began and is due, when it was done, and why."""

    duty: Duty
    state: State
    because: Bilingual
    begun: datetime | None = None
    done: datetime | None = None
    now: datetime | None = None

    @property
    def due(self) -> datetime | None:
        """The last moment that is still in time."""
        return self.begun + self.duty.limit if self.begun is not None else None

    @property
    def left(self) -> timedelta | None:
        """The time left while it runs; negative once overdue; None for a clock that does not run."""
        if self.state not in (State.RUNNING, State.OVERDUE) or self.due is None or self.now is None:
            return None
        return self.due - self.now

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act on it."""
        return self.state in (State.UNDETERMINED, State.NOT_STARTED, State.RUNNING, State.OVERDUE)

    @property
    def is_urgent(self) -> bool:
        """Whether less than a quarter of its time is left."""
        return (
            self.state is State.RUNNING
            and self.left is not None
            and (self.left / self.duty.limit < URGENT_BELOW)
        )

    @property
    def spent(self) -> float:
        """The share of the time that has passed, from 0 to 1, for drawing it."""
        end = self.done or self.now
        if self.begun is None or end is None:
            return 0.0
        return min(1.0, max(0.0, (end - self.begun) / self.duty.limit))


def is_related(relation: str | None) -> bool | None:
    """Say whether an event may be related (possible, probable or causal); None while nobody has said."""
    return None if relation is None else relation != "0"


def is_grave(criteria: Collection[str] | None, outcome: str | None) -> bool | None:
    """Say whether an event was fatal or life-threatening; None while its criteria are not known."""
    if outcome == "FAT" or {"DTH", "LT"} & set(criteria or ()):
        return True
    return False if criteria else None


def clocks_of(
    event: Mapping[str, Any], *, now: datetime, authority_told: datetime | None = None
) -> tuple[Clock, ...]:
    """Return the three clocks of an adverse event from its items (`ae_…`), in the order of DUTIES.

    `authority_told` is when the sponsor told the authority; the form has no item for it.
    """
    serious = event.get("ae_serious")
    if serious != "Y":
        state = State.NOT_APPLICABLE if serious == "N" else State.UNDETERMINED
        because = (
            T("The event is not serious.", "该事件不属于严重不良事件。")
            if serious == "N"
            else T("Nobody has said yet whether the event is serious.", "尚未判定该事件是否严重。")
        )
        return tuple(Clock(duty, state, because, now=now) for duty in DUTIES)
    told = event.get("ae_report_dt")
    return (
        _sponsor(event.get("ae_aware_dt"), told, now),
        _authority(AUTHORITY_7, event, told, now, authority_told),
        _authority(AUTHORITY_15, event, told, now, authority_told),
    )


def _sponsor(aware: datetime | None, told: datetime | None, now: datetime) -> Clock:
    if aware is None:
        because = T(
            "Serious, but the time at which the site became aware is missing.",
            "属于严重不良事件,但缺少研究中心获知时间。",
        )
        return Clock(SPONSOR, State.UNDETERMINED, because, done=told, now=now)
    because = T("Serious: counted from when the site became aware.", "严重不良事件:自研究中心获知时起算。")
    return _timed(SPONSOR, aware, told, now, because)


def _authority(
    duty: Duty, event: Mapping[str, Any], told: datetime | None, now: datetime, done: datetime | None
) -> Clock:
    related = is_related(event.get("ae_rel_device"))
    grave = is_grave(event.get("ae_sae_crit"), event.get("ae_outcome"))
    wanted = grave if duty is AUTHORITY_7 else None if grave is None else not grave
    if related is False:
        because = T("Not related to the study device.", "与研究器械无关。")
        return Clock(duty, State.NOT_APPLICABLE, because, now=now)
    if wanted is False:
        return Clock(duty, State.NOT_APPLICABLE, _other_duty(duty), now=now)
    if related is None or wanted is None:
        because = _open_question(related)
        return Clock(duty, State.UNDETERMINED, because, done=done, now=now)
    because = _cause(event, duty)
    if told is None:
        more = T(" Counted from when the sponsor is told.", "自申办者获知时起算。")
        because = Bilingual(because.en + more.en, because.zh + more.zh)
        if done is None:
            return Clock(duty, State.NOT_STARTED, because, now=now)
        # An authority that is told before the sponsor's own time is known was told in time.
        return Clock(duty, State.DONE, because, done=done, now=now)
    return _timed(duty, told, done, now, because)


def _timed(duty: Duty, begun: datetime, done: datetime | None, now: datetime, because: Bilingual) -> Clock:
    due = begun + duty.limit
    if done is not None:
        state = State.DONE if done <= due else State.LATE
    else:
        state = State.RUNNING if now <= due else State.OVERDUE
    return Clock(duty, state, because, begun, done, now)


RELATIONS = {
    "1": T("possibly related", "可能有关"),
    "2": T("probably related", "很可能有关"),
    "3": T("causally related", "肯定有关"),
}


def _cause(event: Mapping[str, Any], duty: Duty) -> Bilingual:
    """Return the sentence of causality: how related, how grave, hence which time."""
    relation = RELATIONS[event["ae_rel_device"]]
    criteria = set(event.get("ae_sae_crit") or ())
    if duty is AUTHORITY_15:
        grave = T("neither fatal nor life-threatening", "未导致死亡且不危及生命")
    elif event.get("ae_outcome") == "FAT" or "DTH" in criteria:
        grave = T("fatal", "导致死亡")
    else:
        grave = T("life-threatening", "危及生命")
    days = duty.limit // DAY
    return Bilingual(
        f"The event is {relation.en} to the study device and {grave.en}: {days} days.",
        f"该事件与研究器械{relation.zh},{grave.zh}:{days}天。",
    )


def _other_duty(duty: Duty) -> Bilingual:
    if duty is AUTHORITY_7:
        return T("Neither fatal nor life-threatening.", "未导致死亡且不危及生命。")
    return T("Fatal or life-threatening: the 7 days count.", "导致死亡或危及生命:按7天计。")


def _open_question(related: bool | None) -> Bilingual:
    if related is None:
        return T("The relation to the study device is not answered.", "尚未回答与研究器械的相关性。")
    return T("The seriousness criteria are not answered.", "尚未填写严重性标准。")


def most_pressing(clocks: Collection[Clock]) -> Clock | None:
    """Return the clock that needs somebody first: overdue, then undetermined, then the least time left."""
    order = {State.OVERDUE: 0, State.UNDETERMINED: 1, State.RUNNING: 2, State.NOT_STARTED: 3}
    waiting = [one for one in clocks if one.is_open]
    return min(waiting, key=lambda one: (order[one.state], one.left or timedelta.max), default=None)
