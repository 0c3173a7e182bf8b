/* Answers by key in the focused item. Letters, digits and signs act while no text box has the focus, and only where
   the person has not switched them off; Enter, Tab, arrows and what is held with Ctrl or Alt act always. */
(function () {
  "use strict";
  const { page, items, editable, moving, typing } = window.crf;
  const SINGLE = document.body.dataset.keys !== "off";
  const THREAD = { c: "corrected", v: "confirmed", x: "not_available" };

  function submit(then) {
    const button = page.querySelector(`button[name=then][value=${then}]`) || page.querySelector("button[name=then]");
    if (button) page.requestSubmit(button);
  }

  function openReasons(item) {
    const missing = item.querySelector(".missing");
    if (!missing) return false;
    missing.open = true;
    (missing.querySelector("input:checked:not([value=''])") || missing.querySelector("input")).focus();
    return true;
  }

  function answersAt(item, at) {
    const within = at.closest(".missing");
    return Array.from(item.querySelectorAll("input[data-key]")).filter((input) => input.closest(".missing") === within);
  }

  /* An answer by key moves on to the next item that is asked; check boxes stay, since there may be several. */
  function choose(item, input) {
    const folded = input.closest("details:not([open])");
    if (folded) folded.open = true;
    input.focus();
    input.click();
    if (input.type === "radio") moving.next(item);
  }

  function clear(item) {
    window.crf.empty(item);
    item.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function withHeldKey(event) {
    const key = event.key.toLowerCase();
    const item = document.activeElement.closest("[data-item]");
    if (event.altKey) {
      if (event.code === "KeyJ" || key === "j") { moving.toProblem(); return true; }
      return event.code === "Minus" && item ? openReasons(item) : false;
    }
    if (!editable) return false;
    if (key === "s") { submit("stay"); return true; }
    if (key === "enter") { submit("next"); return true; }
    return false;
  }

  function singleKey(event, item, at) {
    const key = event.key.toLowerCase();
    if (key === "-" && (!typing(at) || at.tagName === "SELECT" || (at.value === "" && "none" in item.dataset))) return openReasons(item);
    if (typing(at)) return false;
    const wanted = answersAt(item, at).find((input) => input.dataset.key && input.dataset.key.toLowerCase() === key);
    const agree = key === "y" && item.querySelector(".yes input:not([value=keep])");
    if (agree && at === agree) { if (!agree.checked) agree.click(); moving.next(item); return true; }
    if (wanted && !at.closest(".thread")) { choose(item, wanted); return true; }
    const act = THREAD[key] && item.querySelector(`.thread [data-say=${THREAD[key]}]`);
    if (act) { act.click(); return true; }
    return false;
  }

  function inItem(event, item, at) {
    if (event.key === "Enter") {
      if (at.tagName === "TEXTAREA" || at.closest(".thread") || !at.matches("input, select")) return false;
      moving.next(item, event.shiftKey ? -1 : 1);
      return true;
    }
    if ((event.key === "Delete" || event.key === "Backspace") && at.type === "radio" && !at.closest(".missing")) { clear(item); return true; }
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step && at.type === "checkbox" && at.dataset.key !== undefined) {
      const boxes = answersAt(item, at);
      boxes[(boxes.indexOf(at) + step + boxes.length) % boxes.length].focus();
      return true;
    }
    return SINGLE && event.key.length === 1 ? singleKey(event, item, at) : false;
  }

  /* Before the keys of the whole page (shell.js), which leave alone what is taken here. */
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    if (event.defaultPrevented || !at || document.querySelector("dialog[open]")) return;
    const item = at.closest("[data-item]");
    const held = event.ctrlKey || event.metaKey || event.altKey;
    const taken = held ? withHeldKey(event) : item && items.includes(item) && inItem(event, item, at);
    if (taken) event.preventDefault();
  }, true);
})();
