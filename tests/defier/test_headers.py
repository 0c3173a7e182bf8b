"""Headers and cookies of every answer, errors included, and of the settings behind https."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from defier.addresses import ROOT

ANSWERS = (
    *("/login/", "/", "/healthz", "/readyz", "/nowhere/", "/static/vendor/none.css"),
    *("/%2e%2e/%2e%2e/etc/passwd", "/%252e%252e/etc/passwd"),
)
NOWHERE = {"default-src", "base-uri", "object-src", "frame-ancestors"}
OURSELVES = {"style-src", "font-src", "connect-src", "form-action", "manifest-src"}
NAMES = (
    "SESSION_COOKIE_NAME SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE"
    " CSRF_COOKIE_NAME CSRF_COOKIE_SECURE CSRF_COOKIE_HTTPONLY SECURE_HSTS_SECONDS DEBUG MFA_REQUIRED DEMO"
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ANSWERS)
@pytest.mark.urs("SEC-03")
def test_the_policy_lets_the_browser_talk_to_nobody_else(client: Client, url: str) -> None:
    header = client.get(url).headers["Content-Security-Policy"]
    policy = {name: sources for name, *sources in (part.split() for part in header.split(";"))}
    assert {name for name in policy if policy[name] == ["'none'"]} == NOWHERE
    assert {name for name in policy if policy[name] == ["'self'"]} == OURSELVES
    assert all(re.fullmatch(r"'nonce-[A-Za-z0-9+/]{22}=='", source) for source in policy["script-src"])
    assert "unsafe" not in header


@pytest.mark.urs("SEC-03")
def test_a_script_carries_the_nonce_of_its_own_answer(client: Client) -> None:
    seen = set()
    for _ in range(2):
        answer = client.get("/login/")
        [nonce] = re.findall(r"script-src 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        scripts = re.findall(r"<script[^>]*>", answer.content.decode())
        assert scripts and all(f'nonce="{nonce}"' in script for script in scripts)
        seen.add(nonce)
    assert len(seen) == 2


@pytest.mark.parametrize("url", ANSWERS)
@pytest.mark.urs("SEC-04")
def test_the_other_headers(client: Client, url: str) -> None:
    headers = client.get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    if not url.startswith("/static/"):
        assert "no-store" in headers["Cache-Control"]


@pytest.mark.urs("SEC-08")
def test_without_signing_in_there_is_the_login_and_nothing_else(client: Client) -> None:
    open_to_all = {url for url in ANSWERS if client.get(url).status_code == 200}
    assert open_to_all == {"/login/", "/healthz"}


@pytest.mark.urs("SEC-16")
def test_a_foreign_host_is_refused(client: Client) -> None:
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400


def settings_with(**environment: str) -> dict[str, Any]:
    code = (
        "import json; from defier import settings;"
        f" print(json.dumps({{name: getattr(settings, name) for name in '{NAMES}'.split()}}))"
    )
    around = {name: value for name, value in os.environ.items() if name not in ("DEMO", "MFA_REQUIRED")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={**around, **environment},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.urs("SEC-04", "SEC-13", "ACC-05")
def test_a_real_study_behind_https() -> None:
    assert settings_with(HTTPS="1", DEMO="0") == {
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "SECURE_HSTS_SECONDS": 63072000,
        "DEBUG": False,
        "MFA_REQUIRED": True,
        "DEMO": False,
    }


def test_the_demo_asks_for_no_second_factor() -> None:
    demo = settings_with(DEMO="1")
    assert (demo["DEMO"], demo["MFA_REQUIRED"]) == (True, False)
