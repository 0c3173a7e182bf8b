/* The CRF page by hand: questions that appear when they are asked, answers by key, what is not saved yet.
   Without this script the page still works: the server decides what is asked and says what is missing. */
(function () {
  "use strict";
  const page = document.querySelector("[data-crf]");
  if (!page) return;

  const items = Array.from(page.querySelectorAll("[data-item]"));
  const records = new Map();
  for (const item of items) {
    const record = item.closest(".record") || page;
    if (!records.has(record)) records.set(record, new Map());
    records.get(record).set(item.dataset.item, item);
  }

  /* ---- values, as the server would read them ---- */
  function valueOf(item) {
    const boxes = Array.from(item.querySelectorAll("input[type=checkbox][data-key]:checked"));
    if (item.dataset.control === "checks") return boxes.map((box) => box.value);
    const radio = item.querySelector(".ctl > .seg input[type=radio]:checked");
    if (item.dataset.control === "buttons" || item.dataset.control === "steps") return radio ? radio.value : "";
    if (item.dataset.control === "parts") {
      return Array.from(item.querySelectorAll(".ctl > .in-row input")).map((i) => i.value.trim()).join("-").replace(/-+$/, "");
    }
    const box = item.querySelector(".ctl select, .ctl .in-row input, .ctl textarea");
    return box ? box.value.trim() : "";
  }

  const elsewhere = JSON.parse(page.dataset.elsewhere || "{}");
  function known(record, name) {
    const item = records.get(record).get(name);
    if (!item) return name in elsewhere ? elsewhere[name] : "";
    return item.hidden ? "" : valueOf(item);
  }
  const blank = (value) => value === "" || value === null || value === undefined || value.length === 0;
  const same = (value, code) => Array.isArray(value) ? value.length === 1 && value[0] === code : String(value) === String(code);
  function compare(sign, left, right) {
    const numbers = !isNaN(Number(left)) && !isNaN(Number(right));
    const [a, b] = numbers ? [Number(left), Number(right)] : [String(left), String(right)];
    if (sign === "=") return numbers ? a === b : same(left, right);
    if (sign === "<>") return numbers ? a !== b : !same(left, right);
    return { "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b }[sign];
  }
  function holds(rule, record) {
    const sign = rule[0];
    if (sign === "and") return rule.slice(1).every((part) => holds(part, record));
    if (sign === "or") return rule.slice(1).some((part) => holds(part, record));
    const value = known(record, rule[1]);
    if (sign === "present" || sign === "blank") return blank(value) === (sign === "blank");
    const others = (rule[3] || []).map((name) => known(record, name));
    if (blank(value) || others.some(blank)) return false;
    if (sign === "in") return rule[2].some((code) => same(value, code));
    if (sign === "contains") return rule[2].some((code) => [].concat(value).includes(code));
    if (sign === "is") return rule[2].includes(String(value).replace(/[0-9]+$/, ""));
    if (sign === "outside") return Number(value) < Number(others[0]) || Number(value) > Number(others[1]);
    return compare(sign, value, others.length ? others[0] : rule[2][0]);
  }
  /* A reader's page has no boxes to ask: the server has decided what stands there. */
  const editable = page.querySelector(".savebar") !== null;
  function ask() {
    if (!editable) return;
    for (const [record, named] of records) {
      for (const item of named.values()) {
        if (item.dataset.showif) item.hidden = !holds(JSON.parse(item.dataset.showif), record);
      }
    }
  }

  /* ---- the study day beside a date; "not after" and windows are the server's business ---- */
  function days() {
    const day0 = elsewhere.proc_date ? Date.parse(elsewhere.proc_date) : NaN;
    page.querySelectorAll("[data-day]").forEach((hint) => {
      const typed = hint.parentElement.querySelector("input").value.trim();
      const date = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(typed) ? Date.parse(typed) : NaN;
      hint.textContent = isNaN(day0) || isNaN(date) ? "" : page.dataset.day.replace("{n}", Math.round((date - day0) / 86400000));
    });
  }

  /* ---- what is not in the record yet ---- */
  const state = page.querySelector("[data-state]");
  const reason = page.querySelector("[data-reason]");
  const opened = new Map(items.map((item) => [item, snapshot(item)]));
  function snapshot(item) {
    const missing = item.querySelector(".missing input[type=radio]:checked");
    return JSON.stringify([valueOf(item), missing ? missing.value : ""]);
  }
  let sending = false;
  function changed() { return items.filter((item) => opened.get(item) !== snapshot(item)); }
  function tell() {
    days();
    const moved = changed();
    const stored = moved.filter((item) => opened.get(item) !== '["",""]' && opened.get(item) !== '[[],""]');
    if (state) {
      state.textContent = moved.length ? page.dataset.changed.replace("{n}", moved.length) : page.dataset.unchanged;
      state.classList.toggle("t-warn", moved.length > 0);
    }
    if (reason) reason.hidden = !stored.length && !reason.classList.contains("asked");
  }
  page.addEventListener("input", () => { ask(); tell(); });
  page.addEventListener("change", () => { ask(); tell(); });
  page.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!sending && changed().length) event.preventDefault();
  });

  /* ---- a value and a missing reason exclude each other ---- */
  page.addEventListener("change", (event) => {
    const row = event.target.closest("[data-item]");
    if (!row || !event.target.closest(".missing")) {
      const none = row && row.querySelector(".missing input[value='']");
      if (none && !blank(valueOf(row))) none.checked = true;
      return;
    }
    if (event.target.value) {
      row.querySelectorAll(".ctl > .seg input:checked").forEach((input) => { input.checked = false; });
      row.querySelectorAll(".ctl > .in-row input, .ctl > .in-row select, .ctl > textarea").forEach((input) => { input.value = ""; });
    } else {
      row.querySelector(".missing").open = false;
    }
    tell();
  });

  /* ---- keys ---- */
  function typing(element) {
    return element && (element.tagName === "TEXTAREA" || element.tagName === "SELECT" ||
      (element.tagName === "INPUT" && !["radio", "checkbox", "submit", "button"].includes(element.type)));
  }
  function submit(then) {
    const button = page.querySelector(`button[name=then][value=${then}]`);
    if (button) page.requestSubmit(button);
  }
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); submit("stay"); return; }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") { event.preventDefault(); submit("next"); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = document.activeElement && document.activeElement.closest("[data-item]");
    if (!row || typing(document.activeElement)) return;
    const group = document.activeElement.closest(".missing") ? ".missing" : ".ctl > .seg";
    if (event.key === "-" ) {
      const missing = row.querySelector(".missing");
      if (missing) { event.preventDefault(); missing.open = true; missing.querySelector("input").focus(); }
      return;
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      row.querySelectorAll(".ctl > .seg input:checked").forEach((input) => { input.checked = false; });
      ask(); tell();
      return;
    }
    const wanted = Array.from(row.querySelectorAll(`${group} input[data-key]`))
      .find((input) => input.dataset.key && input.dataset.key.toLowerCase() === event.key.toLowerCase());
    if (wanted) { event.preventDefault(); wanted.focus(); wanted.click(); return; }
    const said = { v: "confirmed", x: "not_available" }[event.key.toLowerCase()];
    const reply = said && row.querySelector(`.thread .ans button[value=${said}]`);
    if (reply) { event.preventDefault(); reply.click(); }
  });

  /* ---- asking about an item (monitor) ---- */
  document.querySelectorAll("[data-raise]").forEach((link) => link.addEventListener("click", () => {
    const choice = document.getElementById("raise-item");
    if (choice) choice.value = link.dataset.raise;
  }));

  ask();
  tell();
  const first = page.querySelector(".item.erred input, .item.erred select, .item.erred textarea");
  if (first) first.focus();
})();
