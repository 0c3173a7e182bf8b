"""A person at the web process by plain HTTP: signs in, opens a form, sends it, with anything in it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

from tests.people import PASSWORD

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
PREFIX = re.compile(r'name="(r[0-9a-f]{32}|new|p)-revision"')


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, text and headers of an answer."""

    status: int
    text: str
    headers: Mapping[str, str]

    def hidden(self) -> dict[str, str]:
        """Return the hidden boxes of the forms of the answer."""
        return {name: unescape(text) for name, text in HIDDEN.findall(self.text)}


@dataclass(frozen=True, slots=True)
class Came:
    """An answer that came in the end, and how often it was asked for in vain."""

    answer: Answer
    lost: int


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Visitor:
    """One browser without a screen."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar), _Stay)

    def ask(
        self, path: str, data: Mapping[str, Any] | bytes | None = None, *, seconds: float = 60, **headers: str
    ) -> Answer:
        """Return the answer to a GET, or to a POST of a form or of bytes; redirects are not followed."""
        body = urlencode(data).encode() if isinstance(data, Mapping) else data
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with self.opener.open(Request(self.url + path, body, named), timeout=seconds) as reply:
                return Answer(reply.status, reply.read().decode("utf-8", "replace"), dict(reply.headers))
        except HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode("utf-8", "replace"), dict(refusal.headers))

    def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        """Send the form of the sign-in."""
        return self.ask("/login/", {**self.drawn("/login/"), "login": name, "password": password})

    def drawn(self, path: str) -> dict[str, str]:
        """Return the hidden boxes of the forms of a page."""
        return self.ask(path).hidden()

    def until_answered(self, path: str, data: Mapping[str, Any]) -> Came:
        """Send a form again and again until an answer comes, as the page's script does."""
        for lost in range(10):
            try:
                return Came(self.ask(path, data), lost)
            except (URLError, OSError, HTTPException):
                continue
        raise AssertionError("no answer came")

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send a file by the form of a page, with the label and the word that it wants."""
        boxes = {**self.drawn(path), "label": "Angiogram of the left leg", "attested": "1"}
        line = b"--part-of-the-form\r\n"
        sent = b"".join(
            line + f'Content-Disposition: form-data; name="{box}"\r\n\r\n{text}\r\n'.encode()
            for box, text in boxes.items()
        )
        sent += line + f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        sent += b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n--part-of-the-form--\r\n"
        return self.ask(path, sent, Content_Type="multipart/form-data; boundary=part-of-the-form")

    def filled(self, path: str, **typed: str) -> dict[str, str]:
        """Return what a CRF page would send with these items; reason and the like go by their own names."""
        shown = self.ask(path)
        prefix = PREFIX.findall(shown.text)[-1]
        own = ("reason", "reason_text", "then", "key")
        return shown.hidden() | {
            name if name in own else f"{prefix}-{name.replace('__', '-')}": value
            for name, value in typed.items()
        }

    def save(self, path: str, **typed: str) -> Answer:
        """Open a CRF page and send it with these items."""
        return self.ask(path, self.filled(path, **typed))
