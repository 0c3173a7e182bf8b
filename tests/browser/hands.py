"""What a person does on a page: answers items, saves, reads what is said; and keeps a picture of it."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Locator, Page, Response, expect

from tests.browser.house import SCREENSHOTS

PATIENCE = 120
PICTURES = bool(os.environ.get("EDC_PICTURES"))


def answer(page: Page, values: Mapping[str, Any], *, row: str = "p") -> None:
    """Answer items of one record in the order given, by the control that each has."""
    settled(page)
    for item, value in values.items():
        place = page.locator(f"#row-{row}-{item}")
        expect(place, f"{item} is not asked").to_be_visible()
        _set(
            place.page,
            f"#row-{row}-{item}",
            place.get_attribute("data-control") or "",
            f"{row}-{item}",
            value,
        )


def _set(page: Page, place: str, control: str, name: str, value: Any) -> None:
    if control in ("buttons", "steps", "checks"):
        for code in value if isinstance(value, list) else [value]:
            choices = page.locator(f'{place} label:has(input[name="{name}"][value="{code}"])')
            if control == "checks" and not choices.first.is_visible():
                page.locator(f"{place} summary").first.click()
            choices.first.click()
    elif control == "select":
        page.locator(f'{place} select[name="{name}"]').select_option(value)
    elif control == "parts":
        for part, text in zip("ymd", str(value).split("-"), strict=False):
            page.locator(f'{place} [name="{name}-{part}"]').fill(text)
    else:
        page.locator(f'{place} [name="{name}"]').fill(str(value))


def save(page: Page, *, then: str = "stay") -> None:
    """Save the page and see that it was taken; what an earlier save has said does not count."""
    with page.expect_navigation():
        page.locator(f'button[name=then][value="{then}"]').click()
    settled(page)
    expect(page.locator(".banner.ok").first).to_be_visible()


def refused(page: Page, *, then: str = "stay") -> None:
    """Save the page and see that it was refused."""
    page.locator(f'button[name=then][value="{then}"]').click()
    expect(page.locator(".banner.danger, .banner.warn, .note.danger").first).to_be_visible()
    settled(page)


def settled(page: Page) -> None:
    """Wait until nothing is being saved and the scripts of what stands here have run.

    A refused save puts the server's page in the place of this one, without a navigation to wait for.
    """
    page.wait_for_function(
        "document.readyState === 'complete' && !document.querySelector('#page-form[aria-busy=true]')"
    )


def follow(place: Locator) -> None:
    """Click what leads to another page, and wait for that page: the one left behind may look alike."""
    with place.page.expect_navigation():
        place.click()


def is_save(page: Page) -> Callable[[Response], bool]:
    """Return what knows the answer to a save of this page from that to an autosave."""
    place = page.url.split("#")[0]
    return lambda response: response.request.method == "POST" and response.url == place


def picture(page: Page, name: str) -> None:
    """Keep what the whole page looks like, where EDC_PICTURES asks for it: drawing it takes long."""
    if PICTURES:
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def until(found: Callable[[], object], what: str) -> None:
    """Wait for what a worker does."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, f"{what}: not after {PATIENCE} s"
        time.sleep(0.2)
