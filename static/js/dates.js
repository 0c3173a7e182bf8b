/* Dates as they are typed: read back in ISO order beside the box, with the study day and the visit's window. What is
   in the box stays as it was typed; the server reads it again (visits/items/parsing.py) and has the last word. */
(function () {
  "use strict";
  const { page, elsewhere, words } = window.crf;
  const FULL = /^(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})|(\d{4})年(\d{1,2})月(\d{1,2})[日号])$/;
  const PART = /^(?:(\d{4})(?:[-/.]?(\d{2})|[-/.](\d))?|(\d{4})年(?:(\d{1,2})月)?)$/;
  const SHORT_YEAR = /^\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
  const CLOCK = /^(?:(\d{1,2}):(\d{2})(?::(\d{2}))?|(\d{2})(\d{2})|(\d{1,2})[时点](\d{2})分)$/;
  const DAY = 86400000;

  function numbers(match) { return match.slice(1).filter((part) => part && /^\d+$/.test(part)).map(Number); }

  function iso(year, month = 1, day = 1) {
    const date = new Date(Date.UTC(year, month - 1, day));
    const real = year >= 1900 && year <= 2100 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    return real ? date.toISOString().slice(0, 10) : "";
  }

  function readDate(text) {
    const match = FULL.exec(text);
    return match ? iso(...numbers(match)) : "";
  }

  function readPart(text) {
    const match = SHORT_YEAR.test(text) ? null : PART.exec(text.replace(/(?:-UN){1,2}$/, ""));
    if (!match) return SHORT_YEAR.test(text) ? "" : readDate(text);
    const parts = numbers(match);
    return iso(...parts).slice(0, parts.length === 1 ? 4 : 7);
  }

  function readMoment(text) {
    const apart = text.replace(/^(\d{8})(\d{4})$/, "$1 $2");
    const match = /^(.*?[\d日号])[T ]+(\d.*)$/.exec(apart);
    const clock = match && CLOCK.exec(match[2]);
    const day = match ? readDate(match[1]) : "";
    const [hour, minute, second = 0] = clock ? numbers(clock) : [24];
    if (!day || hour > 23 || minute > 59 || second > 59) return "";
    const two = (number) => String(number).padStart(2, "0");
    return `${day} ${two(hour)}:${two(minute)}` + (second ? `:${two(second)}` : "");
  }

  const day0 = elsewhere.proc_date ? Date.parse(elsewhere.proc_date) : NaN;
  const [first, last] = (elsewhere["visit window"] || []).map(Date.parse);
  const days = (from, to) => Math.round((to - from) / DAY);
  const say = (word, n) => (words[word] || "").replace("{n}", n);

  function placed(date, visit) {
    const said = isNaN(day0) ? [] : [say("day", days(day0, date))];
    if (visit && first) {
      if (date < first) said.push(say("before", days(date, first)));
      else if (date > last) said.push(say("after", days(last, date)));
      else said.push(say("within"));
    }
    return said;
  }

  function inWords(part) {
    const [year, month, day] = part.split("-").map(Number);
    const style = { year: "numeric", ...(month && { month: "long" }), ...(day && { day: "numeric" }), timeZone: "UTC" };
    return new Intl.DateTimeFormat(document.documentElement.lang, style).format(Date.UTC(year, (month || 1) - 1, day || 1));
  }

  const readers = { date: readDate, moment: readMoment };
  function tell() {
    page.querySelectorAll("[data-day]").forEach((hint) => {
      const item = hint.closest("[data-item]");
      const text = window.crf.valueOf(item);
      const part = item.dataset.control === "parts";
      const read = part ? readPart(text) : (readers[item.dataset.control] || readDate)(text);
      const busy = item.contains(document.activeElement);
      hint.classList.toggle("t-warn", Boolean(text) && !read && !busy);
      if (!read) { hint.textContent = text && !busy ? words.unread : ""; return; }
      if (part) { hint.textContent = (words.stored || "").replace("{date}", inWords(read)); return; }
      const said = placed(Date.parse(read.slice(0, 10)), item.dataset.control === "date" && !item.dataset.ahead);
      hint.textContent = (read === text ? said : [read, ...said]).join(" · ");
    });
  }

  page.addEventListener("input", tell);
  page.addEventListener("change", tell);
  page.addEventListener("focusout", () => window.setTimeout(tell));
  window.crf.dates = { readDate, readPart, readMoment, tell };
})();
