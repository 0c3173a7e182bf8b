/* The comparison by hand: left is theirs, right is yours, up and down the next item, digits the
   reason; saved when all is chosen. */
(function () {
  "use strict";
  const page = document.querySelector("[data-conflict]");
  if (!page) return;
  const rows = Array.from(page.querySelectorAll("[data-choice]"));
  const button = page.querySelector("button[name=then]");
  const open = page.querySelector("[data-undecided]");

  function tell() {
    const left = rows.filter((row) => !row.querySelector("input:checked"));
    rows.forEach((row) => row.classList.toggle("open", left.includes(row)));
    button.disabled = left.length > 0;
    open.hidden = !left.length;
    open.lastElementChild.textContent = open.dataset.words.replace("{n}", left.length);
  }
  function toRow(row) {
    if (row) (row.querySelector("input:checked") || row.querySelector("input")).focus();
  }
  page.addEventListener("change", tell);
  page.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      if (!button.disabled) page.requestSubmit(button);
      return;
    }
    const reason = /^[1-9]$/.test(event.key) && event.target.type !== "text" && page.querySelectorAll("input[name=reason]")[event.key - 1];
    if (reason && !event.altKey && !event.ctrlKey && !event.metaKey) { reason.click(); return; }
    const row = event.target.closest("[data-choice]");
    if (!row) return;
    const picks = row.querySelectorAll("input");
    const at = rows.indexOf(row);
    const act = {
      ArrowLeft: () => { picks[0].focus(); picks[0].click(); },
      ArrowRight: () => { picks[1].focus(); picks[1].click(); },
      ArrowDown: () => toRow(rows[at + 1]),
      ArrowUp: () => toRow(rows[at - 1]),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  tell();
  toRow(rows.find((row) => row.classList.contains("open")) || rows[0]);
})();
