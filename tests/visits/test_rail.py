"""The rail of a page: the most urgent sign of each form, visit and log, as the matrix gives it."""

import re

import pytest

from audit.context import Reason
from subjects.models import Subject
from tests.enrolled import screened
from tests.people import People
from tests.records import page
from tests.visits.sdv.marks import ask_for_all, enter, verify
from visits import dossier as dossiers
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.models import Page
from visits.overview.status import ACTS, GIVES_WAY, PRECEDENCE
from visits.pages.signs import Known
from visits.review import locking
from visits.review.guard import Guard, Held
from visits.review.queries import move_query, raise_query
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.content import content_of
from visits.review.signing.standing import BROKEN, VALID, Standing
from visits.templatetags.edc import GLYPHS

EVERYBODYS = frozenset(ACTS)


def test_work_of_others_gives_way_to_the_next_sign() -> None:
    one = page("DM", {})
    asked = Known(acts=EVERYBODYS, opened=frozenset({one.id}))
    assert asked.sign("complete", [one]) == "query-open"
    assert Known(opened=asked.opened).sign("incomplete", [one]) == "incomplete"
    broken = {one.id: Standing(BROKEN)}
    assert Known(acts=EVERYBODYS, signed=broken).sign("complete", [one]) == "broken"
    assert Known(signed=broken).sign("complete", [one]) == "complete"
    assert Known(acts=EVERYBODYS).sign("complete", [one]) == "to-sign"
    answered = Known(acts=EVERYBODYS - {"query-answered"}, answered=frozenset({one.id}))
    assert answered.sign("complete", [one]) == "complete", "nobody signs before its queries are closed"
    assert Known(acts=EVERYBODYS, signed={one.id: Standing(VALID, addendum=True)}).sign(
        "complete", [one]
    ) == ("to-sign")


def test_a_lock_of_all_pages_stands_before_signatures() -> None:
    first, second = page("DM", {}), page("MH", {})
    half = Guard(locked=[Held("page", page=first.id)])
    whole = Guard(locked=[Held("subject")])
    signed = {one.id: Standing(BROKEN) for one in (first, second)}
    assert Known(acts=EVERYBODYS, guard=half, signed=signed).sign("complete", [first, second]) == "broken"
    assert Known(acts=EVERYBODYS, guard=whole, signed=signed).sign("complete", [first, second]) == "locked"
    assert Known(guard=Guard(frozen=[Held("subject")])).sign("complete", [first]) == "frozen"


def test_where_nothing_was_entered_the_schedule_speaks() -> None:
    assert Known(acts=EVERYBODYS).sign("not-yet", []) == "not-yet"
    removed = page("DM", {})
    removed.removed = True
    assert Known(acts=EVERYBODYS).sign("due", [removed]) == "due"
    assert GIVES_WAY <= set(PRECEDENCE)


def shown(people: People, name: str, subject: Subject) -> dict[str, str]:
    """Return the sign of each link of the rail, by where it leads."""
    html = people.client(name).get(f"/subjects/{subject.pk}/SCR/IC/").content.decode()
    rail = html[html.index('<nav class="rail"') :]
    rail = rail[: rail.index("</nav>")]
    symbols = {symbol: name for name, (symbol, _colour, _words) in GLYPHS.items()}
    found = re.findall(
        rf'href="/subjects/{subject.pk}/(\w+/\w+)/[^>]*>(?:<svg[^>]*><use href="#g-([\w-]+)")?', rail
    )
    return {place: symbols.get(symbol, "") for place, symbol in found}


@pytest.mark.urs("SIG-05", "SRC-02")
def test_each_reader_sees_the_work_that_is_theirs(people: People) -> None:
    subject = screened(people)
    enter(people, subject, "BCS", {}, not_done=True, not_done_reason="not asked")
    enter(people, subject, "DM", {"age": 70})
    bcs = Page.objects.get(subject=subject, form="BCS")
    assert (shown(people, "zhang_wei", subject)["SCR/BCS"], shown(people, "li_na", subject)["SCR/BCS"]) == (
        *("to-sign", "missed"),
    )
    by = people.zhang_wei
    declare(by=by, proven=Proven(by.user_id or ""))
    record = dossiers.load(subject).page(bcs.pk)
    assert record is not None
    sign(seen={bcs.pk: content_of(record)}, by=by, proven=Proven(by.user_id or ""))
    assert shown(people, "li_na", subject)["SCR/BCS"] == "signed"
    enter(people, subject, "BCS", {}, page_id=bcs.pk, not_done=True, not_done_reason="refused")
    assert shown(people, "zhang_wei", subject)["SCR/BCS"] == "broken"
    assert shown(people, "li_na", subject)["SCR/BCS"] == "missed"
    ask_for_all(people)
    assert shown(people, "wang_lei", subject)["SCR/DM"] == "incomplete"
    verify(people, subject, "DM", "age")
    enter(people, subject, "DM", {"age": 71}, page_id=Page.objects.get(subject=subject, form="DM").pk)
    query = raise_query(page=bcs, items=[], text="Why?", by=people.wang_lei)
    assert shown(people, "li_na", subject)["SCR/BCS"] == "query-open"
    move_query(query=query, move="answer", by=people.li_na, text="Asleep")
    assert shown(people, "wang_lei", subject)["SCR/BCS"] == "query-answered"
    locking.lock(level="page", page=bcs, by=people.chen_jing, reason="Cut", interim=True)
    assert shown(people, "li_na", subject)["SCR/BCS"] == "locked"


def test_a_log_shows_work_beside_its_number(people: People) -> None:
    subject = screened(people)
    entry = PageEntry(subject_id=subject.pk, form="AE", values={"ae_term": "Fall"}, page_id=None)
    save_pages([entry], by=people.li_na, reason=Reason("TYPO"))
    assert shown(people, "li_na", subject)["LOG/AE"] == "incomplete"
    assert shown(people, "guo_tao", subject)["LOG/AE"] == ""
