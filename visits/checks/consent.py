"""Checks of the consent: its version, and what came before it (protocol §4, EC-003, EC-005, EC-039)."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import before, day_of
from visits.checks.reading import Reading
from visits.dossier import PageRecord


@check(
    "EC-003",
    severity="S",
    reads="bcs.bcs_date abi.abi_date lb.lb_dt ic.consent_dt",
    en="Baseline assessment before consent: confirm it was routine care.",
    zh="基线检查早于知情同意，请确认为常规诊疗。",
    on="bcs abi lb",
)
def assessed_before_consent(r: Reading) -> Iterator[Finding]:
    """Ask about each baseline assessment of an earlier day than the consent."""
    consent = r.value("ic.consent_dt")
    assessed = [(page, "bcs_date") for page in r.of("BCS")]
    assessed += [(page, "abi_date") for page in r.of("ABI", "SCR")]
    assessed += [(page, "lb_dt") for page in samples(r, "SCR")]
    for page, item in assessed:
        if before(page.get(item), day_of(consent)):
            yield r.finding(page, item, also=["ic.consent_dt"])


@check(
    "EC-005",
    severity="S",
    reads="ic.consent_version ic.consent_dt consents",
    en="Consent version not approved at this site on that date: major deviation created.",
    zh="知情同意书版本在该日期未获本中心伦理批准，已生成重大方案偏离。",
    deviation=("IC", "MAJ"),
)
def version_not_approved(r: Reading) -> Iterator[Finding]:
    """Ask about a version that the site's ethics committee had not approved on the day of consent."""
    version, day = r.value("ic.consent_version"), day_of(r.value("ic.consent_dt"))
    if version is None or day is None:
        return
    approved = any(
        one.version == version
        and not before(day, one.approved_from)
        and not (one.approved_to is not None and before(one.approved_to, day))
        for one in r.consents
    )
    if not approved:
        yield from r.on("IC", "consent_version", "consent_dt")


@check(
    "EC-039",
    severity="S",
    reads="pr.proc_date ic.consent_dt pr.study_dev_introduced ic.consent_obtained",
    en="Procedure before or without consent: major deviation created.",
    zh="手术早于知情同意或无知情同意，已生成重大方案偏离。",
    deviation=("IC", "MAJ"),
)
def treated_before_consent(r: Reading) -> Iterator[Finding]:
    """Ask about a procedure on an earlier day than the consent, or without one."""
    early = before(r.dossier.proc_date, day_of(r.value("ic.consent_dt")))
    without = (r.value("pr.study_dev_introduced"), r.value("ic.consent_obtained")) == ("Y", "N")
    if early or without:
        also = ["ic.consent_dt", "ic.consent_obtained"]
        yield from r.on("PR", "proc_date", "study_dev_introduced", also=also)


def samples(r: Reading, visit: str) -> list[PageRecord]:
    """Return the first row of every blood sample of a visit, so that a sample is asked about once."""
    first: dict[object, PageRecord] = {}
    for page in r.of("LB", visit):
        if page.get("lb_dt") is not None:
            first.setdefault(page.get("lb_dt"), page)
    return list(first.values())
