"""Checks of lesions and of the treatment of each: identity, target limb, and what the angiogram allows."""

from __future__ import annotations

from collections.abc import Iterator

from visits.checks.check import Finding, check
from visits.checks.dates import after, before
from visits.checks.reading import Reading
from visits.dossier import PageRecord

MOST_TARGETS = 3


def reading_of(r: Reading, lesion: str | None) -> PageRecord | None:
    """Return the site's own reading of a lesion, None where there is none."""
    return next((page for page in r.lesions() if lesion is not None and page.identity == lesion), None)


def treatments(r: Reading) -> list[PageRecord]:
    """Return the treatment pages of the lesions as the site read them."""
    return [page for page in r.of("PRL") if page.get("prl_reader") != "CORE"]


def treatment_of(r: Reading, lesion: str | None) -> PageRecord | None:
    """Return the treatment page of a lesion, None where there is none."""
    return next((page for page in treatments(r) if lesion and page.get("prl_lesion") == lesion), None)


def is_no_target(r: Reading, lesion: str | None) -> bool:
    """Say whether a lesion that is named is certainly none of the target lesions."""
    if lesion is None:
        return False
    answers = {page.get("is_target") for page in r.lesions() if page.identity == lesion}
    return not answers & {"Y", None}


@check(
    "EC-067",
    severity="H",
    reads="les.is_target les.les_limb les.les_reader lh.target_limb",
    en="Target lesion must be in the target limb.",
    zh="靶病变须位于靶肢。",
)
def target_lesion_in_the_other_limb(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a target lesion that does not lie in the target limb."""
    limb = r.value("lh.target_limb")
    for page in r.lesions():
        side = page.get("les_limb")
        if page.get("is_target") == "Y" and None not in (side, limb) and side != limb:
            yield r.finding(page, "les_limb", "is_target", also=["lh.target_limb"])


@check(
    "EC-068",
    severity="S",
    reads="les.pacss les.is_target les.les_reader ie.exc03",
    en="PACSS 4: confirm that calcification did not preclude PTA.",
    zh="PACSS 4级，请确认钙化不妨碍PTA。",
)
def heavy_calcium_and_not_excluded(r: Reading) -> Iterator[Finding]:
    """Ask about E3 where a target lesion is of PACSS grade 4."""
    # E3 is about the target lesion (C18), so that calcium elsewhere raises no question.
    calcified = [page for page in r.dossier.target_lesions() if page.get("pacss") == "4"]
    if calcified and r.value("ie.exc03") == "N":
        yield from r.on("IE", "exc03", also=[(page, "pacss") for page in calcified])


@check(
    "RNG-LES.lesion_no-H",
    severity="H",
    reads="les.lesion_no les.les_reader",
    en="This reader has already read this lesion: each lesion has one page per reader.",
    zh="该判读方已判读此病变：每个病变每个判读方只填一页。",
)
def lesion_read_twice(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a second page of one lesion and reader."""
    seen: dict[tuple[str, str], PageRecord] = {}
    for page in r.of("LES"):
        lesion, reader = page.get("lesion_no"), page.get("les_reader")
        if lesion is None or reader is None:
            continue
        first = seen.setdefault((lesion, reader), page)
        if first is not page:
            yield r.finding(page, "lesion_no", "les_reader", also=[(first, "lesion_no")])


@check(
    "RNG-LES.les_date-H",
    severity="H",
    reads="les.les_date pr.proc_date",
    en="The angiogram before treatment cannot be later than the index procedure.",
    zh="术前造影不能晚于研究手术日期。",
)
def angiogram_after_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an angiogram that is dated after the procedure."""
    for page in r.of("LES"):
        if after(page.get("les_date"), r.value("pr.proc_date")):
            yield r.finding(page, "les_date", also=["pr.proc_date"])


@check(
    "RNG-LES.les_date-S",
    severity="S",
    reads="les.les_date pr.proc_date",
    en="The angiogram is not of the day of the index procedure.",
    zh="造影日期不是研究手术当天。",
)
def angiogram_of_another_day(r: Reading) -> Iterator[Finding]:
    """Ask about an angiogram of an earlier day than the procedure."""
    # A later one is refused its completeness above; one question is enough (§4).
    for page in r.of("LES"):
        if before(page.get("les_date"), r.value("pr.proc_date")):
            yield r.finding(page, "les_date", also=["pr.proc_date"])


@check(
    "RNG-LES.is_target-H",
    severity="H",
    reads="les.is_target les.les_reader pr.study_dev_introduced",
    en="A treated subject has at least one target lesion, and nobody has more than three.",
    zh="已使用研究器械者至少有一个靶病变，且最多三个。",
)
def too_few_or_too_many_targets(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a fourth target lesion, and to a treated subject without any."""
    pages = r.lesions()
    targets = [page for page in pages if page.get("is_target") == "Y"]
    for page in targets[MOST_TARGETS:]:
        yield r.finding(page, "is_target", also=[(other, "is_target") for other in targets[:MOST_TARGETS]])
    all_denied = pages and all(page.get("is_target") == "N" for page in pages)
    if all_denied and r.value("pr.study_dev_introduced") == "Y":
        yield r.finding(pages[0], "is_target", also=["pr.study_dev_introduced"])


@check(
    "RNG-PRL.prl_lesion-H",
    severity="H",
    reads="prl.prl_lesion prl.prl_reader les.is_target les.lesion_no les.les_reader",
    en="Choose a target lesion, each of them once.",
    zh="请选择靶病变，每个靶病变只填一次。",
)
def treatment_of_no_target_or_twice(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to the treatment of no target lesion, or of one already treated."""
    seen: dict[tuple[str, str], PageRecord] = {}
    for page in r.of("PRL"):
        lesion = page.get("prl_lesion")
        if lesion is None:
            continue
        first = seen.setdefault((lesion, page.get("prl_reader") or "SITE"), page)
        if first is not page:
            yield r.finding(page, "prl_lesion", also=[(first, "prl_lesion")])
        elif is_no_target(r, lesion):
            yield r.finding(page, "prl_lesion", also=[(reading_of(r, lesion), "is_target")])


@check(
    "RNG-PRL.predil_diam_mm.rvd-S",
    severity="S",
    reads="prl.predil_diam_mm prl.prl_lesion les.rvd_mm les.lesion_no les.les_reader",
    en="Pre-dilation balloon more than 1 mm wider than the reference vessel.",
    zh="预扩球囊直径超过参考血管直径1mm以上。",
)
def balloon_wider_than_the_vessel(r: Reading) -> Iterator[Finding]:
    """Ask about a pre-dilation balloon more than 1 mm wider than the vessel."""
    for page in treatments(r):
        lesion = reading_of(r, page.get("prl_lesion"))
        diameter, vessel = page.get("predil_diam_mm"), lesion.get("rvd_mm") if lesion else None
        if diameter is not None and vessel is not None and diameter > vessel + 1:
            yield r.finding(page, "predil_diam_mm", also=[(lesion, "rvd_mm")])


@check(
    "RNG-PRL.treated_len_mm-S",
    severity="S",
    reads="prl.treated_len_mm prl.prl_lesion les.lesion_length_mm les.lesion_no les.les_reader",
    en="Treated length shorter than the lesion.",
    zh="治疗段长度小于病变长度。",
)
def treated_shorter_than_the_lesion(r: Reading) -> Iterator[Finding]:
    """Ask where less was treated than the lesion is long."""
    yield from _less_than_before(r, "treated_len_mm", "lesion_length_mm")


@check(
    "RNG-PRL.runoff_after-S",
    severity="S",
    reads="prl.runoff_after prl.prl_lesion les.ro_ata les.ro_pta les.ro_pero les.lesion_no les.les_reader",
    en="Fewer patent runoff vessels at the end than before.",
    zh="术终通畅流出道支数少于术前。",
)
def runoff_lost(r: Reading) -> Iterator[Finding]:
    """Ask where fewer vessels are patent at the end than at the start."""
    yield from _less_than_before(r, "runoff_after", "runoff_count")


def _less_than_before(r: Reading, treated: str, item: str) -> Iterator[Finding]:
    """Yield the treatments of which an item is less than an item of the lesion before it."""
    for page in treatments(r):
        lesion = reading_of(r, page.get("prl_lesion"))
        after_it, before_it = page.get(treated), r.item(lesion, item) if lesion else None
        if after_it is not None and before_it is not None and after_it < before_it:
            yield r.finding(page, treated, also=[(lesion, item)])
