"""What has to be verified: rules by form, item, visit and site, each for a sample of the subjects.

A subject belongs to a sample of 20 % when its draw lies under 20. The draw follows from the plan's seed and
the subject's number alone, so that anybody can draw the sample again, and a greater sample holds the smaller
one (SRC-02). Sites are those that enrolled, as the number says. A plan is never changed: a new one follows.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from django.db import connection

from audit import clock
from audit.actors import Actor
from audit.context import acting
from protocol import identifiers
from protocol.schedule import VISIT
from sites.access import require
from sites.roles import Action
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.review.sdv.records import Plan

ANY = "*"
# What has no source at a site: the committee's decisions; deviations that the system itself finds.
WITHOUT_SOURCE = frozenset({"CEC", "DV"})
VERIFIABLE = tuple(form for form in FORMS if form not in WITHOUT_SOURCE)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who and what a rule asks for; `*` is any. `critical_only` leaves out what nothing important reads."""

    form: str = ANY
    item: str = ANY
    visit: str = ANY
    site: str = ANY
    percent: int = 100
    critical_only: bool = False

    def names(self, form: str, item: str, *, critical: bool) -> bool:
        """Say whether the rule is about an item, wherever it stands."""
        return self.form in (ANY, form) and self.item in (ANY, item) and (critical or not self.critical_only)

    def reaches(self, *, visit: str, usubjid: str, seed: str) -> bool:
        """Say whether the rule is about a visit (by code, LOG for logs) of a subject."""
        return (
            self.visit in (ANY, visit)
            and self.site in (ANY, identifiers.enrolling_site(usubjid))
            and draw(seed, usubjid) < self.percent
        )


DEFAULT = (Rule(critical_only=True), Rule(percent=10))
"""Critical items of all subjects, and all items of every tenth subject."""


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """The plan in force, read; the same plan is the same object, so that what follows from it is kept."""

    number: int
    seed: str
    critical: Mapping[str, Sequence[str]]
    rules: tuple[Rule, ...]

    def is_critical(self, form: str, item: str) -> bool:
        """Say whether endpoints, eligibility or safety read an item."""
        return f"{form.lower()}.{item}" in self.critical

    def critical_on(self, form: str) -> list[str]:
        """Return the critical items of a form, in its order."""
        return [item for item in FORMS[form].items() if self.is_critical(form, item)]

    def rules_for(self, form: str, item: str) -> tuple[Rule, ...]:
        """Return the rules that are about an item."""
        critical = self.is_critical(form, item)
        return tuple(rule for rule in self.rules if rule.names(form, item, critical=critical))

    def requires(self, form: str, item: str, *, visit: str | None, usubjid: str) -> bool:
        """Say whether an item has to be verified at a visit (code; None is a log) of a subject."""
        return form in VERIFIABLE and any(
            rule.reaches(visit=visit or LOG, usubjid=usubjid, seed=self.seed)
            for rule in self.rules_for(form, item)
        )


NOTHING = InForce(0, "", {}, ())
"""Before there is a plan nothing has to be verified."""


@lru_cache(maxsize=4096)
def draw(seed: str, usubjid: str) -> float:
    """Return a subject's number between 0 and 100; the same in SQL: sdv_draw."""
    return int(hashlib.sha256(f"{seed}:{usubjid}".encode()).hexdigest()[:8], 16) * 100.0 / 4294967296.0


def sample(seed: str, percent: int, usubjids: Collection[str]) -> list[str]:
    """Return the subjects of a sample, in the order of their numbers."""
    return sorted(one for one in usubjids if draw(seed, one) < percent)


def in_force() -> InForce:
    """Return the newest plan, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, seed, critical::text, rules::text"
            " FROM visits_sdvplan ORDER BY number DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return _read(*row) if row else NOTHING


@lru_cache(maxsize=8)
def kept(plan_id: uuid.UUID) -> InForce:
    """Return a plan by its id; plans never change, so each is read once in a process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, seed, critical::text, rules::text FROM visits_sdvplan WHERE id = %s", [plan_id]
        )
        return _read(*cursor.fetchone())


@lru_cache(maxsize=8)
def _read(number: int, seed: str, critical: str, rules: str) -> InForce:
    return InForce(number, seed, json.loads(critical), tuple(Rule(**rule) for rule in json.loads(rules)))


def make_plan(
    *,
    by: Actor,
    reason: str,
    critical: Mapping[str, Collection[str]],
    rules: Sequence[Rule] = DEFAULT,
    seed: str = "",
) -> Plan:
    """Put a plan into force; marks that stand are kept. Without a seed one is drawn.

    `critical`: purposes by address, as the code derives them (outcomes.critical). Raises PermissionDenied,
    ValueError for an unknown address, form, item or visit, a percentage outside 0 to 100, or no reason.
    """
    require(by, Action.SDV_PLAN)
    if not reason.strip():
        raise ValueError("a plan needs a reason")
    for rule in rules:
        _refuse_unknown(rule)
    for address in critical:
        form, _, item = address.partition(".")
        if form.upper() not in VERIFIABLE or item not in FORMS[form.upper()].items():
            raise ValueError(f"there is no item {address!r} with a source")
    with acting(by=by), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('visits.sdvplan'))")
        last = Plan.objects.values_list("number", flat=True).first() or 0
        return Plan.objects.create(
            number=last + 1,
            seed=seed.strip() or secrets.token_hex(8),
            critical={address: sorted(purposes) for address, purposes in sorted(critical.items())},
            rules=[asdict(rule) for rule in rules],
            reason=reason.strip(),
            by_id=by.user_id or "",
            by_name=by.name,
            made_at=clock.now(),
        )


def _refuse_unknown(rule: Rule) -> None:
    if not 0 <= rule.percent <= 100:
        raise ValueError("a sample is between 0 and 100 percent")
    if rule.form != ANY and rule.form not in VERIFIABLE:
        raise ValueError(f"there is no form {rule.form!r} with a source")
    if rule.item != ANY and (rule.form == ANY or rule.item not in FORMS[rule.form].items()):
        raise ValueError(f"there is no item {rule.item!r} on {rule.form}")
    if rule.visit not in (ANY, LOG) and rule.visit not in VISIT:
        raise ValueError(f"there is no visit {rule.visit!r}")
