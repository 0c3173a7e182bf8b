"""Whatever is saved, refused, kept, discarded or removed in whatever order: trail, rows and queries agree."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from audit.context import Reason
from audit.models import Entry, Exact
from tests.enrolled import screened
from tests.people import People
from visits import dossier as dossiers
from visits.capture import autosaves
from visits.capture.autosaves import AlreadySent
from visits.capture.earlier import since
from visits.capture.entry import NotSaved, PageEntry
from visits.capture.save import save_pages
from visits.capture.unsaved import Autosave, Draft
from visits.crfs import FORMS
from visits.dossier import PageRecord
from visits.models import Query

pytestmark = pytest.mark.django_db
WHO = st.sampled_from(["li_na", "zhang_wei"])
AGES = st.sampled_from([None, 17, 39, 70, 91, 121])
REASONS = st.sampled_from([None, Reason("TYPO")])
BACK = st.integers(0, 2)
"""How many revisions ago the page was opened."""


class Desk(RuleBasedStateMachine):
    """Two people at one subject: the demographics page, and the log of revascularisations."""

    people: People

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.subject = screened(self.people)
        self.keys: dict[uuid.UUID, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def page(self) -> PageRecord | None:
        return next(iter(dossiers.load(self.subject).at("SCR", "DM")), None)

    def save(self, entry: PageEntry, who: str, reason: Reason | None, key: uuid.UUID | None = None) -> bool:
        """Save and say whether it was taken; a refusal must leave the trail as it was."""
        before = self.written()
        try:
            save_pages([entry], by=self.people.actors[who], reason=reason, key=key)
        except NotSaved:
            refused = True
        else:
            refused = False
        assert not (refused and self.written() != before)
        return not refused

    def written(self) -> int:
        return Entry.objects.filter(chain=f"subject:{self.subject.pk}").count()

    @rule(
        who=WHO,
        age=AGES,
        sex=st.sampled_from([None, "M", "F"]),
        reason=REASONS,
        back=BACK,
        clear=st.booleans(),
    )
    def save_demographics(
        self, who: str, age: int | None, sex: str | None, reason: Reason | None, back: int, clear: bool
    ) -> None:
        stands = self.page()
        opened = max((stands.revision if stands else 0) - back, 0)
        values: dict[str, Any] = {"age": age, "sex": sex, "childbearing": "NCBP" if sex == "F" else None}
        if sex == "M":
            del values["childbearing"]
        entry = PageEntry(
            subject_id=self.subject.pk,
            form="DM",
            visit="SCR",
            revision=opened,
            values=values,
            clear_hidden=clear,
        )
        taken = self.save(entry, who, reason)
        assert not (taken and stands and opened != stands.revision)
        assert not (taken and age == 121)

    @rule(who=WHO, side=st.sampled_from(["L", "R", None]))
    def add_a_revascularisation(self, who: str, side: str | None) -> None:
        values = {"rev_limb": side} if "rev_limb" in FORMS["REV"].items() else {}
        self.save(PageEntry(subject_id=self.subject.pk, form="REV", values=values), who, None)

    @rule(who=WHO, reason=REASONS, back=st.integers(0, 1))
    def remove_a_revascularisation(self, who: str, reason: Reason | None, back: int) -> None:
        for page in dossiers.load(self.subject).of("REV")[:1]:
            entry = PageEntry(
                subject_id=self.subject.pk,
                form="REV",
                page_id=page.id,
                revision=page.revision - back,
                removed=True,
            )
            taken = self.save(entry, who, reason)
            assert taken == (reason is not None and not back)

    @rule(who=WHO, text=st.sampled_from(["7", "７o", "", "1_0"]), fresh=st.booleans())
    def type_without_saving(self, who: str, text: str, fresh: bool) -> None:
        mine = [key for key, whose in self.keys.items() if whose == who]
        key = mine[-1] if mine and not fresh else uuid.uuid4()
        typed = {"p-revision": ["0"], "p-age": [text]}
        try:
            by = self.people.actors[who]
            autosaves.keep(self.subject, visit="SCR", form="DM", key=key, typed=typed, by=by)
        except AlreadySent:
            return
        self.keys[key] = who

    @rule(who=WHO)
    def discard_a_draft(self, who: str) -> None:
        for key in [*self.keys][:1]:
            gone = autosaves.discard(self.subject, key=key, by=self.people.actors[who])
            assert gone is None or self.keys[key] == who

    @rule(who=WHO)
    def undo_a_discard(self, who: str) -> None:
        for key in [*self.keys][:1]:
            back = autosaves.take_up(self.subject, key=key, by=self.people.actors[who])
            assert back is None or self.keys[key] == who

    @rule(who=WHO)
    def submit_a_draft(self, who: str) -> None:
        stands = self.page()
        for key in [key for key, whose in self.keys.items() if whose == who][:1]:
            entry = PageEntry(
                subject_id=self.subject.pk,
                form="DM",
                visit="SCR",
                revision=stands.revision if stands else 0,
                values={"age": 70},
            )
            if self.save(entry, who, Reason("TYPO"), key=key):
                assert not Draft.objects.filter(pk=key).exists()

    @invariant()
    def replaying_the_trail_gives_the_tables(self) -> None:
        for page in dossiers.load(self.subject).pages:
            version, later = since(page, page.revision)
            assert version is not None and later == []
            assert version.values == page.values, page.form
            assert version.missing == page.missing
        for table in ("visits_page", "visits_query", "visits_autosave", "crf_dm", "crf_rev"):
            assert self.replayed(table) == self.rows(table), table

    def replayed(self, table: str) -> dict[str, Any]:
        """Return the rows of a table as the trail alone tells them."""
        rows: dict[str, dict[str, Any]] = {}
        chain = f"subject:{self.subject.pk}"
        for entry in Entry.objects.filter(chain=chain, table_name=table).order_by("n"):
            assert entry.row_key is not None and entry.op in ("I", "U")
            rows[entry.row_key] = {**rows.get(entry.row_key, {}), **(entry.new or {})}
        return rows

    def rows(self, table: str) -> dict[str, Any]:
        """Return the rows of a table but for their digests, which follow from the rest."""
        key = "page_id" if table.startswith("crf_") else "id"
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TimeZone = 'UTC'")
            cursor.execute(
                f"SELECT {key}::text, (to_jsonb(t) - 'digest')::text FROM {table} t WHERE subject_id = %s",
                [self.subject.pk],
            )
            return {row[0]: Exact().decode(row[1]) for row in cursor.fetchall()}

    @invariant()
    def a_check_that_holds_has_one_query_and_no_other_has(self) -> None:
        page = self.page()
        holds = page is not None and page.get("age") in (17, 39, 91)
        standing = Query.objects.filter(
            subject=self.subject, check_id="RNG-DM.age-S", state__in=["OPEN", "ANSWERED"]
        )
        assert standing.count() == int(holds)

    @invariant()
    def each_open_draft_is_the_last_autosave_of_its_form(self) -> None:
        last: dict[uuid.UUID, Autosave] = {}
        for act in Autosave.objects.filter(subject=self.subject).order_by("pk"):
            last[act.key] = act
        still = {key: act.pk for key, act in last.items() if act.act == "KEPT"}
        assert dict(Draft.objects.filter(subject=self.subject).values_list("pk", "last")) == still


@pytest.mark.urs("CON-01", "CON-02", "CON-03", "AUD-18")
def test_any_course_of_work_leaves_trail_rows_and_queries_in_step(people: People) -> None:
    Desk.people = people
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
