"""What an edit check across pages is: words, what it reads, and the function that finds where it holds.

A check names its operands as addresses (`pr.proc_date`), whole forms (`rev`: any item, or that there is such
a page) or facts from outside the dossier (FACTS). All else follows from them: when it runs, of which type it
is, which form owns it, and that it may refuse no save (design §3.7, protocol §4).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from protocol.words import Bilingual
from visits.crfs import FORMS
from visits.dossier import PageRecord

if TYPE_CHECKING:
    from visits.checks.reading import Reading

FACTS = frozenset(
    {"site", "products", "consents", "delegations", "memberships", "dictionary", "trail", "today", "study"}
)
SITE, DATA_MANAGER = "site", "data_manager"
AT_VISITS = frozenset({"FU", "ABI", "LB"})

Finds = Callable[["Reading"], Iterable["Finding"]]


@dataclass(frozen=True, slots=True)
class Operand:
    """A value that a check has read, and the page and item where it stands (none: a fact of the study)."""

    value: Any
    page: PageRecord | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that holds: on which page, at which items of it (the first is asked), and what it has read.

    `read` is by name ("pr.proc_date", "dcb DCB1.dcb_diam_mm"); `about` tells several findings of one check
    on one page apart, such as visits that have no page of their own.
    """

    page: PageRecord
    items: tuple[str, ...]
    operands: Mapping[str, Operand]
    about: str = ""

    @property
    def read(self) -> dict[str, Any]:
        """The values read, by name."""
        return {name: operand.value for name, operand in self.operands.items()}

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read, so that a confirmed value is asked about again only when changed."""
        return digest_of(
            {
                f"{operand.page.id}.{operand.item}" if operand.page else name: operand.value
                for name, operand in self.operands.items()
            }
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One edit check that reads more than one form's page (design §3.9).

    `addresses` are its operands in the order of the protocol, `reads` the same as a set, `forms` the forms
    among them; `deviation` is the category and severity of the deviation that it also makes (§3.30).
    """

    id: str
    severity: Literal["H", "S"]
    message: Bilingual
    addresses: tuple[str, ...]
    finds: Finds
    deviation: tuple[str, str] | None = None
    to: Literal["site", "data_manager"] = "site"
    stands_on: tuple[str, ...] = ()
    reads: frozenset[str] = field(init=False)
    forms: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reads", frozenset(self.addresses))
        named = (form_of(address).upper() for address in self.addresses if address not in FACTS)
        object.__setattr__(self, "forms", tuple(dict.fromkeys(named)))

    @property
    def hard(self) -> bool:
        """Whether a page on which it holds cannot be complete or signed."""
        return self.severity == "H"

    @property
    def owner(self) -> str:
        """The form whose page it keeps from being complete: IE where it is read, else the first (§4)."""
        return "IE" if "IE" in self.forms else self.forms[0]

    @property
    def stands(self) -> tuple[str, ...]:
        """The forms on whose pages it may stand; more than the owner where any of several records may."""
        return self.stands_on or (self.owner,)

    @property
    def own_page(self) -> bool:
        """Whether one page says it all: one form, of which a subject has no second page."""
        return self.type == "F"

    @property
    def type(self) -> Literal["F", "X", "V"]:
        """F within a page, V where pages of one form are compared, X across forms or with the study."""
        if len(self.forms) > 1 or self.reads & (FACTS - {"today"}):
            return "X"
        return "V" if FORMS[self.owner].repeating or self.owner in AT_VISITS else "F"

    @property
    def may_refuse(self) -> bool:
        """Whether it may refuse a save: hard, and reading its own page only (design §3.7)."""
        return self.own_page and self.hard

    def is_moved_by(self, moved: frozenset[str]) -> bool:
        """Say whether one of its operands is among the addresses (and whole forms) that have changed."""
        return any(address in moved or form_of(address) in moved for address in self.reads) or any(
            address in moved for address in _whole(self.reads, moved)
        )


def form_of(address: str) -> str:
    """Return the form in an address: pr of pr.proc_date."""
    return address.partition(".")[0]


def _whole(reads: frozenset[str], moved: frozenset[str]) -> set[str]:
    """Return the changed addresses of forms that are read as a whole."""
    whole = {address for address in reads if "." not in address}
    return {address for address in moved if form_of(address) in whole}


CHECKS: dict[str, Check] = {}


def check(
    check_id: str,
    *,
    severity: Literal["H", "S"],
    reads: str,
    en: str,
    zh: str,
    deviation: tuple[str, str] | None = None,
    to: Literal["site", "data_manager"] = "site",
    on: str = "",
) -> Callable[[Finds], Finds]:
    """Register a function of a Reading that yields findings as an edit check.

    `reads`: its operands, in the protocol's order. `on`: the forms on whose pages it may stand, where that
    is not the owner alone. ValueError for an unknown operand, a second check of that id, or a derived item
    that reads other pages: name what those are instead.
    """

    def register(finds: Finds) -> Finds:
        if check_id in CHECKS:
            raise ValueError(f"there are two checks {check_id}")
        addresses = tuple(_stored(address) for address in reads.split())
        stands_on = tuple(form.upper() for form in on.split())
        CHECKS[check_id] = Check(
            check_id, severity, Bilingual(en, zh), addresses, finds, deviation, to, stands_on
        )
        return finds

    return register


def _stored(address: str) -> str:
    """Return an operand as it is triggered: an item that its own page derives stands for the whole form."""
    if address in FACTS:
        return address
    form, _, item = address.partition(".")
    crf = FORMS.get(form.upper())
    if crf is None:
        raise ValueError(f"there is no form {form!r}")
    if not item or item in crf.items():
        return address
    derived = crf.derived().get(item)
    if derived is None:
        raise ValueError(f"there is no item {address!r}")
    if derived.reads_dossier:
        raise ValueError(f"{address} is computed from other pages: name what it reads")
    return form


def digest_of(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of values in one canonical form; equal values, equal digest."""
    canonical = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
