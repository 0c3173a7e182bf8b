"""States the amendment of the tests in a process of its own, once all forms are known."""

from django.apps import AppConfig


class Amended(AppConfig):
    """The amendment as an application that is loaded last."""

    name = "tests.amended_app"
    label = "amended"

    def ready(self) -> None:
        """State it; the column is there already (tests.amendment.add_column)."""
        from tests.amendment import apply

        apply()
