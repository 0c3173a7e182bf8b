"""Opening and saving a page of 30 items over HTTP, with everything on: trail, checks, queries, jobs, workers.

A demo of 40 subjects in a folder of its own, served as `make run` serves it; the readers and writers are
threads of this process, on the same cores.
"""

import http.client
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import psycopg
from lxml import html
from psycopg import sql

from benchmarks.measurement import WHOLE_STUDY, Measurement, percentile
from defier import addresses, children, cluster, embedded, processes
from defier.run import House, answers

FORM, VISIT, ITEM = "MH", "SCR", "copd"
ONE, CROWDS, SECONDS = 60, (1, 8, 32), 15
MANY = max(CROWDS)
PAGES = """
    SELECT page.subject_id, min(users.username) FROM visits_page AS page
    JOIN sites_membership AS held ON held.site_id = page.site_id AND held.role = 'COORDINATOR'
    JOIN sites_user AS users ON users.id = held.user_id AND users.is_active
    WHERE page.form = %s AND NOT page.removed GROUP BY page.subject_id ORDER BY page.subject_id LIMIT %s
"""
PUT_OFF = "UPDATE audit_job SET due = due + interval '1 day' WHERE kind = 'load_demo_rest'"


def parsed(page: bytes) -> Any:
    return html.fromstring(page)


class Person:
    """A coordinator's browser on one page: signed in, with the form as it was served."""

    def __init__(self, port: int, subject: uuid.UUID, cookies: dict[str, str]) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies = cookies
        self.path = f"/subjects/{subject}/{VISIT}/{FORM}/"
        self.fields: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Send one request on the open connection; return status and body."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.link.request(method, path, urlencode(fields) if fields is not None else None, headers)
        answer = self.link.getresponse()
        body = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, body

    def sign_in(self, username: str) -> None:
        from defier.demo.catalogue import PASSWORD

        _, page = self.ask("GET", "/login/")
        token = parsed(page).xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
        fields = {"csrfmiddlewaretoken": token, "login": username, "password": PASSWORD}
        status, _ = self.ask("POST", "/login/", fields)
        if status != 302:
            raise RuntimeError(f"{username} could not sign in: {status}")

    def open(self) -> None:
        """Open the page and keep what its form would send."""
        status, page = self.ask("GET", self.path)
        if status != 200:
            raise RuntimeError(f"GET {self.path}: {status}")
        self.page = page

    def read(self) -> None:
        form = parsed(self.page).get_element_by_id("page-form")
        # lxml says "on" for a chosen button whose value is empty; a browser sends it empty.
        self.fields = {name: "" if value in (None, "on") else value for name, value in form.form_values()}
        self.item = next(name for name in self.fields if name.endswith(f"-{ITEM}"))
        self.revision = next(name for name in self.fields if name.endswith("-revision"))

    def save(self) -> None:
        """Change one answer, as a correction; the answer must be that it was saved."""
        self.fields[self.item] = "Y" if self.fields[self.item] == "N" else "N"
        self.fields |= {"key": str(uuid.uuid4()), "reason": "TRANSCRIPTION", "reason_text": ""}
        status, body = self.ask("POST", self.path, self.fields)
        if status != 302:
            told = parsed(body).xpath("//*[@role='alert' or contains(@class, 'invalid')]")
            words = " ".join(" ".join(part.text_content() for part in told).split())
            raise RuntimeError(f"POST {self.path}: {status} {words[:300]}")
        self.fields[self.revision] = str(int(self.fields[self.revision]) + 1)


@contextmanager
def demo() -> Iterator[tuple[int, str, House]]:
    """Serve the demo's first subjects from a folder of its own; give port, database address and the house."""
    os.environ["EDC_VAR"] = str(addresses.var_folder() / "benchmark")
    house = House(dict(os.environ))
    servers = embedded.launch(house.var, demo=True, dies_with_us=True)
    house.running.update(servers.processes)
    house.environment.update(servers.environment)
    port = embedded.free_port()
    try:
        house.command("migrate", *processes.MIGRATE[2:])
        house.command("demo", "load_demo", "--first", "40")
        with psycopg.connect(servers.environment["DATABASE_URL"]) as link:
            # The rest of the subjects would be loaded by a worker while we measure.
            link.execute(PUT_OFF)
        for process in processes.PROCESSES:
            house.start(process, WEB_BIND=f"127.0.0.1:{port}")
        children.wait_for(
            lambda: answers(port), process=house.running["web"], log=house.log("web"), seconds=60
        )
        yield port, servers.environment["DATABASE_URL"], house
    finally:
        house.stop()
        cluster.Cluster.at(house.var, user=children.unprivileged_user()).discard()


