/* Queries under their item, answered with one key: correct it (C), it is right and why (V), not available (X). */
(function () {
  "use strict";
  const { page, moving } = window.crf;

  function write(thread, answer) {
    const line = thread.querySelector(".line");
    const send = line.querySelector("button");
    send.value = answer;
    line.hidden = false;
    line.querySelector("label").textContent = line.dataset[answer === "confirmed" ? "why" : "write"];
    line.querySelector("input").focus();
  }

  page.querySelectorAll(".thread").forEach((thread) => {
    const item = thread.closest("[data-item]");
    thread.addEventListener("click", (event) => {
      const button = event.target.closest("[data-say]");
      if (!button) return;
      if (button.dataset.say === "corrected") moving.focus(item);
      else if (button.dataset.say === "not_available") return;
      else { event.preventDefault(); write(thread, button.dataset.say); }
    });
    thread.addEventListener("keydown", (event) => {
      const line = thread.querySelector(".line");
      if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.ctrlKey) return;
      event.preventDefault();
      line.querySelector("button").click();
    });
  });
})();
