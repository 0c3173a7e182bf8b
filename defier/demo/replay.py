"""Replaying a subject's acts through the real services, each by its person and at its time.

One transaction per subject: it is there whole or not at all, so that a load that was killed goes on where it
stopped, and its dossier is read once: nobody else can change it meanwhile. The trail names the time of each
act, and the simulated clock.
"""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from audit.actors import Actor
from audit.context import Reason, acting
from defier.demo import catalogue, diary, reporting, review, slips, timeline
from defier.demo.acts import (
    Act,
    Answer,
    Ask,
    Close,
    Confirm,
    PageOf,
    Person,
    Report,
    Save,
    Sheet,
    Sign,
    Verify,
)
from defier.demo.course import Course
from protocol import identifiers
from sites.access import require
from sites.roles import Action
from subjects.models import Subject
from visits import dossier as dossiers
from visits.capture.confirm import CONFIRMED_BY
from visits.capture.entry import PageEntry, Saved
from visits.capture.save import action_for, store
from visits.dossier import Dossier
from visits.models import Page, Query
from visits.review.queries import move_query, raise_query
from visits.review.sdv import plan as plans
from visits.review.sdv.states import holds
from visits.review.sdv.verifying import put_marks
from visits.review.signing.acts import Proven, declared, sign
from visits.review.signing.ready import candidates
from visits.review.signing.records import Signature
from visits.safety.reports import NotPossible, make_report

People = Mapping[Person, Actor]


