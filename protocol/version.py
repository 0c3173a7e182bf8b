"""The versions of the protocol: which there are, in which order, and what of this folder belongs to each.

Version 1.0 is the first; every later one is an amendment. What an amendment changes stands where it applies
(`since`, `until`, `amended` of an item, of a term, of a visit's window), so that one place says it; nothing
is dropped, and what is retired stays readable on the pages that were entered with it.
"""

from dataclasses import dataclass
from datetime import date

from protocol.words import Bilingual

FIRST = "1.0"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A new version of the protocol; a site works by it once its ethics committee has approved it.

    `reconsent` says that subjects who are in the study have to consent again.
    """

    version: str
    dated: date
    summary: Bilingual
    reconsent: bool = False


AMENDMENTS: tuple[Amendment, ...] = ()
"""The amendments in their order."""

PROTOCOL_VERSION = AMENDMENTS[-1].version if AMENDMENTS else FIRST
"""The newest version that this folder states."""


def versions() -> tuple[str, ...]:
    """Return all versions, the first one first."""
    return (FIRST, *(amendment.version for amendment in AMENDMENTS))


def amendment(version: str) -> Amendment:
    """Return the amendment that made a version; KeyError for the first version and for an unknown one."""
    found = next((one for one in AMENDMENTS if one.version == version), None)
    if found is None:
        raise KeyError(version)
    return found


def place(version: str) -> tuple[int, ...]:
    """Return what a version sorts by: 1.10 comes after 1.9; ValueError where it is no version."""
    return tuple(int(part) for part in version.split("."))


def newest(known: tuple[str, ...]) -> str:
    """Return the newest of some versions; the first one where there are none."""
    return max(known, key=place, default=FIRST)


def in_force(version: str, since: str, until: str | None) -> bool:
    """Say whether what exists from `since` on, and from `until` on no longer, belongs to a version."""
    if since == FIRST and until is None:
        return True
    here = place(version)
    return place(since) <= here and (until is None or here < place(until))
