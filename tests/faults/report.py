"""The table at the end of `make faults`: each of the 45 with what came of it."""

from collections import defaultdict
from typing import Any

from tests.faults.table import FAULTS, NOT_HERE


def asked_for(config: Any) -> bool:
    """Say whether this run is about faults."""
    return "fault" in (config.option.markexpr or "")


def written(reporter: Any) -> None:
    """Write the table; a fault that no test brings about and that is not excused is named as missing."""
    came: dict[int, list[str]] = defaultdict(list)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, []):
            for number in getattr(report, "faults", ()):
                came[number].append(outcome)
    reporter.section("faults of requirements.md §5")
    for number, words in FAULTS.items():
        results = came.get(number, [])
        if any(one in ("failed", "error") for one in results):
            verdict = "FAILED"
        elif "passed" in results:
            verdict = f"held ({results.count('passed')})"
        elif number in NOT_HERE:
            verdict = "not here"
        else:
            verdict = "MISSING"
        reason = f": {NOT_HERE[number]}" if verdict == "not here" else ""
        reporter.write_line(f"{number:>3}  {verdict:<10} {words}{reason}")
