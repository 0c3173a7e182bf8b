/* Saving by fetch, so that a save without a line does not end on the browser's error page; leaving asks first. */
(function () {
  "use strict";
  const { line, drafts } = window;
  if (!line) return;
  const page = line.page;
  const nonce = document.currentScript.nonce;
  let saving = false, at = null;

  /* ---- saving ---- */
  /* While a save is on its way nothing can be typed: the answer would take its place unread. */
  function busy(on) {
    saving = on;
    if (on) at = document.activeElement;
    page.inert = on;
    page.ariaBusy = String(on);
    if (!on && page.contains(at)) at.focus();
  }
  function body(then) {
    const all = new URLSearchParams(new FormData(page));
    all.delete("csrfmiddlewaretoken");
    if (then) all.set("then", then);
    return all;
  }
  async function save(then) {
    if (saving) return;
    const held = drafts.hold();
    busy(true);
    await held;
    const answer = await line.send(page.getAttribute("action"), () => body(then));
    const said = answer && await answer.text().catch(() => { line.gone(); return null; });
    if (said === null) { again(""); line.later(() => save(then)); return; }
    if ((answer.headers.get("Content-Type") || "").startsWith("application/json")) go(JSON.parse(said).go);
    else if (answer.status >= 500) again(line.words.busy);
    else replace(renonced(said, answer));
  }
  /* Nothing was saved and the page stands as it was typed. */
  function again(words) {
    busy(false);
    drafts.release();
    drafts.say(words);
  }
  function go(url) {
    leave();
    const target = new URL(url, window.location.href);
    const same = target.pathname === window.location.pathname && target.search === window.location.search;
    window.location.assign(target);
    if (same && target.hash) window.location.reload();
  }
  /* What takes the place of this page is held to this page's policy: its scripts need this page's nonce. Only
     those that carry the nonce of their own answer get it. */
  function renonced(html, answer) {
    const theirs = /'nonce-([^']+)'/.exec(answer.headers.get("Content-Security-Policy") || "");
    return theirs ? html.replaceAll(` nonce="${theirs[1]}"`, ` nonce="${nonce}"`) : html;
  }
  /* The page as the server drew it, with what keeps it from being saved, takes the place of this one. */
  function replace(html) {
    if (!html.includes('id="page-form"')) { again(line.words.refused); return; }
    drafts.stop();
    document.open();
    document.write(html);
    document.close();
  }
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    save(button && button.name === "then" ? button.value : "stay");
  });

  /* ---- leaving ---- */
  const dialog = document.getElementById("leaving");
  function leave() { line.left = true; }
  function ask(proceed) {
    dialog.returnValue = "stay";
    dialog.addEventListener("close", async () => {
      const chosen = dialog.returnValue;
      if (chosen === "keep" && !await drafts.keep()) return;
      if (chosen === "discard" && !await drafts.discard()) return;
      if (chosen !== "keep" && chosen !== "discard") return;
      leave();
      proceed();
    }, { once: true });
    dialog.showModal();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.target || link.getAttribute("href").startsWith("#") || line.left || !drafts.unsaved()) return;
    event.preventDefault();
    const proceed = () => { leave(); window.location.assign(link.href); };
    if (link.hasAttribute("data-keep")) drafts.keep().then((done) => { if (done) proceed(); });
    else ask(proceed);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form === page || form.method === "dialog" || form.closest("dialog") || event.defaultPrevented) return;
    if (form.id === "discard-draft") {
      event.preventDefault();
      drafts.hold().then(() => { drafts.stop(); leave(); form.submit(); });
      return;
    }
    if (line.left || !drafts.unsaved()) { leave(); return; }
    event.preventDefault();
    const button = event.submitter;
    ask(() => { form.requestSubmit(button); });
  });
  window.addEventListener("beforeunload", (event) => {
    if (line.left || !drafts.unsaved()) return;
    drafts.keep({ keepalive: true });
    event.preventDefault();
  });
})();
