"""How one imaging reading is read: patent, restenotic, occluded or not diagnostic (protocol §5.8)."""

from protocol.thresholds import DEFAULTS, Thresholds

PATENT, RESTENOSIS, OCCLUDED, NOT_DIAGNOSTIC = "PAT", "REST", "OCC", "ND"
SEVERITY = {NOT_DIAGNOSTIC: 0, PATENT: 1, RESTENOSIS: 2, OCCLUDED: 3}
FLOW = frozenset({PATENT, RESTENOSIS})


def ratio_hundredths(numerator: int | None, denominator: int | None) -> int | None:
    """Return numerator / denominator in hundredths, half up; None where it cannot be formed."""
    if numerator is None or denominator is None or denominator <= 0:
        return None
    return (200 * numerator + denominator) // (2 * denominator)


def analysis_psvr(psv_max: int | None, psv_ref: int | None, reported: int | None) -> int | None:
    """Return the PSVR in hundredths: calculated where both velocities are there, else as reported."""
    calculated = ratio_hundredths(psv_max, psv_ref)
    return reported if calculated is None else calculated


def duplex_status(
    *,
    adequate: str | None,
    occlusion: str | None,
    psvr: int | None,
    stenosis_category: str | None,
    limits: Thresholds = DEFAULTS,
) -> str:
    """Return PAT, REST, OCC or ND for one duplex reading; a PSVR on the threshold is patent."""
    if adequate != "Y":
        return NOT_DIAGNOSTIC
    if occlusion == "Y":
        return OCCLUDED
    if psvr is not None:
        return RESTENOSIS if psvr > limits.psvr else PATENT
    if stenosis_category is None:
        return NOT_DIAGNOSTIC
    return PATENT if stenosis_category == "0" else RESTENOSIS


def angiography_status(
    *, diagnostic: str | None, stenosis_pct: int | None, limits: Thresholds = DEFAULTS
) -> str:
    """Return PAT, REST, OCC or ND for one reading of an angiogram, CTA or MRA."""
    if diagnostic != "Y" or stenosis_pct is None:
        return NOT_DIAGNOSTIC
    if stenosis_pct >= 100:
        return OCCLUDED
    return RESTENOSIS if stenosis_pct >= limits.stenosis_pct else PATENT


def acute_failure(
    *, final_residual_pct: int | None, crossing: str | None, limits: Thresholds = DEFAULTS
) -> bool:
    """Say whether the index treatment left the lesion uncrossed or half closed (§5.8 c)."""
    return crossing == "FAIL" or (
        final_residual_pct is not None and final_residual_pct >= limits.stenosis_pct
    )
