"""Every address under hostile parameters, and every act upon what is locked; generated from ROUTES."""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from sites import rates
from tests.sites.routes import ROUTES, World
from tests.sites.test_policy_walk import world  # noqa: F401  the fixture
from tests.sites.test_sources import sources
from visits.crfs import FORMS
from visits.review import locking

HOSTILE = (
    "'; DROP TABLE visits_page; -- <script>alert(7)</script>\"'><img src=x onerror=alert(7)>",
    "\x00\ud800% %s {{7*7}} ${7*7}",
    "9" * 400,
)
ASKED = re.compile(r"\.get(?:list)?\(\s*\"([a-z_]{1,20})\"")
ALSO = {"sort", "order", "order_by", "_connector", "_negated", "q", "filter", "pk", "limit", "offset"}
NOT_DATA = frozenset({"account_logout"})


def parameters() -> list[str]:
    """Return every name that a source of ours may look up in a request."""
    found = {name for path, text in sources(".py") if "request" in text for name in ASKED.findall(text)}
    assert {"page", "site", "show", "subject"} <= found
    return sorted(found | ALSO)


@pytest.mark.urs("SEC-01", "SEC-02", "SEC-13")
@pytest.mark.parametrize("who", ["li_na", "chen_jing"])
def test_no_parameter_of_an_address_fails_or_comes_back_as_markup(world: World, who: str) -> None:  # noqa: F811
    client = world.people.client(who)
    client.raise_request_exception = False
    names, wrong = parameters(), []
    for name, route in ROUTES.items():
        if route.post or name in NOT_DATA:
            continue
        for said in HOSTILE:
            with transaction.atomic():
                sent = {one: said.encode("utf-8", "surrogatepass") for one in names}
                answer = client.get(reverse(name, args=route.args(world)), sent)
                page = b"" if answer.streaming else answer.content
                transaction.set_rollback(True)
            if answer.status_code >= 500 or b"<script>alert(7)" in page or b"<img src=x" in page:
                wrong.append((name, said[:20], answer.status_code))
    assert not wrong


LIMITED = {
    "account_login": ("login", "post", ""),
    "mfa_authenticate": ("code", "post", ""),
    "invitation": ("invitation", "get", ""),
    "find-subject": ("search", "get", "li_na"),
    "draft": ("autosave", "post", "li_na"),
    "files": ("upload", "post", "li_na"),
    "file": ("export", "get", "li_na"),
    "subject-pdf": ("export", "post", "li_na"),
    "trail-export": ("export", "get", "chen_jing"),
    "snapshot-file": ("export", "get", "sun_qing"),
    "access-history": ("export", "get", "zhao_min"),
}
"""The addresses that may be asked for so often in a minute: as what they count, and who asks."""


@pytest.mark.urs("SEC-12")
def test_every_limit_holds_at_its_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    assert {kind for kind, _how, _who in LIMITED.values()} == set(rates.MOST)
    monkeypatch.setattr(rates, "MOST", dict.fromkeys(rates.MOST, 0))
    through = []
    for name, (_kind, how, who) in LIMITED.items():
        args = ["x" * 30] if name == "invitation" else ROUTES[name].args(world) if name in ROUTES else []
        with transaction.atomic():
            client = world.people.client(who) if who else Client()
            answer = getattr(client, how)(reverse(name, args=args))
            transaction.set_rollback(True)
        if answer.status_code != 429 or "Retry-After" not in answer.headers:
            through.append((name, answer.status_code))
    assert not through


def standing_values() -> dict[str, Any]:
    """Return a digest of every typed table, of the pages and of the subjects."""
    tables = [form._meta.db_table for form in FORMS.values()] + ["visits_page", "subjects_subject"]
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(tables)):
            cursor.execute(f'SELECT count(*), sum(hashtextextended(one::text, 7)) FROM "{table}" AS one')
            found[table] = cursor.fetchone()
    return found


@pytest.mark.urs("ACL-01", "LCK-01")
def test_no_act_of_any_role_changes_what_is_locked(world: World) -> None:  # noqa: F811
    changed = []
    with transaction.atomic():
        locking.lock(
            level="subject",
            subject=world.subject,
            by=world.people.chen_jing,
            reason="for the walk",
            interim=True,
        )
        before = standing_values()
        for who in ("li_na", "zhang_wei", "wang_lei", "chen_jing"):
            client = world.people.client(who)
            client.raise_request_exception = False
            for name, route in ROUTES.items():
                args = route.args(world)
                if not route.post or str(world.subject.pk) not in map(str, args):
                    continue
                with transaction.atomic():
                    answer = client.post(reverse(name, args=args), route.data(world))
                    if not connection.needs_rollback and standing_values() != before:
                        changed.append((name, who, answer.status_code))
                    transaction.set_rollback(True)
        transaction.set_rollback(True)
    assert not changed
