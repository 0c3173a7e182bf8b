/* The grid of a repeating form by arrows: left and right between the cells of a record, up and down between records.
   In a text box left and right leave it at its ends; in a list up and down choose, as everywhere. */
(function () {
  "use strict";
  const { page, moving, typing } = window.crf;
  const table = page.querySelector("table.grid");
  if (!table) return;

  function leaves(at, right) {
    if (!right || !typing(at) || at.tagName === "SELECT") return true;
    const whole = at.selectionStart === 0 && at.selectionEnd === at.value.length;
    return whole || (right > 0 ? at.selectionStart === at.value.length : at.selectionEnd === 0);
  }

  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td.cell");
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!cell || !step || event.ctrlKey || event.altKey || event.metaKey || event.target.type === "radio" || event.target.type === "checkbox") return;
    const [down, right] = step;
    if ((down && event.target.tagName === "SELECT") || !leaves(event.target, right)) return;
    const rows = Array.from(table.tBodies[0].rows).filter((row) => row.querySelector("td.cell .ctl :is(input, select)"));
    let row = rows.indexOf(cell.parentElement) + down;
    let to = cell;
    do {
      to = right ? to.parentElement.cells[to.cellIndex + right] : rows[row] && rows[row].cells[cell.cellIndex];
      row += down;
    } while (to && (!to.matches("td.cell") || to.hidden));
    if (to) { event.preventDefault(); moving.focus(to); }
  });
})();
