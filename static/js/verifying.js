/* The monitor's keys: V verified, Q raise a query, O open the page, J K the next and the previous. On a CRF page V
   verifies the item whose mark has the focus, without loading the page anew, and goes on to the next that waits. */
(function () {
  "use strict";
  const live = document.getElementById("live");

  async function verify(button) {
    const form = button.form;
    const data = new FormData(form);
    data.append("mark", button.value);
    let answer, said = "";
    try {
      answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
      said = (await answer.json()).said || "";
    } catch { answer = null; }
    if (!answer || !answer.ok) {
      if (!said) { form.submit(); return; }
      tell(button, said);
      return;
    }
    live.textContent = said;
    const waiting = marks();
    const next = waiting[waiting.indexOf(button) + 1];
    settle(button);
    if (next) next.focus();
  }

  function marks() { return Array.from(document.querySelectorAll("button[data-verify]")); }

  function settle(button) {
    const done = document.createElement("span");
    done.className = "sdv";
    done.innerHTML = '<svg class="g t-ok" aria-hidden="true" focusable="false"><use href="#g-sdv"></use></svg>';
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = button.getAttribute("aria-label");
    done.append(words);
    const stale = button.closest("[data-item]");
    if (stale) stale.querySelectorAll(".note.diff").forEach((note) => note.remove());
    document.querySelectorAll(".ticks input").forEach((box) => { if (box.value === button.value) box.closest("li").remove(); });
    button.replaceWith(done);
  }

  function tell(button, said) {
    const note = document.createElement("div");
    note.className = "note danger";
    note.setAttribute("role", "alert");
    note.textContent = said;
    (button.closest("[data-item]") || button.parentElement).append(note);
  }

  marks().forEach((button) => button.addEventListener("click", (event) => { event.preventDefault(); verify(button); }));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    const at = document.activeElement;
    if (at && at.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, dialog[open]")) return;
    const key = event.key.toLowerCase();
    const waiting = marks();
    if (waiting.length && "vjk".includes(key)) {
      const here = waiting.indexOf(at);
      event.preventDefault();
      if (key === "v" && here >= 0) verify(at);
      else (waiting[here + (key === "k" ? -1 : 1)] || waiting[0]).focus();
      return;
    }
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!target || !document.querySelector(".verify")) return;
    event.preventDefault();
    if (target.tagName === "INPUT") target.focus(); else target.click();
  });
})();
