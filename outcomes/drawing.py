"""The Kaplan–Meier figure as coordinates: the template only writes them down (server-side SVG, no script)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from outcomes.estimates import Group, bounds
from outcomes.stats.kaplan_meier import Step

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 820, 62.0, 732.0, 20.0, 354.0
FEWEST_AT_RISK = 5
LABEL_GAP = 17.0
COLOURS = {"DCB": ("#123f86", "#123f86"), "DES": ("#c9690f", "#934700"), "ALL": ("#394653", "#394653")}
DAY_TICKS = {30: (0, 7, 14, 21, 30), 365: (0, 90, 180, 270, 365), 730: (0, 90, 180, 365, 545, 730)}
LONG_TICKS = (0, 180, 365, 545, 730, 790)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what stands beside it."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One group's step line, band, censor ticks and end label; numbers at risk under the day ticks."""

    group: Group
    colour: str
    ink: str
    path: str
    band: str
    censored: tuple[tuple[float, float], ...]
    end_x: float
    end_y: float
    label_y: float
    percent: str
    at_risk: tuple[Tick, ...]
    risk_y: float


@dataclass(slots=True)
class Chart:
    """The whole figure."""

    height: int
    bottom_percent: int
    top_percent: int
    days: list[Tick]
    percents: list[Tick]
    lines: list[Line] = field(default_factory=list)
    horizon_x: float | None = None

    @property
    def cut_axis(self) -> bool:
        """Say whether the vertical axis leaves part of 0 to 100 % out."""
        return self.bottom_percent > 0 or self.top_percent < 100


