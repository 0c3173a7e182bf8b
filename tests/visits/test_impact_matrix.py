"""The impact matrix of peers.md §3e: each event befalls one page that carries all marks at once.

The page is a revascularisation: its items are verified, it is signed, an endpoint reads it, and the committee
has judged it. MATRIX has every cell; a row's test reads all columns off the study and compares the whole row,
so that a cell can be neither forgotten nor left over. Where our answer is another than that of §3e, the cell
says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import pytest

from audit import clock
from audit.actors import Actor
from audit.context import Reason, acting
from audit.models import Job
from protocol import revascularisation
from sites import upkeep
from subjects.models import Subject
from tests.amendment import ADDED, VERSION, amended
from tests.enrolled import treated
from tests.people import People, build_people
from tests.visits.checks.test_of_the_study import adjudicator
from tests.visits.sdv.marks import ask_for_all, looked_at
from tests.visits.test_versions import follow_up, switched_on
from visits import dossier as dossiers
from visits.capture import asking
from visits.capture.entry import PageEntry
from visits.capture.save import save_pages
from visits.capture.upgrade import upgrade_page
from visits.checks import CHECKS
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.models import Page, Query
from visits.review import rechecking
from visits.review.queries import move_query, raise_query
from visits.review.sdv import plan as plans
from visits.review.sdv.states import state_of
from visits.review.sdv.verifying import verify_items
from visits.review.signing.acts import Proven, declare, sign
from visits.review.signing.changes import since_signed
from visits.review.signing.content import content_of, wording_of
from visits.review.signing.standing import of_pages
from visits.templatetags.signing import _since as queries_since

TYPO = Reason("TYPO")
ITEM, BLANK, BRANCH = "rev_final_pct", "rev_abi_pre", "rev_kind"
OTHERS = ("rev_side", "rev_hospital")
VALUES: dict[str, Any] = {
    "rev_kind": "PERC",
    "rev_side": "L",
    "rev_vessels": ["BTK"],
    "rev_reasons": ["CLAU"],
    "rev_hospital": "07",
    ITEM: 20,
}
FIRST_REVIEW: dict[str, Any] = {"cec_r1_event": "Y", "cec_r1_tlr": "Y", "cec_r1_cd": "Y", "cec_status": "R1"}
SECOND_REVIEW: dict[str, Any] = {"cec_r2_event": "Y", "cec_r2_tlr": "Y", "cec_r2_cd": "Y"}
VERDICT: dict[str, Any] = {
    "cec_status": "FIN",
    "cec_event": "Y",
    "cec_tlr": "Y",
    "cec_cd": "Y",
    "cec_tvr": "Y",
}
COLUMNS = ("query", "own", "others", "signature", "endpoint", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """What an event does, by column; `own` and `others` are verification of the item and of other items."""

    query: str
    own: str
    others: str
    signature: str
    endpoint: str
    verdict: str


MATRIX: dict[str, Row] = {
    "value changed": Row(
        "OPEN, then CLOSED auto", "STALE", "VERIFIED", "broken", "recomputed", "to be reviewed"
    ),
    # §3e leaves the verdict out; the committee has read the page without the reason, and is told as ever.
    "missing reason set": Row(
        "asked no more", "PENDING", "VERIFIED", "broken", "recomputed", "to be reviewed"
    ),
    "query asked": Row("OPEN", "VERIFIED", "VERIFIED", "valid, 1 query since", "kept", "kept"),
    "query answered": Row("ANSWERED", "VERIFIED", "VERIFIED", "valid, 1 query since", "kept", "kept"),
    "item hidden": Row("CLOSED obsolete", "void", "VERIFIED", "broken", "recomputed", "to be reviewed"),
    # Nothing is verified on a row that does not count; its marks are there again when it is restored.
    "row removed": Row("CLOSED obsolete", "void", "void", "broken", "recomputed", "to be reviewed"),
    "label amended": Row("OPEN", "VERIFIED", "VERIFIED", "valid, reworded, 1 query since", "kept", "kept"),
    "item added": Row("asked", "PENDING", "VERIFIED", "valid, addendum to sign", "recomputed", "kept"),
    # The committee has no chair in the system: the data manager is told of what the rule says otherwise.
    "rule changed": Row("CANDIDATE", "VERIFIED", "VERIFIED", "valid", "all recomputed", "differs"),
}


@dataclass(slots=True)
class Case:
    """A page with all marks, and what every column says of it now."""

    people: People
    subject: Subject
    page: Page
    item: str = ITEM
    about: Query | None = None
    jobs: int = 0

    @property
    def record(self) -> PageRecord:
        found = dossiers.load(Subject.objects.get(pk=self.subject.pk)).page(self.page.pk)
        assert found is not None
        return found

    def save(self, values: dict[str, Any] | None = None, **more: Any) -> None:
        """Let the coordinator change the page."""
        visit = self.record.visit
        entry = PageEntry(
            self.subject.pk, self.page.form, visit, values=values or {}, page_id=self.page.pk, **more
        )
        save_pages([entry], by=self.people.li_na, reason=TYPO)

    def lacking(self) -> list[str]:
        """Return the required items that the page asks for in vain: what stands in the way of a lock."""
        return asking.unanswered(dossiers.load(self.subject), self.record, FORMS[self.page.form])

    def ask(self, item: str) -> None:
        """Let the monitor ask about an item; that query is the one that the row is about."""
        self.about = raise_query(page=self.page, items=[item], text="Right?", by=self.people.wang_lei)

    def read(self, query: str = "") -> Row:
        """Read every column off the study."""
        if self.about is not None:
            self.about.refresh_from_db()
            query = f"{self.about.state} {self.about.close_reason}".strip()
        return Row(query, self.own, self.others, self.signature, self.endpoint, self.verdict)

    @property
    def own(self) -> str:
        return self._verification(self.item)

    @property
    def others(self) -> str:
        (state,) = {self._verification(item) for item in self.others_named}
        return state

    @property
    def others_named(self) -> tuple[str, ...]:
        return OTHERS if self.page.form == "REV" else ("contact_mode", "vital_status")

    def _verification(self, item: str) -> str:
        state = state_of(self.record, item, plan=plans.in_force(), usubjid=self.subject.usubjid)
        return "void" if state == "NOT_REQUIRED" else str(state)

    @property
    def signature(self) -> str:
        standing = of_pages([self.record])[self.page.pk]
        queries = list(Query.objects.filter(page=self.page, origin="MANUAL").prefetch_related("steps"))
        since = queries_since(queries, self.record, standing)
        said = {
            "addendum to sign": standing.addendum,
            "reworded": standing.reworded,
            f"{since} query since": since,
        }
        return ", ".join([standing.state, *(words for words, holds in said.items() if holds)])

    @property
    def endpoint(self) -> str:
        if Job.objects.filter(kind="recompute_study").exists():
            return "all recomputed"
        return "recomputed" if self.recomputations() > self.jobs else "kept"

    def recomputations(self) -> int:
        return Job.objects.filter(kind="recompute_subject", args={"subject": str(self.subject.pk)}).count()

    @property
    def verdict(self) -> str:
        told = {"EC-122": "to be reviewed", "RNG-CEC.cec_cd-S": "differs"}
        asked = Query.objects.filter(subject=self.subject, check_id__in=told, state="CANDIDATE")
        return ", ".join(told[query.check_id] for query in asked) or "kept"


# --- a page with all marks ---


@pytest.fixture
def people(db: None) -> People:
    return build_people()


def with_marks(people: People, subject: Subject, page: Page, *items: str) -> Case:
    """Return the page as a case: its items verified, signed, each of its queries closed as confirmed."""
    case = Case(people, subject, page)
    lacking = asking.unanswered(dossiers.load(subject), case.record, FORMS[page.form])
    codes = {item: FORMS[page.form].items()[item] for item in lacking}
    case.save(
        {item: "N" for item, asked in codes.items() if not asked.accepts_missing},
        missing={item: "ND" for item, asked in codes.items() if asked.accepts_missing},
    )
    for query in Query.objects.filter(page=page, state="OPEN"):
        move_query(query=query, move="close", by=people.wang_lei, reason="confirmed")
    critical = {f"{page.form.lower()}.{item}": ["endpoint"] for item in items}
    ask_for_all(people, critical=critical)
    verify_items(page=page, seen=looked_at(case.record, items), by=people.wang_lei)
    return case


def signed(case: Case) -> Case:
    """Let the investigator sign the page."""
    by = case.people.zhang_wei
    mine = Proven(by.user_id or "")
    declare(by=by, proven=mine)
    done = sign(seen={case.page.pk: content_of(case.record)}, by=by, proven=mine)
    assert not done.refused, [str(one.refusals) for one in done.refused]
    case.jobs = case.recomputations()
    return case


def judged(people: People, subject: Subject, source: Page) -> None:
    """Let two members of the committee find the event as the site has it."""

    def write(by: Actor, values: dict[str, Any], page: Page | None = None) -> Page:
        known: dict[str, Any] = {"page_id": page.pk, "revision": page.revision} if page else {}
        saved = save_pages([PageEntry(subject.pk, "CEC", values=values, **known)], by=by, reason=TYPO)
        return Page.objects.get(pk=saved.pages[0].id)

    day = clock.today() - timedelta(days=20)
    begun = write(
        people.he_ming,
        {"cec_type": "REV", "cec_source": str(source.pk), **FIRST_REVIEW},
    )
    dated = {"cec_event_date": day, "cec_decision_date": clock.today()}
    write(adjudicator(people, "bo"), {**SECOND_REVIEW, **VERDICT, **dated}, begun)


@pytest.fixture
def case(people: People) -> Case:
    """A revascularisation with all marks."""
    subject = treated(people, 100)
    day = (clock.today() - timedelta(days=20)).isoformat()
    save_pages([PageEntry(subject.pk, "REV", values={"rev_date": day, **VALUES})], by=people.li_na)
    page = Page.objects.get(subject=subject, form="REV")
    made = with_marks(people, subject, page, ITEM, *OTHERS)
    judged(people, subject, page)
    made = signed(made)
    assert made.read("none") == Row("none", "VERIFIED", "VERIFIED", "valid", "kept", "kept")
    return made


# --- the events ---


def value_changed(case: Case) -> Row:
    case.save({ITEM: 45})
    case.about = Query.objects.get(page=case.page, check_id=f"RNG-REV.{ITEM}-S", state="OPEN")
    case.save({ITEM: 25})
    row = case.read()
    return replace(row, query=f"OPEN, then {row.query}")


def missing_reason_set(case: Case) -> Row:
    """The limb turns out to be the target limb: the page now asks for its pressure, which nobody took."""
    limb = {"target_limb": "L"}
    save_pages([PageEntry(case.subject.pk, "LH", "SCR", values=limb)], by=case.people.li_na)
    case.jobs, case.item = case.recomputations(), BLANK
    assert (case.signature, BLANK in case.lacking()) == ("valid", True)
    case.save(missing={BLANK: "ND"})
    return case.read("asked" if BLANK in case.lacking() else "asked no more")


def query_asked(case: Case) -> Row:
    case.ask(ITEM)
    return case.read()


def query_answered(case: Case) -> Row:
    case.ask(ITEM)
    assert case.about is not None
    move_query(query=case.about, move="answer", by=case.people.li_na, text="Yes.")
    return case.read()


def item_hidden(case: Case) -> Row:
    case.ask(ITEM)
    case.save({BRANCH: "DIAG"}, clear_hidden=True)
    return case.read()


def row_removed(case: Case) -> Row:
    case.ask(ITEM)
    case.save(removed=True)
    return case.read()


def rule_changed(case: Case) -> Row:
    """What drives a revascularisation is worded anew, and a limit of the endpoints moves."""
    by = Actor.system("edit checks")
    with pytest.MonkeyPatch.context() as amended_rule, acting(by=by):
        amended_rule.setattr(revascularisation, "clinically_driven", lambda reasons, pressures: False)
        held = Subject.objects.select_for_update(of=("self",)).select_related("site").get(pk=case.subject.pk)
        rechecking.recheck(held, by=by, candidates=True)
    upkeep.configure_study(by=case.people.chen_jing, facts={"config": {"tlr_margin_mm": 10}})
    [opened] = Query.objects.filter(subject=case.subject, check_id="RNG-CEC.cec_cd-S")
    assert not Query.objects.filter(page=case.page, state="OPEN").exists()
    return case.read(opened.state)


EVENTS: dict[str, Callable[[Case], Row]] = {
    "value changed": value_changed,
    "missing reason set": missing_reason_set,
    "query asked": query_asked,
    "query answered": query_answered,
    "item hidden": item_hidden,
    "row removed": row_removed,
    "rule changed": rule_changed,
}
ELSEWHERE = {"label amended", "item added"}
"""The rows with a test of their own: they need another wording, or another version of a form."""


@pytest.mark.urs("SIG-05", "SRC-02", "EDQ-05")
@pytest.mark.parametrize("event", EVENTS)
def test_every_cell_of_the_row(case: Case, event: str) -> None:
    assert EVENTS[event](case) == MATRIX[event]


def test_no_cell_is_left_over() -> None:
    """Every row is tried, and says something in every column; the columns are those that are read."""
    assert set(MATRIX) == set(EVENTS) | ELSEWHERE
    for event, row in MATRIX.items():
        assert all(getattr(row, column.name) for column in fields(row)), event
    assert [column.name for column in fields(Row)] == list(COLUMNS)
    assert {"EC-122", "RNG-CEC.cec_cd-S"} <= set(CHECKS)


def test_label_amended(case: Case) -> None:
    case.ask(ITEM)
    with pytest.MonkeyPatch.context() as amended_label:
        amended_label.setattr(FORMS["REV"].items()[ITEM], "label", FORMS["REV"].items()["rev_side"].label)
        wording_of.cache_clear()
        found = case.read()
    wording_of.cache_clear()
    assert found == MATRIX["label amended"]


@pytest.mark.urs("SIG-05")
def test_a_broken_signature_shows_which_item(case: Case) -> None:
    """The first row's "broken, shows which field"."""
    case.save({ITEM: 25})
    changes = since_signed(case.subject.pk, of_pages([case.record]))[case.page.pk]
    told = [
        (one.label.en, one.old and one.old.en, one.new and one.new.en)
        for line in changes
        for one in line.told
    ]
    assert told == [("Final residual stenosis", "20 %", "25 %")]


def test_a_row_restored_has_its_marks_again(case: Case) -> None:
    case.save(removed=True)
    case.save(removed=False)
    assert (case.own, case.others, case.signature) == ("VERIFIED", "VERIFIED", "valid")


def test_item_added(own_database: str) -> None:
    """A page that is taken over into a newer version of its form, which asks for one item more."""
    with amended(own_database):
        people = build_people()
        subject = treated(people, 180)
        save_pages(
            [PageEntry(subject.pk, "REV", values={"rev_date": clock.today().isoformat(), **VALUES})],
            by=people.li_na,
        )
        judged(people, subject, Page.objects.get(subject=subject, form="REV"))
        page = follow_up(people, subject, "M3", 90)
        made = signed(with_marks(people, subject, page, "contact_mode", "vital_status"))
        switched_on("07", clock.today())
        upgrade_page(page=page, by=people.chen_jing, reason="as agreed")
        assert made.record.form_version == VERSION
        row = made.read("asked" if ADDED in made.lacking() else "not asked")
        made.item = ADDED
        made.save(missing={ADDED: "ND"})
        assert replace(row, own=made.own) == MATRIX["item added"]
