"""The table at the end of `make faults`: what came of each of the 45, in how long, and by which test."""

from collections import defaultdict
from typing import Any

from tests.faults.table import FAULTS, IN_PART, NOT_HERE

WRONG = ("failed", "error")


def asked_for(config: Any) -> bool:
    """Say whether this run is about faults."""
    chosen = config.option.markexpr or ""
    return "fault" in chosen and "not fault" not in chosen


def written(reporter: Any) -> None:
    """Write the table; a fault that no test brings about and that is not excused is named as missing."""
    came: dict[int, list[Any]] = defaultdict(list)
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, []):
            for number in set(getattr(report, "faults", ())):
                came[number].append(report)
    reporter.section("faults of requirements.md §5")
    reporter.write_line(" no  result     seconds  what it is; the tests that bring it about")
    for number, words in FAULTS.items():
        _line(reporter, number, words, came.get(number, []))
    held = sum(_verdict(number, came.get(number, [])).startswith("held") for number in FAULTS)
    reporter.write_line(f"{held} of {len(FAULTS)} held")


def _line(reporter: Any, number: int, words: str, reports: list[Any]) -> None:
    verdict = _verdict(number, reports)
    seconds = sum(report.duration for report in reports)
    reporter.write_line(f"{number:>3}  {verdict:<10} {seconds:>7.1f}  {words}")
    for test in dict.fromkeys(report.nodeid.partition("[")[0] for report in reports):
        reporter.write_line(f"{'':24}{test}")
    why = NOT_HERE.get(number, "") if verdict == "not here" else IN_PART.get(number, "")
    if not why and verdict == "skipped":
        why = str(reports[0].longrepr[2] if isinstance(reports[0].longrepr, tuple) else reports[0].longrepr)
    if why:
        reporter.write_line(f"{'':24}not here: {why}")


def _verdict(number: int, reports: list[Any]) -> str:
    outcomes = [report.outcome for report in reports]
    if any(one in WRONG for one in outcomes):
        return "FAILED"
    if "passed" in outcomes:
        return f"held ({outcomes.count('passed')})"
    if "skipped" in outcomes:
        return "skipped"
    return "not here" if number in NOT_HERE else "MISSING"
