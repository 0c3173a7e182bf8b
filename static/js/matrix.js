/* The matrix by keyboard: arrows move between cells, Enter opens (it is a link), N goes to the next thing to do
   (on the home page: follows its button). */
(function () {
  "use strict";
  const next = document.querySelector("[data-next]");
  const SINGLE = document.body.dataset.keys !== "off";
  const table = document.querySelector("[data-matrix]");
  if (!table) {
    document.addEventListener("keydown", (event) => {
      if (next && SINGLE && (event.key === "n" || event.key === "N") && document.activeElement === document.body) { next.click(); }
    });
    return;
  }
  const rows = Array.from(table.tBodies[0].rows);
  const linkOf = (cell) => cell && cell.querySelector("a");

  function go(link) {
    if (!link) { return; }
    rows.forEach((row) => row.classList.toggle("cur", row.contains(link)));
    link.focus();
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function move(cell, down, right) {
    const row = cell.parentElement;
    if (right) {
      for (let at = cell.cellIndex + right; at >= 0 && at < row.cells.length; at += right) {
        if (linkOf(row.cells[at])) { go(linkOf(row.cells[at])); return; }
      }
      return;
    }
    for (let at = rows.indexOf(row) + down; at >= 0 && at < rows.length; at += down) {
      const found = linkOf(rows[at].cells[cell.cellIndex]);
      if (found) { go(found); return; }
    }
  }

  function nextToDo() {
    if (next) { next.click(); return; }
    const todo = Array.from(table.querySelectorAll("[data-todo]"));
    const after = todo.find((link) => {
      const place = document.activeElement.compareDocumentPosition(link);
      return place & Node.DOCUMENT_POSITION_FOLLOWING;
    });
    go(table.contains(document.activeElement) ? after || todo[0] : todo[0]);
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  table.addEventListener("keydown", (event) => {
    const step = steps[event.key];
    const cell = event.target.closest("td, th");
    if (step && cell && rows.includes(cell.parentElement)) {
      event.preventDefault();
      move(cell, step[0], step[1]);
    }
  });
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if (typing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (SINGLE && (event.key === "n" || event.key === "N")) { event.preventDefault(); nextToDo(); }
    if (event.key === "ArrowDown" && !table.contains(at)) {
      const first = table.querySelector("tbody a");
      if (first && at === document.body) { event.preventDefault(); go(first); }
    }
  });
})();
