"""Derived items that read other pages of the subject.

Each takes the page's values and the subject's dossier (visits/dossier.py), which is not imported here:
the dossier is built from these very classes. Study thresholds are the protocol's own.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from protocol import clinical, revascularisation
from protocol.partial_dates import PartialDate
from protocol.thresholds import DEFAULTS

Values = Mapping[str, Any]
IN_THE_LESION = ("OK", "PART")
THREE_DAYS = timedelta(days=3)
EARLY_EVENTS = {"STROKE", "MI", "ALI", "TLTHR"}


def technical_success(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None for the index procedure: all target lesions, treated or still without a page."""
    stented = {
        page.get(f"{form.lower()}_lesion")
        for form in ("BMS", "DES")
        for page in dossier.of(form)
        if page.get(f"{form.lower()}_outcome") in IN_THE_LESION
    }
    pages = dossier.of("PRL")
    treated = {page.get("prl_lesion") for page in pages}
    lesions = [
        clinical.TreatedLesion(
            crossing=page.get("crossing"),
            stented=page.get("prl_lesion") in stented,
            final_residual_pct=page.get("final_resid_pct"),
            flow_limiting=page.get("flow_limiting"),
        )
        for page in pages
    ]
    untold = [lesion for lesion in dossier.target_lesions() if lesion.identity not in treated]
    lesions += [clinical.TreatedLesion(None, False, None, None) for _ in untold]
    return clinical.technical_success(lesions)


def procedural_success(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None: technical success and none of the named events by the third day."""
    event = any(_in_first_days(day, dossier.proc_date) for day in _early_events(dossier))
    return clinical.procedural_success(technical_success(values, dossier), event_within_72_hours=event)


def _early_events(dossier: Any) -> Iterator[Any]:
    for page in dossier.of("DTH"):
        yield page.get("death_date")
    for page in dossier.of("AE"):
        kinds = EARLY_EVENTS.intersection(page.get("ae_aesi") or ())
        other_limb = page.get("ae_limb") not in (None, dossier.target_limb)
        if kinds and not (other_limb and kinds <= {"ALI", "TLTHR"}):
            yield page.get("ae_start")
    for page in dossier.of("REV"):
        if page.get("rev_urgent") == "Y" and page.get("rev_kind") in ("SURG", "HYB"):
            yield page.get("rev_date")


def _in_first_days(day: str | None, proc_date: date | None) -> bool:
    if day is None or proc_date is None:
        return False
    partial = PartialDate.of(day)
    return partial.latest >= proc_date and max(partial.earliest, proc_date) <= proc_date + THREE_DAYS


def reference_abi(values: Values, dossier: Any) -> Decimal | None:
    """Return the first ABI of the target limb after the procedure and before this revascularisation."""
    page = _first_pressures(values, dossier, _analysed_abi)
    return None if page is None else _analysed_abi(page, dossier.target_limb)


def is_tlr(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None: target lesion revascularisation by the site's own entries (§5.2)."""
    return _judged(values, dossier, revascularisation.is_tlr)


def is_tvr(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None: target vessel revascularisation by the site's own entries (§5.5)."""
    return _judged(values, dossier, revascularisation.is_tvr)


def clinically_driven(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None: led to by symptoms, or by a fall of the ABI or TBI (§5.2)."""
    if values.get("rev_kind") in (None, "DIAG") or values.get("rev_date") is None:
        return None
    driven = revascularisation.clinically_driven(values.get("rev_reasons") or (), _pressures(values, dossier))
    return "Y" if driven else "N"


def on_target_limb(values: Values, dossier: Any) -> str | None:
    """Return Y, N or None: whether an amputation is of the target limb."""
    if values.get("amp_side") is None or dossier.target_limb is None:
        return None
    return "Y" if values["amp_side"] == dossier.target_limb else "N"


def _judged(values: Values, dossier: Any, rule: Any) -> str | None:
    proc_date, day = dossier.proc_date, values.get("rev_date")
    if None in (proc_date, day, dossier.target_limb, values.get("rev_kind"), values.get("rev_side")):
        return None
    record = revascularisation.Revascularisation(
        day=(max(PartialDate.of(str(day)).earliest, proc_date) - proc_date).days,
        kind=values.get("rev_kind"),
        side=values.get("rev_side"),
        separate=values.get("rev_separate"),
        vessels=values.get("rev_vessels") or (),
        edge_mm=values.get("rev_edge_mm"),
        reasons=values.get("rev_reasons") or (),
        techniques=values.get("rev_perc_types") or (),
        surgery=values.get("rev_surg_type"),
        bypasses_target=values.get("rev_byp_tl"),
    )
    staged = dossier.value("pr.staged_target") == "Y"
    return "Y" if rule(record, limb=dossier.target_limb, staged_target=staged) else "N"


def _pressures(values: Values, dossier: Any) -> revascularisation.Pressures:
    side = (dossier.target_limb or "").lower()
    abi_page = _first_pressures(values, dossier, _analysed_abi)
    tbi_page = _first_pressures(values, dossier, _tbi)
    fresh = _is_fresh(values)
    return revascularisation.Pressures(
        abi_reference=_hundredths(_analysed_abi(abi_page, dossier.target_limb) if abi_page else None),
        abi_before=_hundredths(values.get("rev_abi_pre") if fresh else None),
        tbi_reference=_hundredths(_tbi(tbi_page, dossier.target_limb) if tbi_page else None),
        tbi_before=_hundredths(values.get("rev_tbi_pre") if fresh else None),
        incompressible=abi_page is not None and abi_page.get(f"incompressible_{side}") == "Y",
    )


def _is_fresh(values: Values) -> bool:
    """Say whether the pressures before the procedure are recent enough; undated ones are taken to be."""
    measured, treated = values.get("rev_abi_pre_date"), values.get("rev_date")
    if measured is None or treated is None:
        return True
    return bool((PartialDate.of(treated).earliest - measured).days <= DEFAULTS.abi_before_days)


def _first_pressures(values: Values, dossier: Any, read: Any) -> Any:
    """Return the first ABI page after the procedure and before this one that `read` gets a value from."""
    before = values.get("rev_abi_pre_date")
    if before is None and values.get("rev_date") is not None:
        before = PartialDate.of(values["rev_date"]).earliest
    if before is None or dossier.proc_date is None or dossier.target_limb is None:
        return None
    pages = [
        page
        for page in dossier.of("ABI")
        if page.visit_code != "SCR"
        and page.get("abi_date") is not None
        and dossier.proc_date <= page.get("abi_date") < before
        and read(page, dossier.target_limb) is not None
    ]
    return min(pages, key=lambda page: (page.get("abi_date"), page.ordinal), default=None)


def _analysed_abi(page: Any, side: str) -> Decimal | None:
    """Return the calculated ABI of a side where its inputs are there, else the reported one."""
    calculated = abi_of_side(page.values, side.lower())
    reported: Decimal | None = page.get(f"abi_{side.lower()}")
    return reported if calculated is None else calculated


def _tbi(page: Any, side: str) -> Decimal | None:
    found: Decimal | None = page.get(f"tbi_{side.lower()}")
    return found


def abi_of_side(values: Values, side: str) -> Decimal | None:
    """Return the ABI of side "l" or "r", calculated from one page's pressures."""
    return clinical.ankle_brachial_index(
        (values.get(f"ankle_dp_{side}"), values.get(f"ankle_pt_{side}")),
        (values.get("brachial_l"), values.get("brachial_r")),
    )


def _hundredths(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)
