"""One number of a home's head line, and what homes say of ages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from defier.dashboard.tables import Line, Number, To
from defier.worklist import Unfinished
from sites.reader import said
from visits.models import Query
from visits.review.query_lists import AGES, age_of


@dataclass(frozen=True, slots=True)
class Count:
    """One number of the head line, and the list that it counts."""

    sign: str
    number: int
    words: str
    below: str
    url: str


@dataclass(frozen=True, slots=True)
class Ages:
    """Open queries by site and by the time that they wait, each number with its list."""

    heads: Sequence[str]
    lines: Sequence[Line]
    total: int


def oldest(queries: Sequence[Any]) -> str:
    """Say how old the first of these queries is, which is the oldest."""
    if not queries:
        return _("none")
    return _("oldest %(n)d d") % {"n": (clock.now() - queries[0].opened_at).days}


def queries_answered(answered: Sequence[Query]) -> Count:
    """Count the queries that wait for a monitor, the oldest first."""
    url = f"{reverse('queries')}?show=answered"
    return Count("query-answered", len(answered), _("Queries answered"), oldest(answered), url)


def queries_open(opened: Iterable[Query]) -> Count:
    """Count the queries that wait for a site."""
    by_age = sorted(opened, key=lambda one: one.opened_at)
    return Count(
        "query-open", len(by_age), _("Queries open"), oldest(by_age), f"{reverse('queries')}?show=open"
    )


def pages_unfinished(unfinished: Sequence[Unfinished]) -> Count:
    """Count the pages on which items are missing, listed on the home itself."""
    url = f"{reverse('home')}?show=unfinished#unfinished"
    return Count("incomplete", len(unfinished), _("Unfinished pages"), _("items missing"), url)


def ages(opened: Iterable[Query]) -> Ages:
    """Count open queries as `query_lists.listed` gives them, with the moment since when they wait."""
    now = clock.now()
    counts: Counter[tuple[str, str]] = Counter((one.site_id, age_of(_since(one), now)) for one in opened)
    to = To("queries", "site", "age", own=False, show="open")
    lines = []
    for site in sorted({site for site, _age in counts}):
        of_site = [counts[site, age] for age in AGES]
        numbers = [Number(n, to(site, age)) for n, age in zip(of_site, AGES, strict=True)]
        lines.append(Line(site, [*numbers, Number(sum(of_site), to(site, ""))]))
    return Ages([said(words) for _least, _most, words in AGES.values()], lines, counts.total())


def _since(query: Query) -> datetime:
    since: datetime = query.since  # type: ignore[attr-defined]
    return since
