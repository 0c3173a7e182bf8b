"""When a repeat procedure counts: therapeutic, in the lesion's zone, clinically driven (protocol §5.2–5.7).

Plain values in, True or False out; ratios in integer hundredths, days counted from the index procedure.
"""

from collections.abc import Collection
from dataclasses import dataclass

from protocol.thresholds import DEFAULTS, Thresholds

SYMPTOMS = frozenset({"CLAU", "REST", "TISS", "ALI"})
MAJOR_LEVELS = frozenset({"SYME", "BKA", "TKA", "AKA", "HIP"})
ABOVE_KNEE_LEVELS = frozenset({"TKA", "AKA", "HIP"})


@dataclass(frozen=True, slots=True)
class Revascularisation:
    """What the rules read of one REV record; `day` counts from the index procedure."""

    day: int
    kind: str | None
    side: str | None
    separate: str | None = None
    vessels: Collection[str] = ()
    edge_mm: int | None = None
    reasons: Collection[str] = ()
    techniques: Collection[str] = ()
    surgery: str | None = None
    bypasses_target: str | None = None


@dataclass(frozen=True, slots=True)
class Pressures:
    """Reference and pre-procedure ABI and TBI of the target limb, in hundredths."""

    abi_reference: int | None = None
    abi_before: int | None = None
    tbi_reference: int | None = None
    tbi_before: int | None = None
    incompressible: bool = False


def is_staged_step(rev: Revascularisation, *, staged_target: bool, limits: Thresholds = DEFAULTS) -> bool:
    """Say whether this is the staged step of the target lesion that was declared at the index procedure."""
    return staged_target and tuple(rev.reasons) == ("PLAN",) and rev.day <= limits.staging_days


def is_therapeutic(rev: Revascularisation, *, staged_target: bool, limits: Thresholds = DEFAULTS) -> bool:
    """Say whether the record is a treatment of its own: not diagnostic, not the index session, not staged."""
    if rev.kind is None or rev.kind == "DIAG":
        return False
    if rev.day <= 0 and rev.separate != "Y":
        return False
    return not is_staged_step(rev, staged_target=staged_target, limits=limits)


def bypasses_target(rev: Revascularisation) -> bool:
    """Say whether the procedure is a bypass that excludes or crosses the target lesion."""
    return rev.surgery == "BYP" and rev.bypasses_target == "Y"


def in_zone(rev: Revascularisation, *, limb: str | None, margin_mm: int = DEFAULTS.tlr_margin_mm) -> bool:
    """Say whether the target lesion was treated: within the margin of the device edge, or bypassed."""
    if rev.side is None or rev.side != limb:
        return False
    near = "FP" in rev.vessels and rev.edge_mm is not None and rev.edge_mm <= margin_mm
    return near or bypasses_target(rev)


def is_tlr(
    rev: Revascularisation, *, limb: str | None, staged_target: bool, limits: Thresholds = DEFAULTS
) -> bool:
    """Say whether the record is a target lesion revascularisation (§5.2)."""
    return is_therapeutic(rev, staged_target=staged_target, limits=limits) and in_zone(
        rev, limb=limb, margin_mm=limits.tlr_margin_mm
    )


def is_tlimb(
    rev: Revascularisation, *, limb: str | None, staged_target: bool, limits: Thresholds = DEFAULTS
) -> bool:
    """Say whether the record is a treatment of the target limb, whatever the vessel (§5.5)."""
    return rev.side == limb and is_therapeutic(rev, staged_target=staged_target, limits=limits)


def is_tvr(
    rev: Revascularisation, *, limb: str | None, staged_target: bool, limits: Thresholds = DEFAULTS
) -> bool:
    """Say whether the record treats the target vessel, SFA or popliteal; a TLR always does (§5.5)."""
    return is_tlimb(rev, limb=limb, staged_target=staged_target, limits=limits) and (
        "FP" in rev.vessels or bypasses_target(rev)
    )


def is_major_reintervention(rev: Revascularisation) -> bool:
    """Say whether a treatment is open surgery or thrombolysis/thrombectomy, the MALE component (§5.6)."""
    return rev.kind in ("SURG", "HYB") or "CDT" in rev.techniques or "PMT" in rev.techniques


def symptomatic(reasons: Collection[str]) -> bool:
    """Say whether a symptom is among the reasons for the procedure."""
    return not SYMPTOMS.isdisjoint(reasons)


def fell(reference: int, before: int, *, limits: Thresholds = DEFAULTS) -> bool:
    """Say whether an index fell by more than 0.15 or by at least 20 % of its reference, in hundredths."""
    drop = reference - before
    return drop > limits.abi_drop or drop * 100 >= limits.abi_drop_percent * reference


def usable(value: int | None, *, limits: Thresholds = DEFAULTS) -> bool:
    """Say whether an ABI can be compared: measured and compressible."""
    return value is not None and value <= limits.abi_usable


def pressure_drop(pressures: Pressures, *, limits: Thresholds = DEFAULTS) -> str | None:
    """Return "ABI" or "TBI", whichever shows the fall, None when neither does or can.

    The TBI decides only where the ABI cannot be read: missing, above 1.40 or incompressible at either time.
    """
    reference, before = pressures.abi_reference, pressures.abi_before
    readable = usable(reference, limits=limits) and usable(before, limits=limits)
    if readable and not pressures.incompressible and reference is not None and before is not None:
        return "ABI" if reference > 0 and fell(reference, before, limits=limits) else None
    reference, before = pressures.tbi_reference, pressures.tbi_before
    if reference is None or before is None or reference <= 0:
        return None
    return "TBI" if fell(reference, before, limits=limits) else None


def clinically_driven(
    reasons: Collection[str], pressures: Pressures, *, limits: Thresholds = DEFAULTS
) -> bool:
    """Say whether symptoms or a fall of the functional index led to the procedure (§5.2, C23)."""
    return symptomatic(reasons) or pressure_drop(pressures, limits=limits) is not None


def is_major(level: str | None) -> bool:
    """Say whether an amputation is at the level of the ankle or above (§5.7)."""
    return level in MAJOR_LEVELS


def is_above_knee(level: str | None) -> bool:
    """Say whether an amputation is through the knee or higher: the lesion can no longer be assessed."""
    return level in ABOVE_KNEE_LEVELS
