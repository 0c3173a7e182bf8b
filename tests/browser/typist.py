"""A coordinator who never touches the mouse: every key is pressed one by one, and counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.hands import settled

WATCH = """for (const kind of ["pointerdown", "mousedown", "touchstart"])
  document.addEventListener(kind, () => window.touchedByPointer(), true);
"""


@dataclass(slots=True)
class Typist:
    """Presses keys on a page; a chord counts as many keys as it holds."""

    page: Page
    pressed: list[str] = field(default_factory=list)
    mouse: int = 0

    def __post_init__(self) -> None:
        self.page.expose_function("touchedByPointer", lambda: self._touched())
        self.page.add_init_script(WATCH)
        self.page.evaluate(WATCH)

    def _touched(self) -> None:
        self.mouse += 1

    @property
    def count(self) -> int:
        """How many keys were pressed, those held down included."""
        return sum(len(key.split("+")) for key in self.pressed)

    def press(self, *keys: str) -> Typist:
        """Press keys one after the other: "Tab", "Control+Enter", "a"."""
        for key in keys:
            settled(self.page)
            self.page.keyboard.press(key)
            self.pressed.append(key)
        return self

    def type(self, text: str) -> Typist:
        """Press the key of each character."""
        return self.press(*text)

    @property
    def at(self) -> str:
        """The item that has the focus."""
        settled(self.page)
        found: str = self.page.evaluate(
            "(document.activeElement.closest('[data-item]') || {dataset: {}}).dataset.item || ''"
        )
        return found
