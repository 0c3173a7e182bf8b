"""Difference of two cumulative incidences at one day, from the plain Greenwood errors (§6.2)."""

import math

from outcomes.stats.kaplan_meier import Curve
from outcomes.stats.limits import Estimate, Z


def risk_difference(first: Curve, second: Curve, day: int) -> Estimate:
    """Return (1 − S₁) − (1 − S₂) at a day; no limits where a group has had no event, or none is left."""
    one, other = first.at(day), second.at(day)
    difference = other.value - one.value
    se = math.sqrt(one.se**2 + other.se**2)
    if not (0 < one.value < 1 and 0 < other.value < 1):
        return Estimate(difference, se, None, None)
    return Estimate(difference, se, difference - Z * se, difference + Z * se)
