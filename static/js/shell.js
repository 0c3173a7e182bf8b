/* What every page can do by key: "/" finds a subject, J and K walk a list, letters on links act, ? tells them all. */
(function () {
  "use strict";
  const bar = document.getElementById("topbar");
  const menu = document.querySelector("[data-menu]");
  if (menu) {
    menu.addEventListener("click", () => {
      menu.setAttribute("aria-expanded", String(bar.classList.toggle("open")));
    });
  }

  const keys = document.getElementById("keys");
  document.querySelectorAll("[data-keys-help]").forEach((button) => button.addEventListener("click", () => keys.showModal()));
  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
  document.querySelectorAll("[data-submit-on-change]").forEach((form) => form.addEventListener("change", () => form.requestSubmit()));

  function typing(at) {
    return at && (at.isContentEditable || at.tagName === "TEXTAREA" || at.tagName === "SELECT" ||
      (at.tagName === "INPUT" && !["radio", "checkbox", "submit", "button"].includes(at.type)));
  }
  function rows() {
    return Array.from(document.querySelectorAll("[data-rows] tbody tr, main table.tbl:not(.grid) tbody tr"))
      .filter((row) => row.querySelector("a[href]") && row.getClientRects().length);
  }
  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[to].querySelector("a[href]").focus();
  }
  function closeAll() {
    document.querySelectorAll("details.who[open], details.remove[open], details.choose[open]").forEach((box) => { box.open = false; });
  }

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.who[open], details.choose[open]").forEach((box) => {
      if (!box.contains(event.target)) box.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { closeAll(); return; }
    const at = document.activeElement;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(at)) return;
    if (document.querySelector("dialog[open]")) return;
    if (document.body.dataset.keys === "off" && event.key.length === 1) return;
    // A letter or digit belongs to the item that is focused, where one is; signs stay with the page.
    if (at && at.closest("[data-item]") && /^[a-z0-9-]$/i.test(event.key)) return;
    if (event.key === "/") {
      const box = document.getElementById("goto");
      if (!box) return;
      event.preventDefault();
      if (menu && menu.offsetParent && !bar.classList.contains("open")) menu.click();
      box.focus();
    } else if (event.key === "?" && keys) {
      keys.showModal();
    } else if (event.key === "j" || event.key === "k") {
      walk(event.key === "j" ? 1 : -1);
    } else {
      const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]:is(a, button)`);
      if (target) { event.preventDefault(); target.click(); }
    }
  });
})();
