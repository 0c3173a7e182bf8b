"""How every check fares: on how many pages it asked, how its queries stand, and if they changed a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from audit.actors import Actor
from protocol.words import Bilingual, T
from sites.access import require
from sites.roles import Action
from visits.capture import asking
from visits.checks import CHECKS, own_page
from visits.checks.check import DATA_MANAGER
from visits.crfs import FORMS

REFUSES = T("own page: refuses the save", "本页：拒绝保存")
ASKS = T("own page: asks", "本页：发出质疑")
HOLDS_UP = T("other pages: page incomplete", "跨页：页面未完成")
ASKS_ACROSS = T("other pages: asks", "跨页：发出质疑")
TO_DATA_MANAGER = T("other pages: asks the data manager", "跨页：质疑发给数据管理员")
AT_ENROLMENT = T("at enrolment: refused", "入组时：拒绝")
AT_LOCK = T("at the lock: blocks", "锁库时：阻止")
UNUSUAL = T("unusual value", "数值异常")
# Checks that no page states: where a subject gets its number, a page is marked as not done, a lock is made.
ELSEWHERE = {
    "EC-006": (
        T("This site cannot enrol (role or status).", "该中心不能入组(角色或状态不符)。"),
        AT_ENROLMENT,
    ),
    "EC-127": (T("Reason required for a missing key assessment.", "关键检查未做须填写原因。"), REFUSES),
    "EC-129": (
        T(
            "Cannot lock: open queries, adjudications or signatures remain.",
            "不能锁库：存在未关闭质疑、未完成裁定或未签名表单。",
        ),
        AT_LOCK,
    ),
}
_COUNTS = """
    SELECT q.check_id, count(*), count(DISTINCT q.page_id),
           count(*) FILTER (WHERE q.state = 'CANDIDATE'), count(*) FILTER (WHERE q.state = 'OPEN'),
           count(*) FILTER (WHERE q.state = 'ANSWERED'), count(*) FILTER (WHERE q.state = 'CLOSED'),
           count(*) FILTER (WHERE q.state = 'CLOSED' AND q.close_reason IN ('corrected', 'auto'))
      FROM visits_query q JOIN subjects_subject s ON s.id = q.subject_id AND s.voided_at IS NULL
     WHERE q.origin = 'AUTO' GROUP BY q.check_id"""
_PAGES = """
    SELECT p.form, count(*)
      FROM visits_page p JOIN subjects_subject s ON s.id = p.subject_id AND s.voided_at IS NULL
     WHERE NOT p.removed AND NOT p.not_done GROUP BY p.form"""


@dataclass(frozen=True, slots=True)
class Known:
    """A check as it is listed: its words, severity, class, and the forms on which it may stand."""

    id: str
    words: Bilingual
    severity: str
    kind: Bilingual
    forms: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it opens queries at all."""
        return self.kind not in (REFUSES, AT_ENROLMENT, AT_LOCK)


@dataclass(frozen=True, slots=True)
class Rate:
    """How a check fares; `pages`: how many it was evaluated on, `asked_on`: on how many it ever asked."""

    check: Known
    pages: int = 0
    queries: int = 0
    asked_on: int = 0
    candidates: int = 0
    opened: int = 0
    answered: int = 0
    closed: int = 0
    changed: int = 0

    @property
    def percent(self) -> float | None:
        """The share of its pages on which it has asked; None without a page."""
        return round(100 * self.asked_on / self.pages, 1) if self.pages else None

    @property
    def changed_percent(self) -> int | None:
        """The share of its closed queries that led to a changed value; None while none is closed."""
        return round(100 * self.changed / self.closed) if self.closed else None


def known() -> dict[str, Known]:
    """Return every check by id: of the protocol's §4 first, then the limits of the items."""
    found = {one.id: one for one in (*_across(), *_own())}
    found.update({name: Known(name, words, "H", kind) for name, (words, kind) in ELSEWHERE.items()})
    return dict(sorted(found.items(), key=lambda named: (not named[0].startswith("EC-"), named[0])))


def rates(*, by: Actor) -> list[Rate]:
    """Return every check with its numbers over the whole study, in two statements."""
    require(by, Action.CHECK_READ)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_PAGES)
        pages = dict(cursor.fetchall())
    return [
        Rate(one, sum(pages.get(form, 0) for form in one.forms), *counts.get(one.id, ()))
        for one in known().values()
    ]


def _across() -> Iterator[Known]:
    for one in CHECKS.values():
        kind = HOLDS_UP if one.hard else TO_DATA_MANAGER if one.to == DATA_MANAGER else ASKS_ACROSS
        yield Known(one.id, one.message, one.severity, kind, one.stands)


def _own() -> Iterator[Known]:
    for form, crf in FORMS.items():
        for stated in crf.contradictions:
            yield Known(stated.id, stated.message, "H", REFUSES, (form,))
        for stated in crf.warnings:
            yield Known(stated.id, stated.message, "S", ASKS, (form,))
        for name, item in crf.questions().items():
            if item.soft is not None:
                words = Bilingual(f"{item.label.en}: {UNUSUAL.en}", f"{item.label.zh}：{UNUSUAL.zh}")
                yield Known(own_page.range_id(form, name), words, "S", ASKS, (form,))
        for name in asking.hidden_from_elsewhere(form):
            words = own_page.hidden_words(crf.items()[name].label)
            yield Known(own_page.hidden_id(form, name), words, "S", ASKS, (form,))
