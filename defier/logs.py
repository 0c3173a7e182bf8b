"""Logs as one JSON object a line, in UTC; JSON escapes line breaks, so no input forges a line (SEC-19)."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What PostgreSQL adds to a refusal: "Failing row contains (...)", with all that somebody entered.
VALUES = re.compile(r"\n(?:DETAIL|CONTEXT):.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)


def add_request(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the number of the request that the person was shown, where Django's record has the request."""
    number = getattr(getattr(event.get("_record"), "request", None), "request_id", None)
    if number is not None:
        event["request_id"] = number
    return event


def without_values(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out of a failure the rows that the database shows beside it: no log holds a value (PRI-07)."""
    if isinstance(event.get("exception"), str):
        event["exception"] = VALUES.sub("", event["exception"])
    return event


SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    add_request,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
    without_values,
]


def configure() -> None:
    """Send structlog's events through the standard library, where Django's and Celery's own go as well."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging(*, level: str) -> dict[str, Any]:
    """Return the LOGGING setting: JSON on standard error, nothing mailed, nothing sent anywhere."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED, structlog.stdlib.ExtraAdder(allow={"status_code"})],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "gunicorn.error": {"handlers": [], "level": level, "propagate": True},
            "fontTools": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
        },
    }
