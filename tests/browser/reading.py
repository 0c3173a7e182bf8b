"""What makes a page hard to read: axe-core's serious findings, scrolling sideways, words left in English."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from defier.addresses import ROOT

# Only rules whose finding is serious or critical, which is all that is looked at: the others take a quarter
# of the time; and none that axe leaves out by itself (experimental, deprecated). No selectors of what is
# found: its HTML is told.
AXE = """() => axe.run(document, {
  resultTypes: ["violations"], selectors: false, iframes: false,
  runOnly: { type: "rule", values: axe._audit.rules
    .filter((rule) => rule.enabled && ["serious", "critical"].includes(rule.impact))
    .filter((rule) => !rule.tags.some((tag) => axe._audit.tagExclude.includes(tag))).map((rule) => rule.id) },
})"""

# Three English words in a row, in a text that says of itself that it is Chinese. What people typed, choices
# of a list (they name both) and what has a `lang` of its own are none of it; refusals may say both.
ENGLISH = r"""(typed) => {
  const BOTH = /[。？] ["A-Z]|\. \S{0,8}[\u4e00-\u9fff]/;
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const words = node.textContent.trim(), place = node.parentElement;
    if (!/[a-z]{2,} [a-z]{2,} [a-z]{2,}/i.test(words) || BOTH.test(words)) continue;
    if (place.closest("script, style, .mono, code, textarea, option")) continue;
    const said = place.closest("[lang]").lang;
    if (said.startsWith("zh") && !typed.some((one) => words.includes(one))) found.push(words.slice(0, 80));
  }
  return found;
}"""

WIDEST = """() => {
  const right = (one) => one.getBoundingClientRect().right;
  const all = [...document.querySelectorAll("main *")].filter((one) => !one.closest(".scroll"));
  const widest = all.reduce((most, one) => (right(one) > right(most) + 1 ? one : most));
  return widest.outerHTML.slice(0, 200);
}"""


@cache
def axe() -> str:
    """Return the source of axe-core."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical on the page as it stands."""
    page.evaluate(axe())
    ran: dict[str, Any] = page.evaluate(AXE)
    return [
        f"{broken['id']} x{len(broken['nodes'])}: {broken['nodes'][0]['html'][:200]}"
        for broken in ran["violations"]
    ]


def misfits(page: Page) -> list[str]:
    """Return what else makes a page hard to read at its size."""
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"the page scrolls sideways: {page.evaluate(WIDEST)}")
    if page.locator("h1").count() != 1:
        found.append("not exactly one heading of the first level")
    return found


def untranslated(page: Page, *, typed: tuple[str, ...]) -> list[str]:
    """Return the English sentences of a Chinese page, apart from those that people typed."""
    found: list[str] = page.evaluate(ENGLISH, list(typed))
    return [f"in English: {words}" for words in dict.fromkeys(found)]
