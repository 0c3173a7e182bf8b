"""Aalen–Johansen cumulative incidence of one group with its infinitesimal-jackknife error (§6.5).

R: survfit(Surv(t, factor(state))). Written here because lifelines jitters tied times at random.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from outcomes.stats.limits import Estimate, log_log

CENSORED, EVENT, COMPETING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence of one cause as steps (day, estimate)."""

    steps: tuple[tuple[int, Estimate], ...]

    def at(self, day: int) -> Estimate:
        """Return the incidence at a day, events on that very day included."""
        found = Estimate(0.0, 0.0, None, None)
        for step, estimate in self.steps:
            if step > day:
                break
            found = estimate
        return found


def aalen_johansen(days: Sequence[int], states: Sequence[int], cause: int = EVENT) -> Incidence:
    """Estimate the incidence of `cause` from follow-up in days and how it ended (0 censored, 1, 2).

    Subjects with equal day and state share one influence, so that the work is distinct outcomes × event days.
    """
    groups: dict[tuple[int, int], int] = {}
    for outcome in zip(days, states, strict=True):
        groups[outcome] = groups.get(outcome, 0) + 1
    outcomes = sorted(groups)
    on_survival = dict.fromkeys(outcomes, 0.0)
    on_incidence = dict.fromkeys(outcomes, 0.0)
    survival, incidence = 1.0, 0.0
    steps = []
    for day in sorted({day for day, state in outcomes if state != CENSORED}):
        at_risk = sum(count for (end, _), count in groups.items() if end >= day)
        caused = groups.get((day, cause), 0)
        any_cause = sum(groups.get((day, state), 0) for state in (EVENT, COMPETING))
        hazard, total = caused / at_risk, any_cause / at_risk
        for outcome in outcomes:
            end, state = outcome
            present = end >= day
            own = ((end == day and state == cause) - present * hazard) / at_risk
            own_total = ((end == day and state != CENSORED) - present * total) / at_risk
            before = on_survival[outcome]
            on_incidence[outcome] += before * hazard + survival * own
            on_survival[outcome] = before * (1 - total) - survival * own_total
        incidence += survival * hazard
        survival *= 1 - total
        se = math.sqrt(sum(count * on_incidence[outcome] ** 2 for outcome, count in groups.items()))
        steps.append((day, log_log(incidence, se)))
    return Incidence(tuple(steps))
