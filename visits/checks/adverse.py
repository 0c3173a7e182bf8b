"""Checks of adverse events and device deficiencies: what must be one, and what a fatal one needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations

from visits.checks.check import Finding, check
from visits.checks.dates import before, day_of
from visits.checks.devices import devices
from visits.checks.reading import Reading
from visits.dossier import PageRecord

BASELINE_RATIO, RISE_UMOL, RISE_TIME = Decimal("1.5"), Decimal("26.5"), timedelta(hours=48)
KIDNEY_DAYS = 7
HAEMOGLOBIN_FALL = 30
ONE_DAY = timedelta(hours=24)
Sample = tuple[PageRecord, datetime, Decimal]


def _of_interest(r: Reading, kind: str) -> bool:
    return any(kind in (page.get("ae_aesi") or ()) for page in r.of("AE"))


@check(
    "EC-109",
    severity="H",
    reads="ae.ae_outcome ae.ae_sae_crit dth",
    en="Fatal outcome needs the death criterion and a death form.",
    zh="转归为死亡须勾选死亡标准并填写死亡表。",
)
def fatal_without_death(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a fatal event without the criterion of death, or while no death form exists."""
    for page in r.of("AE"):
        named = "DTH" in (page.get("ae_sae_crit") or ())
        if page.get("ae_outcome") == "FAT" and not (named and r.one("DTH")):
            yield r.finding(page, "ae_outcome", "ae_sae_crit")


def _samples(r: Reading, analyte: str) -> list[Sample]:
    """Return the dated results of an analyte, the earliest first."""
    found = [
        (page, page.get("lb_dt"), page.get("lb_value"))
        for page in r.of("LB")
        if page.get("lb_test") == analyte and page.get("lb_dt") is not None
    ]
    return sorted((one for one in found if one[2] is not None), key=lambda one: one[1])


def _day(r: Reading, when: datetime) -> int:
    day = day_of(when)
    return (day - r.value("pr.proc_date")).days


@check(
    "EC-112",
    severity="S",
    reads="mh.dialysis lb pr.proc_date ae.ae_aesi",
    on="lb",
    en="Creatinine meets KDIGO AKI without an AE.",
    zh="肌酐达KDIGO急性肾损伤标准但无对应AE。",
)
def kidney_injury_without_event(r: Reading) -> Iterator[Finding]:
    """Ask where creatinine of days 0 to 7 reached 1.5 times baseline, or rose by 26.5 within 48 hours."""
    if r.value("mh.dialysis") != "N" or r.value("pr.proc_date") is None or _of_interest(r, "AKI"):
        return
    samples = _samples(r, "CREAT")
    before_it = [one for one in samples if one[0].visit == "SCR" or _day(r, one[1]) < 0]
    after_it = [one for one in samples if one not in before_it and _day(r, one[1]) <= KIDNEY_DAYS]
    peak = max(after_it, key=lambda one: one[2], default=None)
    if peak is None:
        return
    baseline = before_it[-1] if before_it else None
    if baseline is not None and peak[2] >= BASELINE_RATIO * baseline[2]:
        yield r.finding(peak[0], "lb_value", "lb_dt", also=[(baseline[0], "lb_value")])
        return
    for earlier, later in combinations([*before_it, *after_it], 2):
        if later in after_it and later[1] - earlier[1] <= RISE_TIME and later[2] - earlier[2] >= RISE_UMOL:
            yield r.finding(
                later[0], "lb_value", "lb_dt", also=[(earlier[0], "lb_value"), (earlier[0], "lb_dt")]
            )
            return


@check(
    "EC-113",
    severity="S",
    reads="lb.lb_value lb.lb_test lb.lb_dt ae.ae_aesi",
    en="Haemoglobin fall > 30 g/L without a bleeding event.",
    zh="血红蛋白下降>30g/L但无出血事件。",
)
def haemoglobin_fell_without_bleeding(r: Reading) -> Iterator[Finding]:
    """Ask where haemoglobin fell by more than 30 g/L from screening to after the procedure."""
    samples = _samples(r, "HGB")
    screening = [one for one in samples if one[0].visit == "SCR"]
    lowest = min((one for one in samples if one[0].visit == "POST"), key=lambda one: one[2], default=None)
    if not screening or lowest is None or _of_interest(r, "BLEED"):
        return
    if screening[-1][2] - lowest[2] > HAEMOGLOBIN_FALL:
        yield r.finding(lowest[0], "lb_value", also=[(screening[-1][0], "lb_value")])


@check(
    "EC-114",
    severity="S",
    reads="pp.pp_transfusion_u ae.ae_aesi",
    en="Transfusion without a bleeding event.",
    zh="有输血但无出血事件。",
)
def transfused_without_bleeding(r: Reading) -> Iterator[Finding]:
    """Ask where red cells were given and no bleeding is in the log."""
    if (r.value("pp.pp_transfusion_u") or 0) > 0 and not _of_interest(r, "BLEED"):
        yield from r.on("PP", "pp_transfusion_u")


@check(
    "EC-136",
    severity="S",
    reads="ae.ae_serious ae.ae_report_dt ae.ae_aware_dt today",
    en="SAE not reported within 24 h.",
    zh="SAE获知后24小时内未上报。",
)
def not_reported_in_time(r: Reading) -> Iterator[Finding]:
    """Ask about a serious event that is unreported more than 24 hours after the site learned of it."""
    for page in r.of("AE"):
        aware = page.get("ae_aware_dt")
        unreported = page.get("ae_serious") == "Y" and page.get("ae_report_dt") is None
        if unreported and aware is not None and r.now - aware > ONE_DAY:
            yield r.finding(page, "ae_report_dt", "ae_aware_dt")


@check(
    "RNG-AE.ae_start-S",
    severity="S",
    reads="ae.ae_start ic.consent_dt",
    en="Onset before consent: is it history?",
    zh="开始日期早于知情同意，是否应为既往史?",
)
def began_before_consent(r: Reading) -> Iterator[Finding]:
    """Ask about an event that began before the consent."""
    for page in r.of("AE"):
        if before(page.get("ae_start"), r.value("ic.consent_dt")):
            yield r.finding(page, "ae_start", also=["ic.consent_dt"])


@check(
    "RNG-DD.dd_date-H",
    severity="H",
    reads="dd.dd_date pr.proc_date",
    en="Device deficiency before the index procedure.",
    zh="器械缺陷日期早于研究手术。",
)
def deficient_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a deficiency before the procedure."""
    for page in r.of("DD"):
        if before(page.get("dd_date"), r.value("pr.proc_date")):
            yield r.finding(page, "dd_date", also=["pr.proc_date"])


@check(
    "RNG-DD.dd_device-H",
    severity="H",
    reads="dd.dd_device dcb bms des ps",
    en="Choose a device of this subject.",
    zh="请选择该受试者的器械。",
)
def deficiency_of_no_device(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where the device named is none of the subject's (any more)."""
    known = {page.identity for page in [*devices(r), *r.of("PS")]}
    for page in r.of("DD"):
        if page.get("dd_device") is not None and page.get("dd_device") not in known:
            yield r.finding(page, "dd_device")


@check(
    "RNG-DD.dd_led_to_ae-H",
    severity="H",
    reads="dd.dd_led_to_ae ae",
    en="The deficiency led to an adverse event, but none is recorded.",
    zh="器械缺陷导致不良事件，但无不良事件记录。",
)
def deficiency_without_its_event(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where a deficiency led to an event and the log holds none."""
    for page in r.of("DD"):
        if page.get("dd_led_to_ae") == "Y" and not r.of("AE"):
            yield r.finding(page, "dd_led_to_ae")
