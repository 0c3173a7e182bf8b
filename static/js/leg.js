// Redraws the leg beside the page with what stands in the boxes, a moment after an answer changes.
(() => {
  "use strict";
  const form = document.querySelector("form[data-crf]");
  const drawing = document.querySelector("[data-leg]");
  if (!form || !drawing) return;
  let waiting = 0;
  let asked = 0;

  async function redraw() {
    const mine = ++asked;
    try {
      const answer = await fetch(drawing.dataset.leg, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch" },
      });
      if (!answer.ok || answer.redirected) return;
      const drawn = await answer.text();
      if (mine === asked) drawing.innerHTML = drawn;
    } catch {
      // Not connected: the drawing stays as it was; the save bar says that nothing reaches the server.
    }
  }

  form.addEventListener("change", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(redraw, 250);
  });
})();