class Replay:
    """One subject on its way into the database."""

    def __init__(self, course: Course, people: People, on_the_clock: str = "") -> None:
        self.course = course
        self.on_the_clock = on_the_clock
        self.people = people
        self.subject = Subject(site_id=course.head.site)
        self.dossier = Dossier(self.subject, [])
        self.pages: dict[str, uuid.UUID] = {}
        self.rng = timeline.stream(course.head.index, "review")
        self.order = count()
        self.ahead: list[tuple[datetime, int, Act]] = []
        site = course.head.site
        self.coordinator = Person("COORDINATOR", site)
        self.investigator = Person("INVESTIGATOR", site)
        self.monitor = Person("MONITOR", None, catalogue.monitors().index(catalogue.monitor_of(site)))

    def run(self) -> None:
        """Do everything that happened to this subject by the demo's today, in one transaction."""
        head = self.course.head
        acts = slips.with_slips(diary.diary(self.course), head.index)
        if self.on_the_clock:
            acts += reporting.on_the_clock(self.on_the_clock, self.coordinator)
        reports = reporting.of_acts(acts, self.coordinator, self.investigator)
        visits = review.verifications(acts, head.index, self.monitor)
        signed = [Sign(timeline.NOW - timedelta(days=6 + head.index % 30), self.investigator)]
        for act in [*acts, *reports, *review.questions(acts, head.index, self.monitor), *visits, *signed]:
            self._plan(act)
        with transaction.atomic():
            while self.ahead:
                at, _, act = heapq.heappop(self.ahead)
                self._do(act, at)

    def _plan(self, act: Act) -> None:
        if act.at <= timeline.NOW:
            heapq.heappush(self.ahead, (act.at, next(self.order), act))

    def _do(self, act: Act, at: datetime) -> None:
        by = self.people[act.who]
        reason = Reason(act.reason) if isinstance(act, Save) and act.reason else None
        with acting(by=by, at=at, reason=reason):
            if isinstance(act, Save):
                if self.subject._state.adding:
                    self._number(at)
                self._save(act, by, reason)
            elif isinstance(act, Confirm):
                self._confirm(by)
            elif isinstance(act, Report):
                self._report(act, by)
            elif isinstance(act, Ask):
                self._ask(act, by)
            elif isinstance(act, Sign):
                self._sign(by)
            elif isinstance(act, Verify):
                self._verify(act, by)
            else:
                self._move(act, by)

    def _confirm(self, by: Actor) -> None:
        """Do what confirm_eligibility does, without its job: the whole study is recomputed afterwards."""
        require(by, Action.ELIGIBILITY_CONFIRM, self.subject.site_id)
        entry = PageEntry(subject_id=self.subject.pk, form="IE", visit="SCR", page_id=self.pages["IE"])
        stamps = {0: {CONFIRMED_BY: by.user_id}}
        store(self.subject, [entry], by=by, reason=None, stamps=stamps, recompute=False, dossier=self.dossier)

    def _sign(self, by: Actor) -> None:
        """Sign what is ready, a month late at most; what is corrected afterwards breaks its signature."""
        if self.subject._state.adding or not declared(by.user_id):
            return
        seen = {
            one.page.id: one.content for one in candidates(dossiers.load(self.subject), by=by) if one.ready
        }
        if seen:
            sign(seen=seen, by=by, proven=Proven(by.user_id or ""), level=Signature.Level.SUBJECT)

    def _report(self, act: Report, by: Actor) -> None:
        """Do what report_sae does with the dossier at hand; what is not possible by then is not done."""
        with suppress(NotPossible):
            make_report(
                self.subject, self.dossier, self.pages[act.key], kind=act.kind, by=by, recompute=False
            )

    def _number(self, at: datetime) -> None:
        """Give the subject its number of the roster: the first to be loaded are not the first screened."""
        head = self.course.head
        self.subject = Subject.objects.create(
            site_id=head.site,
            seq=head.number,
            usubjid=identifiers.usubjid(head.site, head.number),
            screening_no=identifiers.screening_no(head.site, head.number),
            created=at,
        )
        self.dossier = Dossier(self.subject, [])

    def _save(self, act: Save, by: Actor, reason: Reason | None) -> None:
        entries = [self._entry(sheet) for sheet in act.sheets]
        for sheet in act.sheets:
            require(by, action_for(sheet.form), self.subject.site_id)
        saved = store(self.subject, entries, by=by, reason=reason, recompute=False, dossier=self.dossier)
        for sheet, page in zip(act.sheets, saved.pages, strict=True):
            self.pages[sheet.key] = page.id
        if by.role != "CEC":
            self._expect_answers(act, saved)

    def _entry(self, sheet: Sheet) -> PageEntry:
        return PageEntry(
            subject_id=self.subject.pk,
            form=sheet.form,
            visit=sheet.visit,
            values={name: self._value(value) for name, value in sheet.values.items()},
            missing=sheet.missing,
            page_id=self.pages.get(sheet.key),
            not_done=True if sheet.not_done else None,
            not_done_reason=sheet.not_done,
        )

    def _value(self, value: Any) -> Any:
        if isinstance(value, Person):
            return self.people[value].user_id
        return str(self.pages[value.key]) if isinstance(value, PageOf) else value

    def _expect_answers(self, act: Save, saved: Saved) -> None:
        for query in saved.opened:
            self._expect_answer(query, act.at)

    def _expect_answer(self, query: uuid.UUID, opened: datetime) -> None:
        at = review.answered_at(opened, self.rng)
        if at is not None:
            self._plan(Answer(at, self.coordinator, query, self.rng.choice(review.ANSWERS)))

    def _ask(self, act: Ask, by: Actor) -> None:
        page = Page.objects.get(pk=self.pages[act.key])
        query = raise_query(page=page, items=[act.item], text=act.text, by=by)
        self._expect_answer(query.pk, act.at)

    def _verify(self, act: Verify, by: Actor) -> None:
        """Do what verify_page does with the dossier at hand; what was removed meanwhile is passed over."""
        record = self.dossier.page(self.pages[act.key])
        if record is None or record.removed or record.not_done:
            return
        critical = [item for item in plans.in_force().critical_on(record.form) if holds(record, item)]
        put_marks(self.subject, record, critical, by=by)

    def _move(self, act: Answer | Close, by: Actor) -> None:
        query = Query.objects.get(pk=act.query)
        if isinstance(act, Answer) and query.state == Query.State.OPEN:
            move_query(query=query, move="answer", by=by, text=act.text)
            at = review.closed_at(act.at, self.rng)
            if at is not None:
                self._plan(Close(at, self.monitor, query.pk, "confirmed"))
        elif isinstance(act, Close) and query.state == Query.State.ANSWERED:
            move_query(query=query, move="close", by=by, reason=act.reason)
