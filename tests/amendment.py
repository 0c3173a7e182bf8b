"""Amendment 1.1 of the tests: what a developer would write into protocol/ and visits/crfs/, done and undone.

It changes the product's own follow-up form: an item comes (with a real column, added by edc_owner), an item
goes, one is worded and limited anew, a term comes, and the window of the 6-month visit moves.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg

from protocol import schedule, version
from protocol.codelists import COMPLY, Term
from protocol.version import Amendment
from protocol.words import T
from tests import databases
from visits import amendments
from visits.crfs.base import Crf
from visits.crfs.fu import FollowUp
from visits.items import IntItem, Range
from visits.statement import statement

VERSION = "1.1"
AMENDMENT = Amendment(
    VERSION,
    date(2026, 3, 2),
    T("Walking distance measured; shorter 6-month window.", "增加步行距离测量;缩短6个月时间窗。"),
    reconsent=True,
)
ADDED, RETIRED, REWORDED = "fu_walk_m", "fu_smoking", "fu_claud_m"
NEW_TERM = Term("PAUSE", T("Paused by order", "遵医嘱暂停"), since=VERSION)
NEW_LABEL = T("Walking distance until pain", "无痛行走距离")
NEW_RANGE = Range(0, 300)
NEW_WINDOW = schedule.Moved(VERSION, 180, 165, 195)
CACHED = ("items", "derived", "questions", "items_at", "questions_at")


def add_column(database: str) -> None:
    """Add the new item's column as a migration would, as edc_owner, in this database of the test."""
    with psycopg.connect(databases.address("DATABASE_OWNER_URL", database), autocommit=True) as owner:
        owner.execute(f"ALTER TABLE crf_fu ADD COLUMN {ADDED} integer")
        owner.execute("SELECT audit_attach('crf_fu', 'subject', true)")


def apply() -> Callable[[], None]:
    """State the amendment in this process; returns what takes it back."""
    layout, label = FollowUp.layout, FollowUp.items()[REWORDED]
    item = IntItem(
        T("Six-minute walk", "六分钟步行距离"),
        "R",
        unit="m",
        hard=Range(0, 999),
        soft=Range(50, 600),
        show_if="contact_mode in (CLIN,INPT)",
        since=VERSION,
    )
    item.contribute_to_class(FollowUp, ADDED)
    first, *others = layout
    FollowUp.layout = (replace(first, items=(*first.items, ADDED)), *others)  # type: ignore[assignment]
    retired = FollowUp._meta.get_field(RETIRED)
    retired.until = VERSION  # type: ignore[union-attr]
    label.amended = {VERSION: {"label": NEW_LABEL, "soft": NEW_RANGE}}
    terms = COMPLY.terms
    offer((*terms, NEW_TERM))
    month6 = schedule.VISIT["M6"]
    schedule.VISIT["M6"] = replace(month6, moved=(NEW_WINDOW,))
    known, version.AMENDMENTS = version.AMENDMENTS, (AMENDMENT,)
    forget()

    def undo() -> None:
        FollowUp._meta.local_fields.remove(item)
        FollowUp._meta._expire_cache()  # type: ignore[attr-defined]
        delattr(FollowUp, ADDED)
        FollowUp.layout = layout
        retired.until = None  # type: ignore[union-attr]
        label.amended = {}
        offer(terms)
        schedule.VISIT["M6"] = month6
        version.AMENDMENTS = known
        forget()

    return undo


def offer(terms: tuple[Term, ...]) -> None:
    """Let the compliance codelist have these terms."""
    object.__setattr__(COMPLY, "terms", terms)
    for computed in ("codes", "_labels"):
        COMPLY.__dict__.pop(computed, None)


def forget() -> None:
    """Forget what is computed once per process from classes that never change in it."""
    for name in CACHED:
        getattr(Crf, name).__func__.cache_clear()
    statement.cache_clear()
    amendments.changes_of.cache_clear()
    _derivation().windows.cache_clear()


def _derivation() -> Any:
    from outcomes import derivation

    return derivation


@contextmanager
def amended(database: str) -> Iterator[None]:
    """Have the amendment in force in the code and in this database."""
    add_column(database)
    undo = apply()
    try:
        yield
    finally:
        undo()
