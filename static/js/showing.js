/* Questions appear when an answer asks for them: the show-if rules of the items, as the server evaluates them. */
(function () {
  "use strict";
  const { page, records, valueOf, elsewhere, editable, blank } = window.crf;

  function known(record, name) {
    const item = records.get(record).get(name);
    if (!item) return name in elsewhere ? elsewhere[name] : "";
    return item.hidden ? "" : valueOf(item);
  }

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

  const rules = [];
  for (const [record, named] of records) {
    for (const item of named.values()) {
      if (item.dataset.showif) rules.push([item, JSON.parse(item.dataset.showif), record]);
    }
  }

  /* A rule may read an item further down, so the rules are gone through until nothing moves. */
  function ask() {
    if (!editable) return; // a reader's page has no boxes to ask: the server has decided what stands there
    for (let moved = true, left = rules.length + 1; moved && left > 0; left -= 1) {
      moved = false;
      for (const [item, rule, record] of rules) {
        const hidden = !holds(rule, record);
        if (item.hidden !== hidden) { item.hidden = hidden; moved = true; }
      }
    }
  }

  page.addEventListener("input", ask);
  page.addEventListener("change", ask);
  window.crf.ask = ask;
})();
