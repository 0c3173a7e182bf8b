"""Django's connection to PostgreSQL, which tells the database with every statement whose rows to show.

The declaration of audit.sight goes in front of the statement, in one message and hence in one transaction
and one round trip: outside of a transaction each statement, inside of one wherever it is not said yet. A
connection that was opened for the whole study (the owner's, by defier.addresses) says nothing.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base
from psycopg import ServerCursor

from audit import sight

DECLARATION = "SELECT set_config('edc.sites', '{}', true)"
OPENED_FOR_ALL = "edc.sites="
# What steers the transaction itself: it reads no rows, and some of it must come first or under an error.
STEERING = ("SAVE", "RELE", "ROLL", "SET ", "BEGI", "COMM")

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that shows what is declared, and nothing where nothing is."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self._said: str | None = None
        self.execute_wrappers.append(self._declare)

    def _declare(
        self, execute: Execute, statement: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if OPENED_FOR_ALL in self.settings_dict["OPTIONS"].get("options", ""):
            return execute(statement, params, many, context)
        shown = sight.in_sight()
        steering = isinstance(statement, str) and statement[:4].upper() in STEERING
        if steering or (self.in_atomic_block and shown == self._said) or not (shown or self.in_atomic_block):
            return execute(statement, params, many, context)
        declaration = DECLARATION.format(shown)
        inner = context["cursor"].cursor
        if many or isinstance(inner, ServerCursor) or not isinstance(statement, str):
            with self.connection.cursor() as beside:
                beside.execute(declaration)
            result = execute(statement, params, many, context)
        else:
            result = execute(f"{declaration};{statement}", params, many, context)
            inner.nextset()
        self._said = shown if self.in_atomic_block else None
        return result

    def _set_autocommit(self, autocommit: bool) -> None:
        self._said = None
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out

    def _savepoint_rollback(self, sid: str) -> None:
        self._said = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # the stubs leave it out

    def _commit(self) -> None:
        self._said = None
        super()._commit()  # type: ignore[misc]  # the stubs leave it out

    def _rollback(self) -> None:
        self._said = None
        super()._rollback()  # type: ignore[misc]  # the stubs leave it out
