/* What is typed is kept on the server: on leaving an item, every 30 seconds, before leaving the page. The same
   call tells who else is typing here. Shared as `window.drafts`. */
(function () {
  "use strict";
  const line = window.line;
  if (!line) return;
  const page = line.page;
  const { show } = line;
  const APART = new Set(["csrfmiddlewaretoken", "key", "opened_by"]);
  /* A page that came back from a save, a draft that was taken up, a comparison: unsaved from the start. */
  const takenUp = Object.keys(JSON.parse(page.dataset.differs || "{}")).length > 0 || page.hasAttribute("data-conflict");
  const opened = boxes();
  let kept = takenUp ? "" : opened;
  let keeping = null, stopped = false, held = false;

  /* Radio buttons without a name of a reading, hidden questions and all: just what a save would send. */
  function form() { return new URLSearchParams(new FormData(page)); }
  function boxes() {
    const all = form();
    APART.forEach((name) => all.delete(name));
    return all.toString();
  }
  function unsaved() { return takenUp || boxes() !== opened; }

  function body(act) {
    const all = act === "keep" ? form() : new URLSearchParams();
    all.delete("csrfmiddlewaretoken");
    all.set("act", act);
    all.set("key", page.elements.key.value);
    all.set("opened_by", page.dataset.person);
    all.set("typing", unsaved() ? "1" : "0");
    return all;
  }
  async function call(act, more) {
    const answer = await line.send(page.dataset.draft, () => body(act), more);
    if (!answer) return null;
    const said = await answer.json().catch(() => ({}));
    if (said.person && said.person !== page.dataset.person) { line.empty(); return null; }
    if (said.others) others(said.others);
    return answer.ok ? said : null;
  }

  function keep(more) {
    if (stopped || held || boxes() === kept) return keeping || Promise.resolve(true);
    if (keeping) return keeping.then(() => keep(more));
    const sent = boxes();
    keeping = call("keep", more).then((said) => {
      keeping = null;
      if (!said) { line.later(keep); return false; }
      if (said.key) { page.elements.key.value = said.key; return keep(); }
      if (said.kept) kept = sent;
      show("kept", Boolean(said.kept));
      const at = page.querySelector("[data-kept-at]");
      if (at && said.kept) at.textContent = said.kept;
      say(said.words || "");
      const discard = page.querySelector("[data-discard]");
      if (discard) discard.hidden = false;
      document.querySelectorAll("#discard-draft input[name=key]").forEach((box) => { box.value = page.elements.key.value; });
      return Boolean(said.kept);
    });
    return keeping;
  }
  function say(words) {
    const place = page.querySelector("[data-failed]");
    if (place) { place.textContent = words; place.hidden = !words; }
  }
  function others(names) {
    const banner = document.querySelector("[data-others]");
    if (!banner) return;
    const words = names.join(". ");
    if (banner.lastElementChild.textContent !== words) banner.lastElementChild.textContent = words;
    banner.hidden = !words;
  }

  /* ---- when ---- */
  let row = null;
  page.addEventListener("focusin", (event) => {
    const now = event.target.closest("[data-item]");
    if (row && now && now !== row) keep();
    row = now;
  });
  page.addEventListener("focusout", (event) => {
    const now = event.target.closest("[data-item]");
    const to = event.relatedTarget;
    if (now && !(to && (now.contains(to) || to.name === "then"))) keep();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !line.left) keep({ keepalive: true });
  });
  window.addEventListener("pagehide", () => { if (!stopped) call("leave", { keepalive: true }); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  const timers = [
    setInterval(() => { if (unsaved()) keep(); }, 30000),
    setInterval(() => { if (!keeping && !stopped) call("here", { quiet: !unsaved() }); }, 20000),
  ];
  function stop() {
    stopped = true;
    timers.forEach(clearInterval);
  }
  /* While a save is on its way nothing is kept: it would be taken for the draft of the next form. */
  async function hold() {
    held = true;
    while (keeping) await keeping;
  }
  function release() { held = false; }
  /* Nothing that was on its way may arrive after the discarding: it would be a draft again. */
  async function discard() {
    await hold();
    const said = await call("discard");
    if (!said) release();
    return said;
  }
  call("here", { quiet: true });

  window.drafts = { keep, unsaved, boxes, say, stop, discard, hold, release };
})();
