"""Time from frames to all endpoints: 578 subjects within 0.3 s, 100 000 within 60 s, linear (design §5).

python -m benchmarks.endpoints 578 10000 100000
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator

import pandas as pd

from benchmarks.measurement import Measurement, seconds
from outcomes.assembly import subjects_of
from outcomes.derivation import derive
from outcomes.timelines import Timeline, read
from outcomes.verification import frames_of

DISTINCT = 578
VISITS = (30, 90, 180, 365, 730)


def course(rng: random.Random) -> str:
    """Return the tokens of one invented subject with every scheduled visit, duplex and ABI."""
    words = [f"RU={rng.choice('2345')}", f"ABI={rng.randint(30, 90)}", "CR@1(85)", "CR@30(90)"]
    lesions = rng.choices((1, 2), (7, 3))[0]
    until = rng.choices((790, rng.randint(1, 780)), (7, 3))[0]
    for target in VISITS:
        day = target + rng.randint(-5, 5)
        if day > until:
            break
        words += [f"V@{day}", f"RU@{day}({rng.randint(0, 3)})", f"ABI@{day}({rng.randint(60, 110)})"]
        words += [f"D@{day}({rng.uniform(1, 3):.1f},les={lesion + 1})" for lesion in range(lesions)]
    if until < 700 and rng.random() < 0.4:
        words.append(f"X@{until}")
    if rng.random() < 0.4:
        words.append(f"R@{rng.randint(30, 700)}(gap={rng.randint(0, 60)},abi=95>{rng.randint(60, 95)})")
    if rng.random() < 0.3:
        words.append(f"ORG@{rng.randint(1, 600)}")
    words += ["XR@365(0)", "XR@735(0)"] if until > 735 else []
    return " ".join(words)


def frames(count: int) -> dict[str, pd.DataFrame]:
    """Return the frames of `count` subjects: 578 distinct courses, repeated under new names."""
    rng = random.Random(20)
    text = "\n".join(f"S{n:06d} | {course(rng)} | CDTLR24 => E@0" for n in range(min(count, DISTINCT)))
    timelines: list[Timeline] = read(text)
    one = frames_of(timelines)
    copies = -(-count // DISTINCT)
    if copies == 1:
        return one
    return {
        form: pd.concat(
            [frame.assign(subject=frame["subject"] + f"-{copy:04d}") for copy in range(copies)],
            ignore_index=True,
        )
        for form, frame in one.items()
    }


def measure() -> Iterator[Measurement]:
    """From frames in memory to every outcome of 578 invented subjects, in this process (best of 3)."""
    data = frames(DISTINCT)
    taken = seconds(lambda: [derive(subject) for subject in subjects_of(data)], times=3)
    yield Measurement(f"all endpoints of {DISTINCT} subjects", taken[0], "s", budget=0.3)


def main(counts: list[int]) -> None:
    """Print the time for each number of subjects."""
    for count in counts:
        data = frames(count)
        rows = sum(len(frame) for frame in data.values())
        start, used = time.perf_counter(), time.process_time()
        outcomes = 0
        for subject in subjects_of(data):
            outcomes += len(derive(subject).outcomes)
        spent, busy = time.perf_counter() - start, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{count:>7} subjects, {rows:>8} pages, {outcomes:>8} outcomes: "
            f"{spent:7.3f} s (processor {busy:.3f} s), peak {peak} MiB"
        )


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [DISTINCT])
