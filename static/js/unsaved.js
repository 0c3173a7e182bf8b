/* What is typed and not in the record yet; a stored value that changes wants a reason; leaving with changes asks. */
(function () {
  "use strict";
  const { page, items, snapshot } = window.crf;
  const state = page.querySelector("[data-state]");
  const reason = page.querySelector("[data-reason]");
  const opened = new Map(items.map((item) => [item, snapshot(item)]));
  let sending = false;

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
  page.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && changed().length) event.preventDefault();
  });
  Object.assign(window.crf, { changed, tell });
})();
