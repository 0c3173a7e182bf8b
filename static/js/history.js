/* The history of an item in its row: the clock mark, or Alt H on the focused item, opens and closes it. */
(function () {
  "use strict";
  const page = document.getElementById("page-form");
  if (!page) return;

  function shut(link) {
    const open = document.getElementById(link.getAttribute("aria-controls"));
    if (open) open.remove();
    link.setAttribute("aria-expanded", "false");
  }

  async function open(link, item) {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
    if (!answer.ok) { location.assign(link.href); return; }
    const place = item.querySelector(".ctl");
    place.insertAdjacentHTML("beforeend", await answer.text());
    const told = place.lastElementChild;
    told.id = `trail-${item.id}`;
    told.tabIndex = -1;
    link.setAttribute("aria-controls", told.id);
    link.setAttribute("aria-expanded", "true");
    told.focus({ preventScroll: true });
    told.scrollIntoView({ block: "nearest" });
  }

  function toggle(item) {
    const link = item && item.querySelector("[data-history]");
    if (!link) return false;
    if (link.getAttribute("aria-expanded") === "true") shut(link);
    else open(link, item).catch(() => location.assign(link.href));
    return true;
  }

  page.addEventListener("click", (event) => {
    const link = event.target.closest("[data-history]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    toggle(link.closest("[data-item]"));
  });
  page.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-item]");
    if (event.altKey && event.code === "KeyH" && toggle(item)) event.preventDefault();
    if (event.key === "Escape" && event.target.closest(".trail-here")) {
      const link = item.querySelector("[data-history]");
      shut(link);
      const box = item.querySelector(".ctl input:not([type=hidden]), .ctl select, .ctl textarea");
      if (box) box.focus();
      event.preventDefault();
    }
  });
})();