def people_of(port: int, rows: list[tuple[uuid.UUID, str]]) -> list[Person]:
    """Return a person per subject; a coordinator signs in once and has several windows open."""
    sessions: dict[str, dict[str, str]] = {}
    people = []
    for subject, username in rows:
        person = Person(port, subject, sessions.setdefault(username, {}))
        if not person.cookies:
            person.sign_in(username)
        people.append(person)
    return people


def timed(function: object, times: int) -> list[float]:
    """Return the milliseconds of so many calls, sorted."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        function()  # type: ignore[operator]
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def together(people: list[Person]) -> tuple[list[float], list[str], float]:
    """Let everybody save as fast as the answers come; return milliseconds, errors and the seconds it took."""
    taken: list[float] = []
    errors: list[str] = []
    end = time.perf_counter() + SECONDS

    def work(person: Person) -> None:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            try:
                person.save()
            except (RuntimeError, OSError, http.client.HTTPException) as error:
                errors.append(str(error))
                return
            taken.append((time.perf_counter() - begun) * 1000)

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken), errors, time.perf_counter() - begun


def crowds(people: list[Person], what: str, *, budget: bool) -> Iterator[Measurement]:
    """Let 1, 8 and 32 people save at a time; the budget is that of 32."""
    for size in CROWDS:
        taken, errors, seconds = together(people[:size])
        asked = budget and size == MANY
        said = f"{what}, {size} user{'s' if size > 1 else ''}"
        yield Measurement(said, len(taken) / seconds, "/s", budget=40 if asked else None, at_least=True)
        yield Measurement(f"{said}: p50", percentile(taken, 0.5), "ms")
        yield Measurement(f"{said}: p95", percentile(taken, 0.95), "ms", budget=1000 if asked else None)
        yield Measurement(f"{said}: errors", len(errors), "", budget=0)
        for error in sorted(set(errors))[:3]:
            yield Measurement(error[:200], 0, "")


def bare(house: House, port: int, **more: str) -> None:
    """Serve the bare saving in place of the product's, with the triggers of its tables off.

    `more`: what else of the environment differs.
    """
    children.stop(house.running.pop("web"), patience=10)
    with psycopg.connect(house.environment["DATABASE_OWNER_URL"]) as owner:
        for table in (f"crf_{FORM.lower()}", "visits_page"):
            owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
    house.start(
        processes.WEB,
        WEB_BIND=f"127.0.0.1:{port}",
        DJANGO_SETTINGS_MODULE="benchmarks._bare_settings",
        **more,
    )
    children.wait_for(lambda: answers(port), process=house.running["web"], log=house.log("web"), seconds=60)


def measure() -> Iterator[Measurement]:
    """One person, then 1, 8 and 32 at once, each at a subject of an own; then the same saved bare."""
    with demo() as (port, database, house):
        with psycopg.connect(database, options=WHOLE_STUDY) as link:
            rows = link.execute(PAGES, [FORM, MANY]).fetchall()
        people = people_of(port, rows)
        first = people[0]
        opened = timed(first.open, ONE)
        yield Measurement(f"open {FORM}, one user: p50", percentile(opened, 0.5), "ms")
        yield Measurement(f"open {FORM}, one user: p95", percentile(opened, 0.95), "ms", budget=60)
        first.read()
        saved = timed(first.save, ONE)
        yield Measurement(f"save {FORM}, one user: p50", percentile(saved, 0.5), "ms")
        yield Measurement(f"save {FORM}, one user: p95", percentile(saved, 0.95), "ms", budget=80)
        for person in people[1:]:
            person.open()
            person.read()
        yield from crowds(people, "saves", budget=True)
        bare(house, port)
        for person in people:
            person.link.close()
        yield from crowds(people, "saves without trail and checks", budget=False)
