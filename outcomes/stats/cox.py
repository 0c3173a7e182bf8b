"""Proportional hazards with Efron's handling of ties (§6.3); lifelines agrees with R's coxph to 4 decimals.

Analysis libraries are imported when it runs: only job workers call it.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, NamedTuple

from outcomes.stats.limits import Z

if TYPE_CHECKING:
    import pandas as pd


class HazardRatio(NamedTuple):
    """A coefficient with its Wald limits on the ratio scale."""

    beta: float
    se: float
    ratio: float
    low: float
    high: float
    p: float


def cox(frame: pd.DataFrame, *, days: str, event: str, covariates: list[str]) -> dict[str, HazardRatio]:
    """Fit a model on complete rows; returns one hazard ratio per covariate.

    Raises lifelines.exceptions.ConvergenceError where the likelihood has no maximum.
    """
    from lifelines import CoxPHFitter

    complete = frame[[days, event, *covariates]].dropna().astype(float)
    fitter = CoxPHFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter.fit(
            complete, duration_col=days, event_col=event, formula=None, fit_options={"precision": 1e-9}
        )
    found = {}
    for name in covariates:
        beta, se = float(fitter.params_[name]), float(fitter.standard_errors_[name])
        found[name] = HazardRatio(
            beta,
            se,
            math.exp(beta),
            math.exp(beta - Z * se),
            math.exp(beta + Z * se),
            math.erfc(abs(beta / se) / math.sqrt(2)),
        )
    return found
