"""Checks of X-rays and angiographies after treatment."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.duplex import of_no_target, outside
from visits.checks.follow_up import before_procedure
from visits.checks.reading import Reading

NOT_EVALUABLE = "9"


@check(
    "RNG-IMG.img_lesion-H",
    severity="H",
    reads="img.img_lesion les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion.",
    zh="请选择靶病变。",
)
def image_of_no_target(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an angiography of a lesion that is no target lesion."""
    return of_no_target(r, "IMG", "img_lesion")


@check(
    "RNG-XR.xr_date-H",
    severity="H",
    reads="xr.xr_date pr.proc_date",
    en="X-ray before the index procedure.",
    zh="摄片日期早于研究手术。",
)
def xray_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an X-ray before the procedure."""
    return before_procedure(r, "XR", "xr_date")


@check(
    "RNG-XR.xr_date-S",
    severity="S",
    reads="xr.xr_date pr.proc_date",
    en="X-ray outside the window of the visit.",
    zh="摄片日期超出访视时间窗。",
)
def xray_outside_window(r: Reading) -> Iterator[Finding]:
    """Ask about an X-ray outside the window of its visit."""
    return outside(r, "XR", "xr_date")


@check(
    "RNG-IMG.img_date-H",
    severity="H",
    reads="img.img_date pr.proc_date",
    en="Exam before the index procedure.",
    zh="检查日期早于研究手术。",
)
def image_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a follow-up angiography before the procedure."""
    return before_procedure(r, "IMG", "img_date")


@check(
    "EC-094",
    severity="S",
    reads="xr.xr_fracture xr.xr_stent xr.xr_date xr.xr_reader",
    en="Fracture type improved over time.",
    zh="支架断裂分型随时间减轻，请核实。",
)
def fracture_mended(r: Reading) -> Iterator[Finding]:
    """Ask where a reader sees a lesser fracture of a stent than on an earlier film."""
    pages = [page for page in r.of("XR") if page.get("xr_fracture") not in (None, NOT_EVALUABLE)]
    pages = [page for page in pages if page.get("xr_date") is not None and page.get("xr_stent") is not None]
    for later in pages:
        worse = [
            earlier
            for earlier in pages
            if earlier.get("xr_stent") == later.get("xr_stent")
            and earlier.get("xr_reader") == later.get("xr_reader")
            and earlier.get("xr_date") < later.get("xr_date")
            and earlier.get("xr_fracture") > later.get("xr_fracture")
        ]
        if worse:
            yield r.finding(later, "xr_fracture", also=[(page, "xr_fracture") for page in worse])


@check(
    "EC-095",
    severity="H",
    reads="xr.xr_stent des.des_outcome bms.bms_outcome ps",
    en="Stent does not belong to this subject.",
    zh="支架不属于该受试者。",
)
def stent_of_nobody(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where the stent was not implanted: no such stent, or one that was not used."""
    stents = {page.identity for page in r.of("PS")}
    for form in ("DES", "BMS"):
        outcomes = {page.identity: page.get(f"{form.lower()}_outcome") for page in r.of(form)}
        # While the outcome is blank nothing can be said against the stent.
        stents |= {name for name, outcome in outcomes.items() if outcome in ("OK", "PART", None)}
    for page in r.of("XR"):
        if page.get("xr_stent") is not None and page.get("xr_stent") not in stents:
            yield r.finding(page, "xr_stent")
