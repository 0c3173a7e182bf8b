"""One measured number beside its budget."""

import time
from collections.abc import Callable
from dataclasses import dataclass

WHOLE_STUDY = "-c edc.sites=*"
"""The option of a connection of the benchmarks' own, which shows the rows of all sites (audit.sight)."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was measured, the number, its unit, and the budget; `at_least` where more is better."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False

    @property
    def over(self) -> bool:
        if self.budget is None:
            return False
        return self.value < self.budget if self.at_least else self.value > self.budget

    def __str__(self) -> str:
        text = f"{self.what:<58} {self.value:>10.4g} {self.unit}"
        if self.budget is None:
            return text
        sign = ">=" if self.at_least else "<="
        return f"{text:<80} {sign} {self.budget:g} {'OVER BUDGET' if self.over else 'ok'}"


def seconds(function: Callable[[], object], *, times: int = 1) -> list[float]:
    """Return how long each of so many calls took, sorted."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        function()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)


def percentile(sorted_values: list[float], share: float) -> float:
    """Return the value below which this share of the sorted values lies (nearest rank)."""
    return sorted_values[
        max(0, min(len(sorted_values) - 1, -(-int(share * 1000) * len(sorted_values) // 1000) - 1))
    ]
