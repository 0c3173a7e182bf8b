"""How many statements a page costs (design §5): every form, on a subject with a full dossier, over HTTP.

The subject is one of the demo's who went all the way to a revascularisation and its adjudication. Each test
takes back what it wrote.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml.html import document_fromstring

from audit import clock
from defier.demo import study
from defier.demo.replay import Replay
from defier.demo.simulation import courses
from protocol.schedule import EXPECTED
from sites.access import actor_for
from sites.models import Membership, Site
from subjects.enrolment import register_subject
from subjects.models import Subject
from tests import databases
from tests.people import client_for
from visits.crfs import FORMS
from visits.dossier import LOG
from visits.items import CodeItem, Item, TextItem
from visits.models import Page

OPEN_BUDGET, SAVE_BUDGET = 12, 18
DEVIATION_BUDGET = 22
"""What a save may cost that also makes an automatic deviation: a page and its row more, by another actor."""
WHOLE_WAY = 232
"""The subject of the demo's roster with pages of most forms."""
CLEARS = "SELECT set_config('edc.actor', '', true)"
"""What acting() clears behind itself inside another transaction, as in a test; else the commit does."""
TRIED = 5
"""So many items of each form are changed, each in a save of its own."""


@dataclass(slots=True)
class Full:
    """A subject with a full dossier, and the people who write on it."""

    subject: Subject
    coordinator: Client
    adjudicator: Client

    def address(self, form: str) -> str:
        """Return where a form is: at its last visit so far, else at the first that asks for it."""
        pages = Page.objects.filter(subject=self.subject, form=form).select_related("visit")
        page = pages.order_by("entered_at").last()
        expected = next((visit for visit, forms in EXPECTED.items() if form in forms), LOG)
        visit = (page.visit.key if page.visit else LOG) if page else expected
        return f"/subjects/{self.subject.pk}/{visit}/{form}/"

    def client(self, form: str) -> Client:
        return self.adjudicator if form == "CEC" else self.coordinator


@pytest.fixture(scope="module")
def full(django_db_setup: None, django_db_blocker: Any) -> Iterator[Full]:
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched:
        from django.conf import settings

        patched.setattr(settings, "DEMO", True)
        name = databases.clone()
        before = databases.use(name)
        try:
            clock.forget()
            study.prepare()
            course = next(one for one in courses() if one.head.index == WHOLE_WAY)
            Replay(course, study.people()).run()
            yield Full(Subject.objects.get(), signed_in("li.na"), signed_in("luo.ming"))
        finally:
            databases.use(before)
            databases.drop(name)
            clock.forget()


@pytest.fixture
def taken_back(full: Full) -> Iterator[Full]:
    with transaction.atomic():
        yield full
        transaction.set_rollback(True)


def signed_in(username: str) -> Client:
    member = Membership.objects.select_related("user").get(user__username=username)
    return client_for(actor_for(member.user, member, origin="web"))


@dataclass(slots=True)
class Counted:
    """What a request cost, and what it did."""

    status: int
    statements: list[str]
    content: bytes = b""

    @property
    def told(self) -> str:
        return "\n".join(sql.strip()[:150] for sql in self.statements)

    def wrote(self, table: str) -> bool:
        return any(f'INSERT INTO "{table}"' in sql for sql in self.statements)


def counted(client: Client, url: str, data: dict[str, Any] | None = None) -> Counted:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url) if data is None else client.post(url, data)
    sql = [one["sql"] for one in captured.captured_queries]
    sql = [one for one in sql if "SAVEPOINT" not in one and not one.startswith(CLEARS)]
    return Counted(answer.status_code, sql, answer.content)


def boxes(content: bytes) -> tuple[dict[str, list[str]], str]:
    """Return what the form of a page would send, and the prefix of its last record."""
    sent: dict[str, list[str]] = {}
    page: Any = document_fromstring(content)
    for name, value in page.get_element_by_id("page-form").form_values():
        # lxml says "on" for a chosen button whose value is empty; a browser sends it empty.
        sent.setdefault(name, []).append("" if value == "on" else value)
    prefix = max(name for name in sent if name.endswith("-revision")).removesuffix("-revision")
    return sent, prefix


def otherwise(item: Item, stands: str) -> str | None:
    """Return another answer than the one that stands, None for items that are not tried."""
    if isinstance(item, CodeItem):
        return next(term.code for term in item.codelist.terms if term.code != stands)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", stands):
        return str(date.fromisoformat(stands) + timedelta(days=1))
    if re.fullmatch(r"-?\d+(\.\d+)?", stands):
        return str(Decimal(stands) + 1)
    return "word" if type(item) is TextItem else None


def saves(full: Full, form: str) -> Iterator[Counted]:
    """Change one item after the other of a form, each in a save that is taken back; yield what each cost."""
    client, url = full.client(form), full.address(form)
    content = client.get(url).content
    if b"-revision" not in content:
        content = client.get(f"{url}?record=new").content
    sent, prefix = boxes(content)
    tried = 0
    for name, item in FORMS[form].items().items():
        answer = otherwise(item, sent.get(f"{prefix}-{name}", [""])[0])
        if answer is None or tried == TRIED:
            continue
        changed = {f"{prefix}-{name}": [answer], "key": [str(uuid.uuid4())]}
        before = transaction.savepoint()
        found = counted(client, url, {**sent, **changed, "reason": ["TYPO"], "clear_hidden": ["1"]})
        transaction.savepoint_rollback(before)
        if found.status == 302:
            tried += 1
            yield found


@pytest.mark.parametrize("form", FORMS)
def test_a_page_opens_in_twelve_statements(taken_back: Full, form: str) -> None:
    found = counted(taken_back.client(form), taken_back.address(form))
    assert found.status == 200
    assert len(found.statements) <= OPEN_BUDGET, found.told


@pytest.mark.urs("AUD-19")
@pytest.mark.parametrize("form", FORMS)
def test_a_page_is_saved_in_eighteen_statements(taken_back: Full, form: str) -> None:
    """Whichever item is changed, and whether queries open or close; a deviation costs up to four more."""
    found = list(saves(taken_back, form))
    assert found, "no change was accepted"
    for one in found:
        deviates = form != "DV" and one.wrote("crf_dv")
        assert len(one.statements) <= (DEVIATION_BUDGET if deviates else SAVE_BUDGET), one.told


def test_some_of_these_saves_ask_and_deviate(taken_back: Full) -> None:
    """The budgets above would prove little if no check had fired."""
    found = [one for form in ("IC", "IE", "FU") for one in saves(taken_back, form)]
    assert any(one.wrote("visits_query") and not one.wrote("crf_dv") for one in found)
    assert any(one.wrote("crf_dv") for one in found)


@pytest.mark.parametrize("form", ["DM", "PR", "FU", "AE"])
def test_other_subjects_cost_nothing(taken_back: Full, form: str) -> None:
    client, url = taken_back.client(form), taken_back.address(form)
    client.get(url)  # that the person is there is written down once a minute
    alone = [len(counted(client, url).statements), *(len(one.statements) for one in saves(taken_back, form))]
    for _ in range(5):
        register_subject(site=Site.objects.get(code="07"), by=study.LOADER)
    among = [len(counted(client, url).statements), *(len(one.statements) for one in saves(taken_back, form))]
    assert among == alone
