"""Ankle and toe pressures whose ratio is the ABI that is reported."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from defier.demo.acts import Sheet
from defier.demo.course import Course
from defier.demo.pages.numbers import ratio


def pressures(course: Course, visit: str, on: date, day: int | None, rng: Random) -> Sheet:
    """Return the ABI page of a visit; `day` None is screening."""
    limb = course.history.limb
    arms = {side: course.history.brachial + rng.randint(-6, 6) for side in "lr"}
    target = course.history.abi if day is None else course.abi(day)
    true = {"l": target, "r": course.history.abi_other}
    if limb == "R":
        true = {"l": course.history.abi_other, "r": target}
    values: dict[str, Any] = {
        "abi_date": on,
        "abi_method": "DOPP" if rng.random() < 0.8 else "OSC",
        "brachial_l": arms["l"],
        "brachial_r": arms["r"],
    }
    higher = max(arms.values())
    for side in "lr":
        hard = course.history.incompressible and side == limb.lower()
        aim = 1.55 if hard else max(0.2, true[side] + rng.gauss(0, 0.02))
        ankle = min(round(aim * higher), 300)
        values |= {
            f"ankle_dp_{side}": ankle - rng.randint(0, min(12, ankle)),
            f"ankle_pt_{side}": ankle,
            f"abi_{side}": ratio(ankle, higher),
            f"incompressible_{side}": "Y" if hard else "N",
        }
        if hard:
            toe = round(max(0.15, target * 0.6) * higher)
            values |= {f"toe_{side}": toe, f"tbi_{side}": ratio(toe, higher)}
    return Sheet(f"ABI@{visit}", "ABI", visit, values)


def wifi_ischaemia(course: Course) -> str:
    """Return the WIfI ischaemia grade of the ABI before the procedure."""
    abi = course.history.abi
    return "0" if abi >= 0.8 else "1" if abi >= 0.6 else "2" if abi >= 0.4 else "3"
