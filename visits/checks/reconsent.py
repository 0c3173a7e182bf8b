"""The check of re-consent: visits that took place after a newer consent was due, without it (protocol §3.3).

It has no number in protocol §4: the protocol names the form and the version, and leaves the gate to the
system. It asks once per visit, at the date of the visit, and refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.reading import Reading
from visits.reconsent import without_consent_on


@check(
    "ICRE-DUE",
    severity="S",
    reads="fu.fu_date fu.contact_mode icre.reconsent_date icre.reconsent_version icre.reconsent_given"
    " ic.consent_obtained ic.consent_version",
    en="Visit after a new consent version was due, without re-consent: obtain it or record the deviation.",
    zh="新版知情同意书生效后未再次知情同意即进行了访视：请补签或记录方案偏离。",
    on="fu",
)
def visit_without_new_consent(r: Reading) -> Iterator[Finding]:
    """Ask about each visit of a day on which re-consent was due and not yet given."""
    visits = [page for page in r.of("FU") if page.get("fu_date") and page.get("contact_mode") != "MISS"]
    if not visits:
        return
    without = without_consent_on(r.dossier, {page.get("fu_date") for page in visits}, r.facts.reconsent)
    for page in visits:
        if page.get("fu_date") in without:
            yield r.finding(page, "fu_date")
