/* The items of a CRF page and their values, as the server would read them. The other scripts of the page share
   `window.crf`. Without them the page still works: the server decides what is asked and says what is missing. */
(function () {
  "use strict";
  const page = document.querySelector("[data-crf]");
  const items = Array.from(page.querySelectorAll("[data-item]"));
  const records = new Map();
  for (const item of items) {
    const record = recordOf(item);
    if (!records.has(record)) records.set(record, new Map());
    records.get(record).set(item.dataset.item, item);
  }

  function recordOf(item) { return item.closest(".record") || page; }

  function valueOf(item) {
    const control = item.dataset.control;
    if (control === "checks") {
      return Array.from(item.querySelectorAll("input[type=checkbox][data-key]:checked"), (box) => box.value);
    }
    if (control === "buttons" || control === "steps") {
      const radio = item.querySelector(".ctl > .seg input[type=radio]:checked");
      return radio ? radio.value : "";
    }
    if (control === "parts") {
      return Array.from(item.querySelectorAll(".ctl > .in-row input"), (box) => box.value.trim()).join("-").replace(/-+$/, "");
    }
    const box = item.querySelector(".ctl select, .ctl .in-row input, .ctl textarea");
    return box ? box.value.trim() : "";
  }

  function snapshot(item) {
    const missing = item.querySelector(".missing input[type=radio]:checked");
    return JSON.stringify([valueOf(item), missing ? missing.value : ""]);
  }

  const blank = (value) => value === "" || value === null || value === undefined || value.length === 0;

  window.crf = {
    page, items, records, recordOf, valueOf, snapshot, blank,
    elsewhere: JSON.parse(page.dataset.elsewhere || "{}"),
    words: (document.getElementById("crf-words") || { dataset: {} }).dataset,
    editable: page.querySelector(".savebar") !== null,
    hasReason: (item) => item.querySelector(".missing input[type=radio]:checked:not([value=''])") !== null,
    typing: (at) => Boolean(at) && (at.tagName === "TEXTAREA" || at.tagName === "SELECT" ||
      (at.tagName === "INPUT" && !["radio", "checkbox", "submit", "button"].includes(at.type))),
  };
})();
