"""What would happen to a subject if nothing cut the observation short: latent days of every event.

Days count from the index procedure (day 0). Rates per day are those of protocol.md §8.2; each pair is the
first year's and the later rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp
from random import Random

from defier.demo.baseline import Covariates

YEAR = 365
CD_TLR = {"DCB": (1.9132e-4, 1.7874e-4), "DES": (2.1459e-4, 1.8601e-4)}
SILENT_RESTENOSIS = (2.9e-4, 3.5e-4)
# 2.5 %, 5 % and 12 % at 24 months; 4 % and 8 %, 5 % and 10 % at 12 and 24; 1.5 % at 24. Death and
# amputation are divided by the mean of their multipliers (1.181 and 1.39).
OTHER_TLR = (3.468e-5, 3.468e-5)
OTHER_TVR = (7.026e-5, 7.026e-5)
OTHER_LIMB = (1.7512e-4, 1.7512e-4)
DEATH = (9.47e-5, 9.87e-5)
MAJOR_AMPUTATION = (1.49e-5, 1.49e-5)
LOSS_TO_FOLLOW_UP = (1.4053e-4, 1.4813e-4)
WITHDRAWAL = (2.07e-5, 2.07e-5)
SERIOUS_EVENT = (3.94e-4, 3.94e-4)
EARLY_DEATH = 0.002
"""Deaths by day 30 beyond those of the daily rate, so that 30-day mortality is .5 %."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Latent days of one subject's events."""

    cd_tlr: int
    again_cd_tlr: int
    other_tlr: int
    other_tvr: int
    other_limb: int
    silent_restenosis: int
    lead: int
    """Days from the restenosis that causes a revascularisation to that revascularisation."""
    occlusive: bool
    death: int
    major_amputation: int
    lost: int
    withdrawal: int
    serious: int


def first_day(rng: Random, rates: tuple[float, float]) -> int:
    """Draw the day of an event with one rate in the first year and another later; at least day 1."""
    work = rng.expovariate(1.0)
    first = rates[0] * YEAR
    days = work / rates[0] if work <= first else YEAR + (work - first) / rates[1]
    return max(1, ceil(days))


def cd_tlr_factor(given: Covariates) -> float:
    """Return the hazard ratio of CD-TLR of these covariates against the reference subject."""
    return exp(
        0.55 * (given.tosaka == 3)
        + 0.15 * (given.tosaka == 2)
        + 0.20 * (given.length - 140) / 100
        + 0.25 * given.diabetes
        + 0.25 * (given.rutherford >= 4)
        + 0.30 * (given.isr >= 2)
    )


def cd_tlr_day(rng: Random, given: Covariates) -> int:
    """Draw the day of the first clinically driven target lesion revascularisation."""
    return first_day(rng, _times(CD_TLR[given.cohort], cd_tlr_factor(given)))


def draw_fate(rng: Random, given: Covariates) -> Fate:
    """Draw the latent course of a subject with these covariates."""
    frail = (2.0 if given.dialysis else 1.0) * (1.5 if given.rutherford >= 4 else 1.0)
    wounded = 4.0 if given.rutherford == 5 else 1.0
    cd_tlr = cd_tlr_day(rng, given)
    again = cd_tlr + (rng.randint(60, 420) if rng.random() < 0.15 else 100_000)
    death = rng.randint(2, 30) if rng.random() < EARLY_DEATH else 100_000
    return Fate(
        cd_tlr=cd_tlr,
        again_cd_tlr=again,
        other_tlr=first_day(rng, OTHER_TLR),
        other_tvr=first_day(rng, OTHER_TVR),
        other_limb=first_day(rng, OTHER_LIMB),
        silent_restenosis=first_day(rng, SILENT_RESTENOSIS),
        lead=rng.randint(10, 120),
        occlusive=rng.random() < 0.30,
        death=min(death, first_day(rng, _times(DEATH, frail))),
        major_amputation=first_day(rng, _times(MAJOR_AMPUTATION, wounded)),
        lost=first_day(rng, LOSS_TO_FOLLOW_UP),
        withdrawal=first_day(rng, WITHDRAWAL),
        serious=first_day(rng, SERIOUS_EVENT),
    )


def _times(rates: tuple[float, float], factor: float) -> tuple[float, float]:
    return rates[0] * factor, rates[1] * factor
