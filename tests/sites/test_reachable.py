"""Whatever a role may open is reached from its home by links alone: no page has to be known by address."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests import databases
from tests.people import NAMED
from tests.sites.routes import OK, ROUTES, World, build_world

LINK = re.compile(r'<a\b[^>]*?\shref="([^"]+)"')
EACH = {"page": 60, "outcomes": 40}
"""How many pages of one address are opened, of others six: the links that follow differ little there."""

# No page that a link leads to: a machine asks, a script or a form does, or it stands for no person's work.
NOT_BY_LINK = {
    "healthz": "asked by machines",
    "readyz": "asked by machines",
    "session": "asked by the page's script",
    "calendar-feed": "its address is copied into a calendar",
    "account_login": "where those who are signed out are led",
    "account_logout": "a button",
    "mfa_authenticate": "where a sign-in with a second factor goes on",
    "invitation": "the link in a mail",
    "password": "where those with a password of an administrator are led",
    "find-subject": "the search of the top bar",
    "job": "where a button leads that starts a job",
    "document": "given by the job that made it",
    "subject-pdf": "a button",
    "security-keys": "linked from the profile of who has a second factor (tests/sites/test_security_keys.py)",
    "withdraw-signature": "offered beside a signature of one's own (tests/visits/signing)",
    "upgrade-page": "offered once an amendment has changed the page (tests/visits/test_versions.py)",
}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Build the world once, in a database of its own: a snapshot is read through a second connection."""
    with django_db_blocker.unblock():
        name = databases.clone()
        before = databases.use(name)
        try:
            yield build_world()
        finally:
            databases.use(before)
            databases.drop(name)


def reached(client: Client) -> set[str]:
    """Return the names of all addresses that links lead to, beginning at home."""
    seen, opened = {"/"}, Counter[str]()
    waiting, names = deque(["/"]), set[str]()
    while waiting:
        address = waiting.popleft()
        try:
            name = resolve(urlsplit(address).path).url_name or ""
        except Resolver404:
            continue
        names.add(name)
        opened[name] += 1
        if opened[name] > EACH.get(name, 6):
            continue
        answer = client.get(address)
        assert answer.status_code < 400, f"{address}: {answer.status_code}"
        if not answer.headers.get("Content-Type", "").startswith("text/html") or answer.streaming:
            continue
        for link in LINK.findall(answer.content.decode()):
            link = link.replace("&amp;", "&").split("#")[0]
            link = f"{urlsplit(address).path}{link}" if link.startswith("?") else link
            if link.startswith("/") and link not in seen:
                seen.add(link)
                waiting.append(link)
    return names


@pytest.mark.urs("ACL-01")
@pytest.mark.parametrize("who", [name for name in NAMED if name != "ma_lin"])
def test_every_page_of_a_role_is_reached_by_links_from_its_home(world: World, who: str) -> None:
    actor = world.people.actors[who]
    mine = {
        name
        for name, route in ROUTES.items()
        if not route.post and name not in NOT_BY_LINK and route.expected(world, actor) == OK
    }
    assert sorted(mine - reached(world.people.client(who))) == []
