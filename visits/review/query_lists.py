"""Lists of queries: filtered by site, age, form, check, state, subject; counted; aged by their steps.

The age of a query is the time since its last transition: how long it has been waiting for whoever is next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from statistics import median
from urllib.parse import urlencode

from django.db.models import F, Max, Q, QuerySet

from audit import clock
from audit.actors import Actor
from protocol.words import Bilingual, T
from visits.crfs import FORMS
from visits.models import Query, QueryStep
from visits.review.queries import queries_visible

LISTS = {
    "open": Q(state="OPEN"),
    "answered": Q(state="ANSWERED"),
    "all": ~Q(state="CANDIDATE"),
    "closed": Q(state="CLOSED"),
    "changed": Q(state="CLOSED", close_reason__in=["corrected", "auto"]),
    "candidates": Q(state="CANDIDATE"),
    "every": Q(),
}
AGES: dict[str, tuple[int, int | None, Bilingual]] = {
    "week": (0, 7, T("up to 7 days", "7天以内")),
    "fortnight": (8, 14, T("8 to 14 days", "8至14天")),
    "month": (15, 28, T("15 to 28 days", "15至28天")),
    "older": (29, None, T("over 28 days", "超过28天")),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which queries a list shows; every field is a part of its address, so that going back finds it again."""

    show: str = "open"
    site: str = ""
    age: str = ""
    form: str = ""
    check: str = ""
    subject: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Wanted | None:
        """Read a list's address; None where it names what there is not."""
        found = cls(**{one.name: given.get(one.name, one.default) for one in fields(cls)})  # type: ignore[arg-type]
        known = found.show in LISTS and (not found.age or found.age in AGES)
        return found if known and (not found.form or found.form in FORMS) else None

    @property
    def address(self) -> str:
        """The list's address after the question mark, without what is not asked."""
        return urlencode({one.name: value for one in fields(self) if (value := getattr(self, one.name))})

    def with_(self, **other: str) -> Wanted:
        """Return the same list with another filter."""
        return replace(self, **other)

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The filters that narrow the list, by name, each with the address of the list without it."""
        names = ("site", "age", "form", "check", "subject")
        return [(name, self.with_(**{name: ""}).address) for name in names if getattr(self, name)]


def listed(*, by: Actor, wanted: Wanted) -> QuerySet[Query]:
    """Return the queries of a list that this person may read, the longest waiting first."""
    plain = _narrowed(queries_visible(by=by), wanted).filter(LISTS[wanted.show])
    found = plain.annotate(since=Max("steps__at"))
    if wanted.age:
        least, most, _words = AGES[wanted.age]
        now = clock.now()
        found = found.filter(since__lte=now - timedelta(days=least))
        if most is not None:
            found = found.filter(since__gt=now - timedelta(days=most + 1))
    return found.select_related("page__visit", "subject").order_by("since", "id")


def _narrowed(found: QuerySet[Query], wanted: Wanted) -> QuerySet[Query]:
    by_field = {
        "site_id": wanted.site,
        "page__form": wanted.form,
        "check_id": wanted.check,
        "subject__usubjid": wanted.subject,
    }
    return found.filter(**{name: value for name, value in by_field.items() if value})


def in_state(*, by: Actor, wanted: Wanted, shows: tuple[str, ...]) -> dict[str, int]:
    """Count the queries of several lists under the same filters (but that of age)."""
    found = _narrowed(queries_visible(by=by), wanted)
    return {show: found.filter(LISTS[show]).count() for show in shows}


@dataclass(slots=True)
class Line:
    """One line of a count: what it counts, its address, how many, and how many of each age."""

    name: str
    address: str
    number: int = 0
    ages: Counter[str] = field(default_factory=Counter)
    says: Bilingual | None = None
    """What a check says; the newest of its queries speaks for all."""

    @property
    def by_age(self) -> list[int]:
        """The numbers in the order of AGES."""
        return [self.ages[age] for age in AGES]


@dataclass(slots=True)
class Counts:
    """The queries of a list by site, by form and by check, each by age."""

    sites: list[Line]
    forms: list[Line]
    checks: list[Line]


def counted(*, by: Actor, wanted: Wanted) -> Counts:
    """Count a list by site, form, check and age; one statement."""
    now = clock.now()
    columns = ("site_id", "page__form", "check_id", F("since"), "message_en", "message_zh")
    rows = listed(by=by, wanted=wanted).values_list(*columns)
    found: dict[str, dict[str, Line]] = {"site": {}, "form": {}, "check": {}}
    for site, form, check, since, english, chinese in rows:
        age = age_of(since, now)
        for what, name in (("site", site), ("form", form), ("check", check)):
            if name:
                line = found[what].setdefault(name, Line(name, wanted.with_(**{what: name}).address))
                line.number += 1
                line.ages[age] += 1
                line.says = Bilingual(english, chinese or english) if what == "check" else None
    return Counts(
        sorted(found["site"].values(), key=lambda line: line.name),
        sorted(found["form"].values(), key=lambda line: -line.number),
        sorted(found["check"].values(), key=lambda line: -line.number),
    )


def age_of(since: datetime, now: datetime) -> str:
    """Return the band of an age."""
    days = (now - since).days
    return next(name for name, (_least, most, _words) in AGES.items() if most is None or days <= most)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a site's queries took, in days: until answered, and from the answer until closed (medians)."""

    site: str
    to_answer: float | None
    to_close: float | None


def pace(*, by: Actor) -> list[Pace]:
    """Return how fast queries are answered and closed at each site, from the transitions; one statement."""
    steps = QueryStep.objects.filter(query__in=queries_visible(by=by)).order_by("query_id", "at", "id")
    spent: dict[str, dict[str, list[float]]] = {}
    before: tuple[object, str, datetime] | None = None
    for query, site, state, at in steps.values_list("query_id", "site_id", "to_state", "at"):
        if before is not None and before[0] == query:
            days = (at - before[2]).total_seconds() / 86400
            kind = {("OPEN", "ANSWERED"): "answer", ("ANSWERED", "CLOSED"): "close"}.get((before[1], state))
            if kind:
                spent.setdefault(site, {}).setdefault(kind, []).append(days)
        before = (query, state, at)
    return [
        Pace(site, _median(kinds.get("answer")), _median(kinds.get("close")))
        for site, kinds in sorted(spent.items())
    ]


def _median(days: list[float] | None) -> float | None:
    return round(median(days), 1) if days else None


def time_in_states(query: Query) -> dict[str, timedelta]:
    """Return how long a query has been in each state so far, from its transitions."""
    spent: dict[str, timedelta] = {}
    steps = list(query.steps.order_by("at", "id"))
    ends = [step.at for step in steps[1:]] + [clock.now()]
    for step, end in zip(steps, ends, strict=True):
        spent[step.to_state] = spent.get(step.to_state, timedelta()) + (end - step.at)
    return spent
