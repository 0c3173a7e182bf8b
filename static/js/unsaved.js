/* What is typed and not in the record yet; a stored value that changes wants a reason. */
(function () {
  "use strict";
  const { page, items, snapshot } = window.crf;
  const state = page.querySelector("[data-state]");
  const reason = page.querySelector("[data-reason]");
  /* A draft that was taken up is drawn as it was typed: its rows differ from the record from the start. */
  const differs = JSON.parse(page.dataset.differs || "{}");
  const opened = new Map(items.map((item) => [item, !(item.id in differs) ? snapshot(item) : differs[item.id] ? "stored" : '["",""]']));
  items.filter((item) => item.id in differs).forEach((item) => item.classList.add("unsaved"));

  function changed() { return items.filter((item) => opened.get(item) !== snapshot(item)); }

  function tell() {
    const moved = changed();
    const stored = moved.filter((item) => opened.get(item) !== '["",""]' && opened.get(item) !== '[[],""]');
    if (state) {
      state.textContent = moved.length ? page.dataset.changed.replace("{n}", moved.length) : page.dataset.unchanged;
      state.classList.toggle("t-warn", moved.length > 0);
    }
    if (reason) reason.hidden = !stored.length && !reason.classList.contains("asked");
  }

  page.addEventListener("input", tell);
  page.addEventListener("change", tell);
  /* A page that keeps no draft (the first of a new subject) can only warn; the others do more: saving.js. */
  if (!page.dataset.draft) {
    let sending = false;
    page.addEventListener("submit", () => { sending = true; });
    window.addEventListener("beforeunload", (event) => {
      if (!sending && changed().length) event.preventDefault();
    });
  }
  Object.assign(window.crf, { changed, tell });
})();
