from django.apps import AppConfig


class DefierConfig(AppConfig):
    """The application that composes the others; it has commands and pages of its own, and no tables."""

    name = "defier"
    label = "defier"

    def ready(self) -> None:
        # Without this the first enqueue of a web process would meet Celery's default broker, not ours.
        from defier import celery  # noqa: F401
