"""The whole system on a database of its own: web, workers and beat as real processes, and a browser."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

import redis
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect, sync_playwright

from audit.actors import Actor
from defier import children, embedded, processes, run
from defier.addresses import ROOT
from sites import accounts
from sites.models import User
from tests import databases, hashing, people

expect.set_options(timeout=30_000)  # several runs may share the machine
SCREENSHOTS = ROOT / "tests" / "screenshots"
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}


@dataclass(slots=True)
class House:
    """The running system: its address, its people, and what their browsers complained about."""

    url: str
    people: people.People
    browser: Browser
    logs: Path
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, name: str, *, language: str = "en") -> Page:
        """Return the home page of this person, signed in and reading this language, in a browser of its own.

        It goes without the form of the sign-in, which costs a second: `sign_in_by_hand` types.
        """
        user = User.objects.get(username=name)
        accounts.choose_language(user=user, language=language, by=Actor(str(user.pk), user.full_name, "NONE"))
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        page = self.nobody(language=language)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.url, "httpOnly": True}]
        )
        page.goto("/")
        return page

    def sign_in_by_hand(self, name: str, *, language: str = "en") -> Page:
        """Return the home page of a person who has typed user name and password, and chosen the language."""
        page = self.nobody(language=language)
        page.goto("/login/")
        page.get_by_label("User name" if language == "en" else "用户名").fill(name)
        page.locator("#id_password").fill(people.PASSWORD)
        page.locator("main button").click()
        page.wait_for_url(f"{self.url}/")
        with page.expect_navigation():  # a person's own language replaces that of the sign-in
            page.locator(f"button[name=language][value={language}]").click()
        page.locator(f"html[lang={'en' if language == 'en' else 'zh-Hans'}]").wait_for()
        return page

    def nobody(self, *, language: str = "en") -> Page:
        """Return a page of a browser in which nobody is signed in."""
        context = self.browser.new_context(
            base_url=self.url,
            viewport=WIDE,
            accept_downloads=True,
            locale="en-GB",
            reduced_motion="reduce",  # nothing fades while it is looked at
        )
        context.set_default_timeout(30_000)
        if language != "en":
            context.add_cookies([{"name": "language", "value": language, "url": self.url}])
        page = context.new_page()
        self.listen(page)
        return page

    def listen(self, page: Page) -> None:
        """Keep every error that the browser reports for this page, and what it asks of other hosts (PRI-06).

        Refusals by status are none of ours.
        """

        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
                self.complaints.append(f"{page.url}: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((f"{self.url}/", "data:", "blob:", "about:")):
                self.complaints.append(f"{page.url}: asked {request.url}")

        page.on("console", heard)
        page.on("request", asked)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))


@contextmanager
def living(
    folder: Path, *, told: Mapping[str, str] | None = None, prepare: Callable[[str], None] | None = None
) -> Iterator[House]:
    """Start everything on a fresh clone and end it again, whatever happens; logs go to the folder.

    `told`: variables that every process gets beside its own; `prepare` gets the name of the clone first.
    """
    name = databases.clone()
    before = databases.use(name)
    started: list[subprocess.Popen[bytes]] = []
    try:
        if prepare is not None:
            prepare(name)
        known = people.build_people()
        once = mock.patch("django.contrib.auth.base_user.make_password", cache(make_password))
        with once, hashing.usual():
            for user in known.users.values():  # one hash for all: hashing is slow on purpose
                people.give_password(user)
        port = embedded.free_port()
        redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()  # jobs of databases that are gone
        _start(started, folder, name, port, told or {})
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            try:
                yield House(f"http://127.0.0.1:{port}", known, browser, folder)
            finally:
                browser.close()
                # Under Playwright's loop Django keeps connections apart from those outside of it.
                connections.close_all()
    finally:
        for process in started:  # unasked: what they hold goes with their database
            children.kill_group(process.pid)
        for process in started:
            process.wait()
        databases.use(before)
        databases.drop(name)


def _start(
    started: list[subprocess.Popen[bytes]], folder: Path, name: str, port: int, more: Mapping[str, str]
) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": databases.address("DATABASE_URL", name),
        "DATABASE_READ_URL": databases.address("DATABASE_READ_URL", name),
        "DATABASE_OWNER_URL": "",
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        **more,
    }
    for process in (processes.WEB, processes.WORKER, processes.PDF, processes.BEAT):
        told = {**environment, **process.environment, "STATIC_HASHED": "0"}
        command = [str(Path(sys.executable).parent / process.command[0]), *process.command[1:]]
        log = folder / f"{process.name}.log"
        started.append(children.spawn(command, environment=told, log=log, dies_with=signal.SIGKILL, cwd=ROOT))
    web = started[0]
    children.wait_for(lambda: run.answers(port), process=web, log=folder / "web.log", seconds=60)