def chart(
    groups: Sequence[Group], horizon: int | None, *, incidence: bool = False, bands: bool = True
) -> Chart:
    """Lay out the figure of one endpoint: freedom from the event, or 1 − S."""
    last = horizon or 790
    days = DAY_TICKS.get(last, LONG_TICKS)
    ends = [min(last, group.curve.last_day_with(FEWEST_AT_RISK)) for group in groups]
    low, high = _range(groups, ends, incidence=incidence)

    def x(day: float) -> float:
        return LEFT + (RIGHT - LEFT) * day / last

    def y(share: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (100 * share - low) / (high - low)

    found = Chart(
        height=int(BOTTOM) + 74 + 20 * max(1, len(groups)),
        bottom_percent=low,
        top_percent=high,
        days=[Tick(x(day), str(day)) for day in days],
        percents=[Tick(y(one / 100), f"{one} %") for one in range(low, high + 1, _interval(high - low))],
        horizon_x=x(horizon) if horizon is not None else None,
    )
    for number, (group, end) in enumerate(zip(groups, ends, strict=True)):
        found.lines.append(_line(group, end, x, y, days, number, incidence=incidence, bands=bands))
    _spread(found)
    return found


def _range(groups: Sequence[Group], ends: Sequence[int], *, incidence: bool) -> tuple[int, int]:
    """Return the percents at which the axis starts and ends: tens that hold every line and band."""
    least = 1.0
    for group, end in zip(groups, ends, strict=True):
        estimate = group.curve.at(end)
        least = min(least, estimate.value if estimate.low is None else estimate.low)
    room = max(10, int(-(-(1 - least) * 10 // 1)) * 10)
    return (0, min(100, room)) if incidence else (max(0, 100 - room), 100)


def _interval(room: int) -> int:
    """Return how many percent lie between two marks of the vertical axis."""
    return 2 if room <= 10 else 5 if room <= 20 else 10


def _line(
    group: Group,
    end: int,
    x: Callable[[float], float],
    y: Callable[[float], float],
    days: Sequence[int],
    number: int,
    *,
    incidence: bool,
    bands: bool,
) -> Line:
    steps = [step for step in group.curve.steps if step.day <= end]
    colour, ink = COLOURS[group.code]
    value = bounds(group.curve.at(end), complement=incidence)[0]
    risk_y = BOTTOM + 82 + 19 * number
    return Line(
        group=group,
        colour=colour,
        ink=ink,
        path=_path(steps, end, x, y, incidence),
        band=_band(steps, end, x, y, incidence) if bands else "",
        censored=tuple(
            (round(x(step.day), 1), round(y(bounds(step.estimate, complement=incidence)[0]), 1))
            for step in steps
            if step.censored and step.day < end
        ),
        end_x=round(x(end), 1),
        end_y=round(y(value), 1),
        label_y=round(y(value), 1),
        percent=f"{100 * value:.1f} %",
        at_risk=tuple(Tick(x(day), str(group.curve.at_risk(day))) for day in days),
        risk_y=risk_y,
    )


def _path(
    steps: Sequence[Step], end: int, x: Callable[[float], float], y: Callable[[float], float], incidence: bool
) -> str:
    level = y(0.0 if incidence else 1.0)
    parts = [f"M{x(0):.1f} {level:.1f}"]
    for step in steps:
        if step.events:
            level = y(bounds(step.estimate, complement=incidence)[0])
            parts.append(f"H{x(step.day):.1f}V{level:.1f}")
    parts.append(f"H{x(end):.1f}")
    return "".join(parts)


def _band(
    steps: Sequence[Step], end: int, x: Callable[[float], float], y: Callable[[float], float], incidence: bool
) -> str:
    """Return the area between the limits; where there are none it is as thin as the line."""
    edges = [(x(0), y(0.0 if incidence else 1.0), y(0.0 if incidence else 1.0))]
    for step in steps:
        if step.events:
            value, low, high = bounds(step.estimate, complement=incidence)
            edges.append((x(step.day), y(value if high is None else high), y(value if low is None else low)))
    upper, lower = [f"M{edges[0][0]:.1f} {edges[0][1]:.1f}"], []
    for at, top, _ in edges[1:]:
        upper.append(f"H{at:.1f}V{top:.1f}")
    upper.append(f"H{x(end):.1f}V{edges[-1][2]:.1f}")
    for (at, _, _), (_, _, bottom) in zip(reversed(edges[1:]), reversed(edges[:-1]), strict=True):
        lower.append(f"H{at:.1f}V{bottom:.1f}")
    return "".join([*upper, *lower, f"H{edges[0][0]:.1f}Z"])


def _spread(found: Chart) -> None:
    """Move end labels apart where they would lie on each other."""
    order = sorted(range(len(found.lines)), key=lambda number: found.lines[number].end_y)
    for above, below in pairwise(order):
        one, other = found.lines[above], found.lines[below]
        if other.label_y - one.label_y < LABEL_GAP:
            found.lines[below] = replace(other, label_y=round(one.label_y + LABEL_GAP, 1))


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """One subject's follow-up from day 0: contacts, its end, the horizon and the last day of the window."""

    end_x: float
    end_day: int
    contacts: tuple[float, ...]
    horizon_x: float | None
    window: tuple[float, float] | None
    ticks: tuple[Tick, ...]


def follow_up_line(end: int, contacts: Sequence[int], horizon: int | None, until: int | None) -> FollowUpLine:
    """Lay out the small line above an explanation."""
    last = max(end, horizon or 0, until or 0, 30)

    def x(day: int) -> float:
        return round(10 + 374 * day / last, 1)

    ticks = [Tick(x(0), "0"), Tick(x(end), str(end))]
    if until is not None and x(until) - x(end) > 30:
        ticks.append(Tick(x(until), str(until)))
    if x(end) - x(365) > 40 and last > 365:
        ticks.append(Tick(x(365), "365"))
    return FollowUpLine(
        end_x=x(end),
        end_day=end,
        contacts=tuple(x(day) for day in contacts if day <= end),
        horizon_x=None if horizon is None else x(horizon),
        window=None if until is None or until <= end else (x(end), x(until) - x(end)),
        ticks=tuple(ticks),
    )
