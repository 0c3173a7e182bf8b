"""Checks of amputations: their order, and what can no longer be examined after them."""

from __future__ import annotations

from collections.abc import Iterator

from protocol.codelists import AMPLVL
from protocol.revascularisation import is_above_knee, is_major
from visits.checks.check import Finding, check
from visits.checks.dates import after, before
from visits.checks.reading import Reading
from visits.dossier import PageRecord

ORDER = AMPLVL.codes
ENDS_REGROWTH = ORDER.index("TMA")


@check(
    "EC-104",
    severity="H",
    reads="amp.amp_level amp.amp_side amp.amp_date mh.prior_amp_target mh.prior_amp_level lh.target_limb",
    on="amp",
    en="Amputation below a previous level.",
    zh="截肢平面低于既往截肢平面。",
)
def below_an_earlier_level(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a level more distal than an earlier amputation (TMA or higher) of that limb."""
    for page in r.of("AMP"):
        level = page.get("amp_level")
        higher = [(where, item) for where, item, before in _earlier(r, page) if _higher(before, level)]
        if higher:
            yield r.finding(page, "amp_level", "amp_date", also=higher)


def _earlier(r: Reading, page: PageRecord) -> Iterator[tuple[PageRecord, str, str | None]]:
    """Yield the earlier amputations of a page's limb: of the log, and of the target limb's history."""
    side = page.get("amp_side")
    if side is None:
        return
    for other in r.of("AMP"):
        if other.get("amp_side") == side and before(other.get("amp_date"), page.get("amp_date")):
            yield other, "amp_level", other.get("amp_level")
    history = r.one("MH") if side == r.value("lh.target_limb") else None
    if history is not None and history.get("prior_amp_target") == "Y":
        yield history, "prior_amp_level", history.get("prior_amp_level")


def _higher(earlier: str | None, level: str | None) -> bool:
    """Say whether an earlier level is TMA or higher, and the later one more distal."""
    if earlier is None or level is None:
        return False
    return ORDER.index(earlier) >= ENDS_REGROWTH and ORDER.index(level) < ORDER.index(earlier)


@check(
    "EC-106",
    severity="S",
    reads="abi dus.dus_date fu.fu_rutherford fu.fu_date amp.amp_level amp.amp_side amp.amp_date "
    "lh.target_limb",
    on="abi dus fu",
    en="Limb test after an amputation that excludes it.",
    zh="截肢后仍有该肢体无法进行的检查记录。",
)
def tested_after_amputation(r: Reading) -> Iterator[Finding]:
    """Ask about an ABI after an amputation at the ankle or above, other tests after one at the knee."""
    target = r.value("lh.target_limb")
    for amputation in r.of("AMP"):
        side, level, day = (amputation.get(f"amp_{item}") for item in ("side", "level", "date"))
        read = [(amputation, "amp_level"), (amputation, "amp_date")]
        if side is None or day is None:
            continue
        if is_major(level):
            item = f"abi_{side.lower()}"
            for page in r.of("ABI"):
                if page.get(item) is not None and after(page.get("abi_date"), day):
                    yield r.finding(page, item, "abi_date", also=read, about=side)
        if side == target and is_above_knee(level):
            for form, item, on in (("DUS", "dus_lesion", "dus_date"), ("FU", "fu_rutherford", "fu_date")):
                for page in r.of(form):
                    if page.get(item) is not None and after(page.get(on), day):
                        yield r.finding(page, item, on, also=read)


@check(
    "RNG-AMP.amp_date-H",
    severity="H",
    reads="amp.amp_date pr.proc_date",
    en="Amputation before the index procedure: enter it as history.",
    zh="截肢日期早于研究手术，请作为既往史录入。",
)
def amputated_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where even the last compatible day lies before the procedure."""
    for page in r.of("AMP"):
        if before(page.get("amp_date"), r.value("pr.proc_date")):
            yield r.finding(page, "amp_date", also=["pr.proc_date"])
