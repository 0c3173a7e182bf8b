"""Checks of the devices used: against the catalogue, the calendar and the deficiency log."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import before
from visits.checks.reading import Reading
from visits.crfs.across import IN_THE_LESION
from visits.dossier import PageRecord

KINDS = ("DCB", "BMS", "DES")
MOST_DRUG_MG = 20


def its(page: PageRecord, item: str) -> str:
    """Return the name of an item that every kind of device has: dcb_lot for "lot" on a DCB page."""
    return f"{page.form.lower()}_{item}"


def used(page: PageRecord) -> bool:
    """Say whether a device was used in the lesion."""
    return page.get(its(page, "outcome")) in IN_THE_LESION


def devices(r: Reading, *kinds: str) -> Iterator[PageRecord]:
    """Yield the pages of devices, of all kinds where none is named."""
    return (page for kind in kinds or KINDS for page in r.of(kind))


@check(
    "EC-075",
    severity="S",
    reads="dcb.dcb_product des.des_product products",
    on="dcb des",
    en="Study device is not paclitaxel-based: deviation created.",
    zh="研究器械非紫杉醇，已生成偏离。",
    deviation=("TRT", "MAJ"),
)
def other_drug_than_paclitaxel(r: Reading) -> Iterator[Finding]:
    """Ask about a study device that carries another drug than paclitaxel, or none."""
    return _with_drug(r, ("DCB", "DES"), lambda drug: drug != "PACLITAXEL")


@check(
    "RNG-BMS.bms_product-S",
    severity="S",
    reads="bms.bms_product products",
    en="A bare-metal stent carries no drug: this product does.",
    zh="裸支架不应载药，但该产品载药。",
)
def bare_stent_with_a_drug(r: Reading) -> Iterator[Finding]:
    """Ask about a bare-metal stent whose product carries a drug."""
    return _with_drug(r, ("BMS",), lambda drug: drug != "NONE")


def _with_drug(r: Reading, kinds: tuple[str, ...], holds: Callable[[str], bool]) -> Iterator[Finding]:
    """Yield the devices whose product is in the catalogue with such a drug."""
    for page in devices(r, *kinds):
        code = page.get(its(page, "product"))
        product = r.products.get(code) if code else None
        if product is not None and holds(product.drug):
            yield r.finding(page, its(page, "product"), drug=product.drug)


def _not_active(r: Reading, kind: str) -> Iterator[Finding]:
    """Yield the devices whose product was not offered at the site on the day of the procedure."""
    on = r.value("pr.proc_date")
    for page in r.of(kind):
        code = page.get(its(page, "product"))
        product = r.products.get(code) if code else None
        if product is None:
            continue
        elsewhere = bool(product.site_codes) and r.site.code not in product.site_codes
        early = on is not None and product.active_from is not None and on < product.active_from
        late = on is not None and product.active_to is not None and on > product.active_to
        if elsewhere or early or late:
            yield r.finding(page, its(page, "product"), also=["pr.proc_date"], site=r.site.code)


@check(
    "RNG-DCB.dcb_product-S",
    severity="S",
    reads="dcb.dcb_product pr.proc_date products site",
    en="This product was not active at the site on the day of the procedure.",
    zh="手术当日该产品未在本中心启用。",
)
def balloon_not_active_at_the_site(r: Reading) -> Iterator[Finding]:
    """Ask about a balloon that the site did not offer then."""
    return _not_active(r, "DCB")


@check(
    "RNG-DES.des_product-S",
    severity="S",
    reads="des.des_product pr.proc_date products site",
    en="This product was not active at the site on the day of the procedure.",
    zh="手术当日该产品未在本中心启用。",
)
def stent_not_active_at_the_site(r: Reading) -> Iterator[Finding]:
    """Ask about a stent that the site did not offer then."""
    return _not_active(r, "DES")


@check(
    "EC-078",
    severity="S",
    reads="dcb.dcb_expiry des.des_expiry bms.bms_expiry pr.proc_date",
    on="dcb des bms",
    en="Device expired at use: deviation created.",
    zh="使用时器械已过有效期，已生成方案偏离。",
    deviation=("TRT", "MAJ"),
)
def expired_at_use(r: Reading) -> Iterator[Finding]:
    """Ask about a device that had expired before the day of the procedure."""
    for page in devices(r):
        if before(page.get(its(page, "expiry")), r.value("pr.proc_date")):
            yield r.finding(page, its(page, "expiry"), also=["pr.proc_date"])


@check(
    "RNG-DCB.dcb_dose_mg-S",
    severity="S",
    reads="dcb.dcb_diam_mm dcb.dcb_len_mm dcb.dcb_dose_ug_mm2",
    en="More than 20 mg of drug on all balloons together.",
    zh="全部球囊载药量合计超过20 mg。",
)
def much_drug_in_total(r: Reading) -> Iterator[Finding]:
    """Ask, at the last balloon, where all of them carried more than 20 mg."""
    doses = [(page, r.item(page, "dcb_dose_mg")) for page in r.of("DCB")]
    total = sum(dose for _, dose in doses if dose is not None)
    if total > MOST_DRUG_MG:
        last, _ = doses[-1]
        others = [(page, "dcb_dose_mg") for page, dose in doses[:-1] if dose is not None]
        yield r.finding(last, "dcb_dose_mg", also=others, total_mg=total)


@check(
    "EC-085",
    severity="H",
    reads="dcb.dcb_deficiency bms.bms_deficiency des.des_deficiency dd.dd_device",
    on="dcb bms des",
    en="Device deficiency suspected without a deficiency form.",
    zh="怀疑器械缺陷但无器械缺陷表。",
)
def deficiency_without_its_form(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a device with a suspected deficiency that no form reports."""
    reported = {page.get("dd_device") for page in r.of("DD")}
    for page in devices(r):
        if page.get(its(page, "deficiency")) == "Y" and page.identity not in reported:
            yield r.finding(page, its(page, "deficiency"))
