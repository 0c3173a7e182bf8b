/* From item to item, and to the first thing on the page that is still open. */
(function () {
  "use strict";
  const { page, items, valueOf, blank, hasReason } = window.crf;
  const BOXES = ".ctl input:not([type=hidden]), .ctl select, .ctl textarea, .ctl summary";

  /* A group of check boxes is one stop of Tab, as a group of radios is; arrows move within. */
  page.querySelectorAll("[data-control=checks] .seg").forEach((group) => {
    group.querySelectorAll("input").forEach((box, number) => { box.tabIndex = number ? -1 : 0; });
    group.addEventListener("focusin", (event) => {
      group.querySelectorAll("input").forEach((box) => { box.tabIndex = box === event.target ? 0 : -1; });
    });
  });

  function boxOf(item) {
    const agree = item.querySelector(".yes input:not([value=keep])");
    const reason = item.querySelector(".missing[open] input:checked:not([value=''])");
    const chosen = item.querySelector(".ctl > .seg input[type=radio]:checked");
    const stop = item.querySelector(".ctl > .seg input[tabindex='0']");
    return agree || reason || chosen || stop || item.querySelector(BOXES);
  }

  function shown() { return items.filter((item) => !item.hidden && boxOf(item) && item.getClientRects().length); }

  function focus(item) {
    const box = boxOf(item);
    if (!box) return;
    box.focus({ preventScroll: true });
    if (box.select && box.type === "text") box.select();
    item.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function next(item, step = 1) {
    const all = shown();
    const to = all[all.indexOf(item) + step];
    if (to) focus(to);
    else if (step > 0) (page.querySelector("button[name=then][value=next]") || page.querySelector("button[name=then]")).focus();
  }

  /* What is to be corrected; where nothing is, what is asked in queries or has no value yet. */
  function problems() {
    const all = shown();
    const wrong = all.filter((item) => item.classList.contains("erred"));
    if (wrong.length) return { kind: "wrong", items: wrong };
    const open = items.filter((item) => !item.hidden && item.getClientRects().length && (item.classList.contains("warned") ||
      (item.hasAttribute("data-needed") && all.includes(item) && blank(valueOf(item)) && !hasReason(item))));
    return { kind: "open", items: open };
  }

  function toProblem() {
    const found = problems().items;
    if (!found.length) { const [first] = shown(); if (first) focus(first); return; }
    const at = found.findIndex((item) => item.contains(document.activeElement));
    const to = found[(at + 1) % found.length];
    const thread = to.classList.contains("warned") && to.querySelector(".thread button");
    if (thread) { thread.focus({ preventScroll: true }); to.scrollIntoView({ block: "nearest" }); } else focus(to);
  }

  const link = page.querySelector("[data-problems]");
  function tell() {
    if (!link) return;
    const { kind, items: found } = problems();
    link.hidden = !found.length;
    link.querySelector("[data-words]").textContent = (link.dataset[kind] || "").replace("{n}", found.length);
    link.classList.toggle("t-danger", kind === "wrong");
  }
  if (link) link.addEventListener("click", toProblem);
  page.addEventListener("change", tell);
  Object.assign(window.crf, { moving: { focus, next, shown, problems, toProblem, tell } });
})();
