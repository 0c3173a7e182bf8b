"""Product-limit estimate of one group: survival, Greenwood error, log-log limits, numbers at risk (§6.1).

Whole days; on a tied day events come before censorings. R: survfit(Surv(t, e), conf.type = "log-log").
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.stats.limits import Estimate, log_log


@dataclass(frozen=True, slots=True)
class Step:
    """What happened on one day of the curve, and the estimate including that day's events."""

    day: int
    at_risk: int
    events: int
    censored: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Curve:
    """The estimate of one group."""

    subjects: int
    events: int
    steps: tuple[Step, ...]
    days: tuple[int, ...]
    """Every subject's follow-up, ascending."""

    def at(self, day: int) -> Estimate:
        """Return S(day), events on that very day included."""
        position = bisect_right([step.day for step in self.steps], day)
        return self.steps[position - 1].estimate if position else Estimate(1.0, 0.0, None, None)

    def at_risk(self, day: int) -> int:
        """Return how many subjects were followed to `day` at least."""
        return len(self.days) - bisect_left(self.days, day)

    def last_day_with(self, at_risk: int) -> int:
        """Return the last day with at least so many subjects at risk; the curve is not drawn beyond."""
        if not self.days:
            return 0
        return self.days[-at_risk] if len(self.days) >= at_risk else self.days[-1]


def kaplan_meier(days: Sequence[int], events: Sequence[bool]) -> Curve:
    """Estimate survival from each subject's follow-up in days and whether it ended in the event."""
    happened, ended = Counter[int](), Counter[int]()
    for day, event in zip(days, events, strict=True):
        (happened if event else ended)[day] += 1
    at_risk = len(days)
    survival, variance = 1.0, 0.0
    steps = []
    for day in sorted(happened.keys() | ended.keys()):
        died = happened[day]
        if died:
            survival *= 1 - died / at_risk
            variance += died / (at_risk * (at_risk - died)) if died < at_risk else 0.0
        estimate = log_log(survival if died < at_risk else 0.0, survival * math.sqrt(variance))
        steps.append(Step(day, at_risk, died, ended[day], estimate))
        at_risk -= died + ended[day]
    return Curve(len(days), sum(happened.values()), tuple(steps), tuple(sorted(days)))
