"""The settings that keep a study safe are the ones in force."""

import pytest
from django.conf import settings
from django.db import connection


@pytest.mark.urs("SEC-18", "CEL-01")
def test_only_json_travels_in_sessions_and_tasks() -> None:
    assert settings.SESSION_SERIALIZER.endswith("JSONSerializer")
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_RESULT_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_SERIALIZER == "json"


@pytest.mark.urs("CEL-04")
def test_a_task_ends_before_its_message_comes_again() -> None:
    assert settings.CELERY_TASK_ACKS_LATE is True
    assert settings.CELERY_TASK_TIME_LIMIT < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST is False


def test_applications_that_may_never_be_installed() -> None:
    assert "django.contrib.sites" not in settings.INSTALLED_APPS  # its label is ours
    assert "django.contrib.admin" not in settings.INSTALLED_APPS  # a second write path


@pytest.mark.django_db
@pytest.mark.urs("AUD-04")
def test_tests_connect_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("edc_app", False, False)


@pytest.mark.django_db
@pytest.mark.urs("SEC-21")
def test_a_statement_a_lock_and_an_idle_transaction_end_by_themselves() -> None:
    with connection.cursor() as cursor:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone()[0] not in ("0", ""), name
