"""The logbook of one subject: who enters what, and how long after it happened."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from defier.demo import timeline
from defier.demo.acts import Act, Person, Save, Sheet
from defier.demo.course import Course


class Logbook:
    """The acts of one subject while they are being written down; what lies after today never happens."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.rng = timeline.stream(course.head.index, "diary")
        self.acts: list[Act] = []
        site = course.head.site
        self.coordinator = Person("COORDINATOR", site)
        self.investigator = Person("INVESTIGATOR", site)

    def add(self, act: Act) -> None:
        """Note an act, unless it lies in the future."""
        if act.at <= timeline.NOW:
            self.acts.append(act)

    def save(self, at: datetime, *sheets: Sheet, who: Person | None = None) -> None:
        """Note that pages are saved together, by the coordinator unless somebody else is named."""
        if sheets:
            self.add(Save(at, who or self.coordinator, sheets))

    def entered(self, day: date, longest: int = 10) -> datetime:
        """Return when something of a day is entered: late that day, or up to `longest` days later."""
        lag = min(longest, int(self.rng.expovariate(0.4)))
        if lag == 0:
            return timeline.moment(day, self.rng.uniform(17.0, 18.5))
        on = day + timedelta(days=lag)
        weekend = max(0, on.weekday() - 4)
        on = on - timedelta(days=weekend) if weekend and lag > weekend else on
        return timeline.moment(on, self.rng.uniform(8.6, 17.5))
