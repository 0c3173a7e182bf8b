"""Unstratified two-sided log-rank test of two groups with hypergeometric variance (§6.3). R: survdiff."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class LogRank(NamedTuple):
    """Chi-square on one degree of freedom and its p value; None where the groups share no event time."""

    chi_square: float | None
    p: float | None


def log_rank(days: Sequence[int], events: Sequence[bool], in_first: Sequence[bool]) -> LogRank:
    """Compare the subjects `in_first` with the others."""
    rows = sorted(zip(days, events, in_first, strict=True))
    observed = expected = variance = 0.0
    at_risk, first_at_risk = len(rows), sum(in_first)
    position = 0
    while position < len(rows):
        day = rows[position][0]
        tied = []
        while position < len(rows) and rows[position][0] == day:
            tied.append(rows[position])
            position += 1
        died = sum(event for _, event, _ in tied)
        if died:
            share = first_at_risk / at_risk
            observed += sum(event and first for _, event, first in tied)
            expected += died * share
            if at_risk > 1:
                variance += died * share * (1 - share) * (at_risk - died) / (at_risk - 1)
        at_risk -= len(tied)
        first_at_risk -= sum(first for _, _, first in tied)
    if variance <= 0:
        return LogRank(None, None)
    chi_square = (observed - expected) ** 2 / variance
    return LogRank(chi_square, math.erfc(math.sqrt(chi_square / 2)))
