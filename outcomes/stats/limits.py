"""Confidence limits on the complementary log-log scale, as R's survfit prints them (protocol §6.1)."""

import math
from typing import NamedTuple

Z = 1.959964


class Estimate(NamedTuple):
    """A probability with its standard error and 95 % limits, None where they cannot be estimated."""

    value: float
    se: float
    low: float | None
    high: float | None


def log_log(value: float, se: float) -> Estimate:
    """Return the estimate with limits value^exp(±1.96·se(θ)), θ = log(−log value); none at 0 and 1."""
    if not 0.0 < value < 1.0:
        return Estimate(value, se, None, None)
    spread = Z * se / (value * abs(math.log(value)))
    return Estimate(value, se, value ** math.exp(spread), value ** math.exp(-spread))
