/* The end of a session: a person who types or points keeps it, at most one word a minute to the server; two
   minutes before the end a dialog asks. Whatever asks by itself (autosaves, progress) keeps nothing. */
(function () {
  "use strict";
  const dialog = document.getElementById("session-end");
  if (!dialog) return;
  const address = dialog.dataset.session;
  const counter = dialog.querySelector("[data-left]");
  const EVERY = 60000, WARN = 120;
  let ends = Date.now() + Number(dialog.dataset.seconds) * 1000;
  let told = Date.now(), asking = false;

  function left() { return Math.ceil((ends - Date.now()) / 1000); }
  async function ask(stay) {
    if (asking) return;
    asking = true;
    try {
      let said = await get();
      if (stay && said && said.person) said = await post(said.token);
      if (said) heard(said);
    } finally { asking = false; }
  }
  async function get() {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" }).catch(() => null);
    return answer && answer.ok ? answer.json() : null;
  }
  async function post(token) {
    const answer = await fetch(address, { method: "POST",
      headers: { "X-Requested-With": "fetch", "X-CSRFToken": token } }).catch(() => null);
    return answer && answer.ok ? answer.json() : null;
  }
  function heard(said) {
    if (!said.person) { over(); return; }
    ends = Date.now() + said.left * 1000;
    if (said.left > WARN && dialog.open) dialog.close();
  }
  /* A page with a form of its own lets its person sign in over it, and keeps what is typed; any other is left. */
  function over() {
    if (document.getElementById("page-form")) { dialog.close(); clearInterval(clock); return; }
    document.getElementById("main").replaceChildren();
    window.location.assign(dialog.dataset.login);
  }
  function active() {
    if (dialog.open || Date.now() - told < EVERY) return;
    told = Date.now();
    ask(true);
  }
  ["keydown", "pointerdown", "scroll"].forEach((kind) => document.addEventListener(kind, active, { passive: true, capture: true }));
  dialog.querySelector("[data-stay]").addEventListener("click", () => { told = Date.now(); ask(true); });
  dialog.addEventListener("cancel", () => { told = Date.now(); ask(true); });

  const clock = setInterval(() => {
    const seconds = left();
    counter.textContent = String(Math.max(seconds, 0));
    if (seconds <= 0) { ask(false); return; }
    /* Another window may have kept the session: the server knows. */
    if (seconds <= WARN && !dialog.open && !document.querySelector("dialog[open]")) { ask(false); dialog.showModal(); }
  }, 1000);
})();
