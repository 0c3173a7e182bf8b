"""Checks of the committee's pages: what was sent to it, by whom it was judged, and what changed afterwards.

A site reads no page of the committee: all questions about one go to the data manager (protocol §3.33, §4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from visits.checks.check import Finding, check
from visits.checks.dates import before, most_days
from visits.checks.reading import Reading
from visits.dossier import PageRecord

SENT_WITHIN = timedelta(days=3)
OPEN_DAYS = timedelta(days=60)
SITE_ROLES = {"COORDINATOR", "INVESTIGATOR"}
EVENT_DATES = {"REV": "rev_date", "AMP": "amp_date", "DTH": "death_date", "AE": "ae_start"}
EVENTS = "rev.rev_date amp.amp_date dth.death_date ae.ae_start"


def source_of(r: Reading, page: PageRecord) -> PageRecord | None:
    """Return the page that an adjudication is about."""
    pages = (record for form in EVENT_DATES for record in r.of(form))
    return next((record for record in pages if str(record.id) == page.get("cec_source")), None)


@check(
    "EC-121",
    severity="S",
    reads="rev amp dth cec.cec_source today",
    on="rev amp dth",
    to="data_manager",
    en="Endpoint event not yet sent to adjudication.",
    zh="终点事件尚未送交裁定。",
)
def not_sent(r: Reading) -> Iterator[Finding]:
    """Tell of an event that was entered more than three days ago and that no adjudication is about."""
    sent = {page.get("cec_source") for page in r.of("CEC")}
    for form in ("REV", "AMP", "DTH"):
        for page in r.of(form):
            if str(page.id) not in sent and r.now - page.entered_at > SENT_WITHIN:
                yield r.finding(page, EVENT_DATES[form])


@check(
    "EC-122",
    severity="S",
    reads="cec rev amp dth ae trail",
    to="data_manager",
    en="Source changed after adjudication: re-review needed.",
    zh="裁定后源数据被修改，需重新评审。",
)
def source_changed(r: Reading) -> Iterator[Finding]:
    """Tell where the page judged was written after the last writing of its judgement, or removed."""
    every = {str(page.id): page for page in r.dossier.pages}
    final = [
        (page, every.get(page.get("cec_source") or ""))
        for page in r.of("CEC")
        if page.get("cec_status") == "FIN"
    ]
    # At once, for the other checks of judgements too: one page after the other would be a statement each.
    r.facts.writings([*(page.id for page in r.of("CEC")), *(source.id for _, source in final if source)])
    for page, source in final:
        if source is None:
            continue
        if source.removed:
            yield r.finding(page, "cec_status", removed="Y", revision=source.revision)
            continue
        writings = r.facts.writings([page.id, source.id])
        last = max((one.n for one in writings if one.page_id == str(page.id)), default=None)
        later = [one for one in writings if last is not None and one.n > last]
        if later:
            yield r.finding(page, "cec_status", changed_at=later[-1].at, revision=source.revision)


@check(
    "EC-124",
    severity="H",
    reads="cec memberships trail",
    en="Reviewer must be independent of the site.",
    zh="裁定者须独立于该中心。",
    to="data_manager",
)
def judged_by_the_site(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a judgement by somebody who enters or investigates at that site."""
    for page in r.of("CEC"):
        writers = {one.actor_id: one.actor_name for one in r.facts.writings([page.id]) if one.person}
        own = [name for person, name in writers.items() if r.roles_at_site(person) & SITE_ROLES]
        if own:
            yield r.finding(page, "cec_status", reviewers=", ".join(sorted(own)))


@check(
    "RNG-CEC.cec_r2_event-H",
    severity="H",
    reads="cec.cec_r1_event cec.cec_r2_event trail",
    to="data_manager",
    en="Both reviews are by the same person.",
    zh="两位评审为同一人。",
)
def reviewed_twice_by_one(r: Reading) -> Iterator[Finding]:
    """Refuse completeness where one person wrote both reviews."""
    for page in r.of("CEC"):
        if page.get("cec_r1_event") is None or page.get("cec_r2_event") is None:
            continue
        writings = r.facts.writings([page.id])
        last: dict[str, Any] = {}
        for one in writings:
            last.update({item: one for item in ("cec_r1_event", "cec_r2_event") if item in one.items})
        people = [one.actor_id for one in last.values() if one.person]
        if len(people) == 2 and people[0] == people[1]:
            yield r.finding(page, "cec_r2_event", "cec_r1_event")


