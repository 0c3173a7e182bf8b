/* The line to the server: gone, busy, signed out, back again. What is typed never leaves this page but to the
   server, and nothing of it is put into the browser's storage. Shared as `window.line`. */
(function () {
  "use strict";
  const page = document.getElementById("page-form");
  const dialog = document.getElementById("sign-in");
  if (!page || !dialog) return;
  const entry = dialog.querySelector("form");
  const PATIENCE = 30000;
  const WAITS = [2000, 4000, 8000, 15000, 30000];
  const waiting = new Set();
  let tries = 0, timer = 0, wantsCode = false;

  function show(name, on) {
    const line = page.querySelector(`[data-${name}]`);
    if (line) line.hidden = !on;
  }
  function token() { return page.querySelector("input[name=csrfmiddlewaretoken]").value; }

  /* Another window may have signed in anew, or somebody else: then nothing of this page may stay in view. */
  async function renew() {
    const answer = await fetch(entry.dataset.session, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
      headers: { "X-Requested-With": "fetch" } });
    const { person, token: fresh, code } = await answer.json();
    wantsCode = Boolean(code);
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((box) => { box.value = fresh; });
    if (person && person !== page.dataset.person) { empty(); return false; }
    return Boolean(person);
  }
  function empty() {
    window.line.left = true;
    document.body.replaceChildren();
    window.location.replace(window.location.pathname);
  }

  /* Post what `build` gives; the answer, or null where there is none: gone, silent for long, or signed out.
     Sent twice is no harm: each save has its one-time key. */
  async function send(url, build, more) {
    for (let renewed = false; ; renewed = true) {
      let answer;
      try {
        answer = await fetch(url, { method: "POST", body: build(), signal: AbortSignal.timeout(PATIENCE), ...more,
          headers: { "X-Requested-With": "fetch", "X-CSRFToken": token(), ...(more && more.headers) } });
      } catch (error) {
        if (error.name !== "AbortError") gone();
        return null;
      }
      back();
      const old = answer.status === 403 && answer.headers.get("X-Form") === "old";
      try {
        if (old && !renewed && await renew()) continue;
      } catch { gone(); return null; }
      if (old || answer.status === 401) { signedOut(more && more.quiet); return null; }
      show("signed-out", false);
      redo(); // the line is back: what waits for it need not wait for the clock
      return answer;
    }
  }

  /* ---- gone, and back ---- */
  function gone() {
    show("offline", true);
    clearTimeout(timer);
    timer = setTimeout(again, WAITS[Math.min(tries++, WAITS.length - 1)]);
  }
  function back() {
    show("offline", false);
    clearTimeout(timer);
    tries = 0;
  }
  /* First a word without content: a save that is tried again takes the page from the hand that types on it. */
  async function again() {
    clearTimeout(timer);
    if (!waiting.size) return;
    try {
      if (!await renew()) { if (!window.line.left) signedOut(); return; }
    } catch { gone(); return; }
    redo();
  }
  function redo() {
    waiting.forEach((act) => { waiting.delete(act); act(); });
  }
  window.addEventListener("online", again);

  /* ---- signed out: sign in over the page ---- */
  function signedOut(quiet) {
    show("signed-out", true);
    if (!quiet && !dialog.open) dialog.showModal();
  }
  async function signedIn() {
    try {
      if (!await renew()) return false;
    } catch { gone(); return false; }
    show("signed-out", false);
    dialog.close();
    redo();
    return true;
  }
  function askForCode() {
    entry.querySelector("[data-code-line]").hidden = !wantsCode;
    entry.querySelectorAll("[data-password-line]").forEach((line) => { line.hidden = wantsCode; line.querySelector("input").required = !wantsCode; });
    if (wantsCode) entry.elements.code.focus();
  }
  entry.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = entry.querySelector(".banner");
    wrong.hidden = true;
    try {
      await renew();
      const body = new URLSearchParams(new FormData(entry));
      /* The password was right and a code is asked for: the second half of the same sign-in. */
      await fetch(wantsCode ? entry.dataset.code : entry.dataset.login, { method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": token() } });
    } catch { gone(); return; }
    entry.elements.password.value = entry.elements.code.value = "";
    const before = wantsCode;
    if (window.line.left || await signedIn()) return;
    askForCode();
    wrong.hidden = window.line.left || (wantsCode && !before);
  });
  entry.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  page.addEventListener("click", (event) => { if (event.target.closest("[data-sign-in]")) dialog.showModal(); });
  window.addEventListener("focus", () => { if (dialog.open) signedIn(); });

  window.line = {
    left: false, send, show, gone, empty, page,
    later: (act) => waiting.add(act),
    words: document.getElementById("unsaved-words").dataset,
  };
})();
