"""What people do with the demo's data: pages are saved, questions asked, answered and closed.

A course becomes a list of acts in order of time; the loader replays them through the real services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Person:
    """A reference to somebody, to be replaced by the user's id; site None: of the whole study."""

    role: str
    site: str | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class PageOf:
    """A reference to another page of the subject, by the key of its sheet, to be replaced by its id."""

    key: str


@dataclass(slots=True)
class Sheet:
    """The values of one page; `key` names the page within the subject, e.g. FU@M12, DUS@M12/L1, REV/2.

    A sheet with the key of an earlier one changes that page.
    """

    key: str
    form: str
    visit: str | None
    values: dict[str, Any]
    missing: dict[str, str] = field(default_factory=dict)
    not_done: str = ""
    """Why the page was not done; empty: it was."""


@dataclass(frozen=True, slots=True)
class Save:
    """Somebody saves pages together; `reason` is needed where a stored value changes."""

    at: datetime
    who: Person
    sheets: tuple[Sheet, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Confirm:
    """The investigator confirms the eligibility."""

    at: datetime
    who: Person


@dataclass(frozen=True, slots=True)
class Report:
    """The next version of the report of a serious event is made, unless it is not possible by then."""

    at: datetime
    who: Person
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A monitor asks about an item of a page."""

    at: datetime
    who: Person
    key: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A coordinator answers a query, unless the data have closed it meanwhile."""

    at: datetime
    who: Person
    query: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """A monitor closes an answered query."""

    at: datetime
    who: Person
    query: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Verify:
    """A monitor compares the critical items of a page with their source, and finds them right."""

    at: datetime
    who: Person
    key: str


@dataclass(frozen=True, slots=True)
class Sign:
    """The investigator signs every page of the subject that is complete and has no query by then."""

    at: datetime
    who: Person


Act = Save | Confirm | Report | Ask | Answer | Close | Verify | Sign


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without those that are None, so that hidden items are not named."""
    return {name: value for name, value in values.items() if value is not None}
