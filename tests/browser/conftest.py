"""One running system per module of browser tests."""

from collections.abc import Iterator

import pytest

from tests.browser.house import House, living


@pytest.fixture(scope="module")
def house(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """Web, workers, beat and chromium on a database of the module's own; the test's process commits in it."""
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():  # type: ignore[attr-defined]
        # Playwright's loop lives in this thread, which makes Django believe that it is asynchronous.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with living(tmp_path_factory.mktemp("house")) as running:
            yield running
