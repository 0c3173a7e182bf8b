/* Signing: nothing is ticked for the signer. A page counts as read once what it says was opened here; one button
   ticks those pages, and no others. Without this script each page is ticked by hand. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-signing]");
  const button = form && form.querySelector("[data-tick-read]");
  if (!button) return;
  const read = new Set();

  function say() {
    button.disabled = read.size === 0;
  }

  form.addEventListener("toggle", (event) => {
    const said = event.target;
    if (!said.open || !said.hasAttribute("data-says")) return;
    read.add(said.closest("tr").querySelector("input[name=page]"));
    said.querySelector("[data-was-read]").hidden = false;
    say();
  }, true);

  button.addEventListener("click", () => {
    for (const box of read) box.checked = true;
  });

  button.hidden = false;
  form.querySelector("[data-tick-read-hint]").hidden = false;
  say();
})();
