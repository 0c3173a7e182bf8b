"""Critical items: what endpoints, eligibility and safety read, derived from the code that reads them.

Endpoints name the columns that they take from the frames (outcomes.inputs), every check across pages its
operands (visits.checks), the clocks of serious events their items. So an amendment that makes a rule read
another item makes that item critical, and nobody keeps a list by hand (peers.md §4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from outcomes.inputs import EVENTS, FOLLOW_UP, HEAD
from visits.checks import CHECKS
from visits.crfs import FORMS
from visits.review.sdv.plan import VERIFIABLE
from visits.safety import clocks

ENDPOINT, ELIGIBILITY, SAFETY = "endpoint", "eligibility", "safety"
ELIGIBILITY_FORM = "IE"
SAFETY_FORMS = frozenset({"AE", "DTH"})


@cache
def critical_items() -> dict[str, frozenset[str]]:
    """Return the purposes of every critical item by address ("fu.vital_status")."""
    found: dict[str, set[str]] = {}
    for purpose, address in _read():
        form, _, item = address.partition(".")
        if form.upper() in VERIFIABLE and item in FORMS[form.upper()].items():
            found.setdefault(address, set()).add(purpose)
    return {address: frozenset(purposes) for address, purposes in found.items()}


def _read() -> Iterator[tuple[str, str]]:
    """Yield purpose and address of all that is read; addresses of no item (whole forms, facts) too."""
    for form, columns in {**HEAD, **FOLLOW_UP, **EVENTS}.items():
        for column in columns:
            yield ENDPOINT, f"{form.lower()}.{column.partition(':')[0]}"
    for item in (*clocks.READ, *clocks.TIMES):
        yield SAFETY, f"ae.{item}"
    for item in FORMS[ELIGIBILITY_FORM].items():
        yield ELIGIBILITY, f"{ELIGIBILITY_FORM.lower()}.{item}"
    for check in CHECKS.values():
        for address in check.addresses:
            if ELIGIBILITY_FORM in check.forms:
                yield ELIGIBILITY, address
            if SAFETY_FORMS & set(check.forms):
                yield SAFETY, address
