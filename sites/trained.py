"""Who is trained in what today, and what each still lacks for writing: for the administrator (ACC-08)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q

from audit import clock
from protocol import version as protocol
from sites.models import TRAININGS, Membership, Training, User
from sites.versions import all_in_force, version_on

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """One training that a person needs: whether it counts today, and until when (None: without end)."""

    kind: str
    version: str
    counts: bool
    until: date | None = None
    soon: bool = False

    @property
    def training(self) -> Training:
        """The training as rows of the account page word it."""
        return Training(kind=self.kind, version=self.version)


@dataclass(slots=True)
class Trained:
    """A person with the roles held today, and each training that they need."""

    person: User
    roles: list[Membership] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)

    @property
    def lacking(self) -> int:
        """How many of them do not count today."""
        return sum(not one.counts for one in self.standings)


def everybody() -> list[Trained]:
    """Return whoever holds a role today, those first who lack something; three statements."""
    today = clock.today()
    held = Membership.objects.filter(
        Q(to_date=None) | Q(to_date__gte=today), from_date__lte=today, user__is_active=True
    ).select_related("user", "site")
    people: dict[UUID, Trained] = {}
    for role in held.order_by("user__full_name", "user_id", "role", "site_id"):
        people.setdefault(role.user_id, Trained(role.user)).roles.append(role)
    learned: dict[UUID, list[Training]] = {}
    for training in Training.objects.filter(user_id__in=people, on_date__lte=today):
        learned.setdefault(training.user_id, []).append(training)
    at = {site: version_on(known, today) for site, known in all_in_force().items()}
    for key, one in people.items():
        one.standings = _standings(learned.get(key, []), _versions(one.roles, at), today)
    return sorted(people.values(), key=lambda one: -one.lacking)


def _versions(roles: Iterable[Membership], at: dict[str, str]) -> list[str]:
    """Return the versions by which somebody works: of their sites, or for the whole study the newest."""
    needed = {
        at.get(role.site_id, protocol.FIRST) if role.site_id else protocol.newest(tuple(at.values()))
        for role in roles
    }
    return sorted(needed, key=protocol.place)


def _standings(learned: list[Training], versions: list[str], today: date) -> list[Standing]:
    found = []
    for kind in TRAININGS:
        for version in versions if kind == Training.Kind.PROTOCOL else [""]:
            found.append(_standing(learned, kind, version, today))
    return found


def _standing(learned: list[Training], kind: str, version: str, today: date) -> Standing:
    """Return the training that holds longest, or that none does; an empty version is the first."""
    ends = [
        one.valid_to or date.max
        for one in learned
        if one.kind == kind and (not version or (one.version or protocol.FIRST) == version)
    ]
    last = max(ends, default=None)
    if last is None or last < today:
        return Standing(kind, version, counts=False, until=last)
    until = None if last == date.max else last
    soon = until is not None and (until - today).days <= SOON_DAYS
    return Standing(kind, version, counts=True, until=until, soon=soon)
