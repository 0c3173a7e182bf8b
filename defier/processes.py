"""Which processes the system consists of: the one table behind `make run` and docker-compose.yml.

A test proves that both start these commands with these variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Process:
    """A command (its first word is a program of the virtual environment) and what it alone is told."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def _celery(*words: str) -> tuple[str, ...]:
    return ("celery", "--app=defier", "--quiet", *words)


def _worker(name: str, *, queue: str, at_once: int) -> Process:
    """Return a worker of one queue, where a statement may take ten minutes."""
    words = (
        f"--queues={queue}",
        f"--hostname={queue}@%h",
        f"--concurrency={at_once}",
        "--without-gossip",
        "--without-mingle",
    )
    return Process(
        name,
        _celery("worker", *words, "--loglevel=INFO"),
        {"EDC_PROCESS": name, "EDC_STATEMENT_TIMEOUT": "10min"},
    )


WEB = Process(
    "web",
    ("gunicorn", "--config=python:defier.gunicorn", "defier.wsgi:application"),
    {"EDC_PROCESS": "web", "STATIC_HASHED": "1"},
)
# Two, so that one subject's endpoints need not wait for the end of a locked dataset.
WORKER = _worker("worker", queue="default", at_once=2)
PDF = _worker("pdf", queue="pdf", at_once=1)
BEAT = Process(
    "beat", _celery("beat", "--scheduler=celery.beat:Scheduler", "--loglevel=INFO"), {"EDC_PROCESS": "beat"}
)

PROCESSES = (WEB, WORKER, PDF, BEAT)

# What every one of them has to be told from outside. The owner's address is not among them: only
# `manage.py migrate` and the demo's loader have it.
ENVIRONMENT = ("DATABASE_URL", "DATABASE_READ_URL", "REDIS_URL", "SECRET_KEY", "DEMO")
MIGRATE = ("python", "manage.py", "migrate", "--database=owner", "--no-input")
