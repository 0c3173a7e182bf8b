"""Refusals and failures are told in words, without the inside, in both languages."""

import json
import logging

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import translation

from defier import logs, problems
from defier.middleware import LimitsMiddleware

INSIDE = ("Traceback", "SELECT", "psycopg", "/site-packages", "site-packages/", "Django", "defier/", ".py")


def request() -> HttpRequest:
    made = RequestFactory().get("/subjects/")
    made.request_id = "abc123"  # type: ignore[attr-defined]
    return made


PAGES = {
    400: lambda: problems.bad_request(request(), ValueError("SELECT secret")),
    403: lambda: problems.forbidden(request(), PermissionError()),
    404: lambda: problems.not_found(request(), KeyError("/var/edc/x.py")),
    413: lambda: problems.too_much(request()),
    500: lambda: problems.failed(request()),
    503: lambda: problems.busy(request()),
}


@pytest.mark.urs("SEC-13")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("status", PAGES)
def test_a_problem_is_told_with_its_number_and_nothing_of_the_inside(status: int, language: str) -> None:
    with translation.override(language):
        answer = PAGES[status]()
    text = answer.content.decode()
    assert answer.status_code == status
    assert "abc123" in text
    assert not [word for word in INSIDE if word in text]


@pytest.mark.urs("SEC-05")
def test_a_form_without_its_token_is_refused_in_words() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"login": "li_na", "password": "x"})
    assert answer.status_code == 403
    assert b"This form is too old" in answer.content


@pytest.mark.urs("SEC-17")
def test_a_form_with_too_many_fields_is_refused_in_words() -> None:
    form = {f"item{number}": "1" for number in range(5001)}
    answer = Client().post("/login/", form)
    assert answer.status_code == 413
    assert b"5000" in answer.content


@pytest.mark.urs("SEC-17")
@pytest.mark.fault(27)
def test_a_text_that_is_too_long_for_a_form_is_refused_in_words() -> None:
    answer = Client().post("/login/", b"login=" + b"x" * 6_000_000, "application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert b"shorten the longest text" in answer.content


@pytest.mark.urs("SEC-21")
def test_a_database_that_is_too_slow_is_a_503_and_a_fault_is_not() -> None:
    middleware = LimitsMiddleware(problems.failed)
    slow = OperationalError("canceling statement due to statement timeout")
    slow.__cause__ = psycopg.errors.QueryCanceled()
    answer = middleware.process_exception(request(), slow)
    assert answer is not None
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert middleware.process_exception(request(), ValueError("a fault of ours")) is None


@pytest.mark.urs("SEC-19")
def test_a_log_line_is_one_line_whatever_somebody_typed() -> None:
    definition = logs.logging(level="INFO")["formatters"]["json"]
    formatter: logging.Formatter = definition.pop("()")(**definition)
    record = logging.LogRecord(
        "django.request", 30, "", 0, "Not Found: %s", ("/a\r\nforged: line\x1b[31m",), None
    )
    record.request = request()
    line = formatter.format(record)
    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["request_id"] == "abc123"


@pytest.mark.urs("PRI-07")
@pytest.mark.django_db
def test_a_row_that_the_database_refused_is_in_no_log() -> None:
    """PostgreSQL tells the whole row beside its refusal; the log keeps the refusal and where it happened."""
    definition = logs.logging(level="INFO")["formatters"]["json"]
    formatter: logging.Formatter = definition.pop("()")(**definition)
    typed = "\n\n".join(("canary", "7731"))
    statement = 'INSERT INTO sites_ratecount (kind, asker, "window", asked) VALUES (%s, %s, now(), -1)'
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, ["search", typed])
    assert "canary" in str(refused.value)
    told = (refused.type, refused.value, refused.tb)
    line = formatter.format(logging.LogRecord("django.request", 40, "", 0, "Failed", (), told))
    assert "canary" not in line
    assert "7731" not in line
    written = json.loads(line)["exception"]
    assert "CheckViolation" in written
    assert written.count("violates check constraint") == 2
    assert "direct cause" in written