@check(
    "RNG-CEC.cec_source-H",
    severity="H",
    reads="cec.cec_source cec.cec_status",
    to="data_manager",
    en="This event is already being adjudicated.",
    zh="该事件已有进行中的裁定。",
)
def judged_twice(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to a second adjudication of an event while the first is open."""
    first: dict[str, PageRecord] = {}
    for page in r.of("CEC"):
        source = page.get("cec_source")
        if source is None or page.get("cec_status") in (None, "FIN"):
            continue
        if source in first:
            yield r.finding(page, "cec_source", "cec_status", also=[(first[source], "cec_status")])
        first.setdefault(source, page)


@check(
    "RNG-CEC.cec_status-S",
    severity="S",
    reads="cec.cec_status today",
    to="data_manager",
    en="Dossier open for more than 60 days.",
    zh="裁定资料收集超过60天。",
)
def long_open(r: Reading) -> Iterator[Finding]:
    """Tell of a dossier that is still being collected after 60 days."""
    for page in r.of("CEC"):
        if page.get("cec_status") == "OPEN" and r.now - page.entered_at > OPEN_DAYS:
            yield r.finding(page, "cec_status")


@check(
    "RNG-CEC.cec_event_date-H",
    severity="H",
    reads="cec.cec_event_date pr.proc_date",
    to="data_manager",
    en="Adjudicated date before the index procedure.",
    zh="裁定日期早于研究手术。",
)
def judged_before_procedure(r: Reading) -> Iterator[Finding]:
    """Refuse completeness to an event date before the procedure."""
    for page in r.of("CEC"):
        if before(page.get("cec_event_date"), r.value("pr.proc_date")):
            yield r.finding(page, "cec_event_date", also=["pr.proc_date"])


@check(
    "RNG-CEC.cec_event_date-S",
    severity="S",
    reads=f"cec.cec_event_date cec.cec_source {EVENTS}",
    to="data_manager",
    en="Adjudicated date differs from the site's.",
    zh="裁定日期与中心日期不同。",
)
def judged_on_another_day(r: Reading) -> Iterator[Finding]:
    """Tell where the committee's date is certainly not the site's."""
    for page in r.of("CEC"):
        source, day = source_of(r, page), page.get("cec_event_date")
        item = EVENT_DATES[source.form] if source else ""
        stated = source.get(item) if source else None
        if day is None or stated is None:
            continue
        latest, earliest = most_days(day, stated), most_days(stated, day)
        if latest is not None and earliest is not None and (latest < 0 or earliest < 0):
            yield r.finding(page, "cec_event_date", also=[(source, item)])


def _differs(r: Reading, item: str, form: str, of_site: str) -> Iterator[Finding]:
    """Yield the judgements of which an answer differs from the site's own on the page that it is about."""
    for page in r.of("CEC"):
        source, judged = source_of(r, page), page.get(item)
        if source is None or source.form != form or judged is None:
            continue
        stated = r.item(source, of_site)
        if stated is not None and stated != judged:
            yield r.finding(page, item, also=[(source, of_site)])


@check(
    "RNG-CEC.cec_tlr-S",
    severity="S",
    reads="cec.cec_tlr cec.cec_source rev lh.target_limb pr.proc_date pr.staged_target",
    to="data_manager",
    en="Committee and site differ: target lesion revascularisation.",
    zh="委员会与中心不一致：靶病变血运重建。",
)
def differs_on_lesion(r: Reading) -> Iterator[Finding]:
    """Tell where the committee and the site's entries differ on the target lesion."""
    return _differs(r, "cec_tlr", "REV", "rev_is_tlr")


@check(
    "RNG-CEC.cec_cd-S",
    severity="S",
    reads="cec.cec_cd cec.cec_source rev lh.target_limb pr.proc_date abi",
    to="data_manager",
    en="Committee and site differ: clinically driven.",
    zh="委员会与中心不一致：临床驱动。",
)
def differs_on_indication(r: Reading) -> Iterator[Finding]:
    """Tell where the committee and the site's entries differ on what drove a revascularisation."""
    return _differs(r, "cec_cd", "REV", "rev_cd_site")


@check(
    "RNG-CEC.cec_amp_major-S",
    severity="S",
    reads="cec.cec_amp_major cec.cec_source amp.amp_level",
    to="data_manager",
    en="Committee and site differ: major amputation.",
    zh="委员会与中心不一致：大截肢。",
)
def differs_on_amputation(r: Reading) -> Iterator[Finding]:
    """Tell where the committee and the site's entries differ on a major amputation."""
    return _differs(r, "cec_amp_major", "AMP", "amp_is_major")


@check(
    "RNG-CEC.cec_death_cat-S",
    severity="S",
    reads="cec.cec_death_cat cec.cec_source dth.death_cat",
    to="data_manager",
    en="Committee and site differ: category of death.",
    zh="委员会与中心不一致：死因分类。",
)
def differs_on_death(r: Reading) -> Iterator[Finding]:
    """Tell where the committee and the investigator differ on a death."""
    return _differs(r, "cec_death_cat", "DTH", "death_cat")


@check(
    "RNG-CEC.cec_barc-S",
    severity="S",
    reads="cec.cec_barc cec.cec_source ae",
    to="data_manager",
    en="Committee and site differ: type of bleeding.",
    zh="委员会与中心不一致：出血分型。",
)
def differs_on_bleeding(r: Reading) -> Iterator[Finding]:
    """Tell where the committee's type of a bleeding is not the one derived from the site's entries."""
    return _differs(r, "cec_barc", "AE", "bl_barc")
