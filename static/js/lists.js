/* The list one came from: its place stands on the pages that it leads to, with previous ([), next (]) and, for the
   next thing to do, N. The list is kept by the browser for this tab alone, as addresses, and goes with it. */
(function () {
  "use strict";
  const KEPT = "list";
  const here = window.location.pathname + window.location.search;

  function known() {
    try { return JSON.parse(window.sessionStorage.getItem(KEPT)) || { urls: [] }; } catch { return { urls: [] }; }
  }

  /* Where a link in a row of a table is followed, the same column of the other rows makes the list. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("main table.tbl:not(.grid) tbody a[href]");
    const cell = link && link.closest("td, th");
    if (!cell) return;
    const rows = Array.from(cell.closest("tbody").rows);
    const links = rows.map((row) => row === cell.parentElement ? link : row.cells[cell.cellIndex] && row.cells[cell.cellIndex].querySelector("a[href]"));
    const urls = [...new Set(links.filter(Boolean).map((one) => one.pathname + one.search))];
    const heading = cell.closest("section, main").querySelector("h2, h1");
    const title = heading ? (heading.firstChild.textContent || heading.textContent).trim() : "";
    window.sessionStorage.setItem(KEPT, JSON.stringify({ title, urls, from: here }));
  }, true);

  const list = known();
  const at = list.urls.findIndex((url) => url === here) + 1 || list.urls.findIndex((url) => url.split("?")[0] === window.location.pathname) + 1;
  const place = document.querySelector("[data-place]");
  if (place && at) {
    place.hidden = false;
    const said = place.querySelector("a[data-list]");
    said.textContent = place.dataset.words.replace("{i}", at).replace("{n}", list.urls.length).replace("{list}", list.title);
    said.href = list.from;
    for (const [name, step] of [["previous", -1], ["next-in-list", 1]]) {
      const link = place.querySelector(`[data-${name}]`);
      const url = list.urls[at - 1 + step];
      if (url) link.href = url; else link.remove();
    }
  }

  /* N: the next of the list, else what the home page names first. */
  const following = at ? list.urls[at] : "";
  document.addEventListener("keydown", (event) => {
    const away = document.activeElement.closest("input, select, textarea, [data-item], dialog[open]");
    if (event.key.toLowerCase() !== "n" || event.defaultPrevented || away || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.body.dataset.keys === "off" || document.querySelector("[data-next], [data-matrix]")) return;
    window.location.href = following || "/#next";
  });
  const first = document.querySelector("[data-next]");
  if (first && window.location.hash === "#next") window.location.replace(first.href);
})();
