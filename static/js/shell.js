/* The top bar: "/" goes to the subject search, the menu opens on narrow screens, open panels close on Escape. */
(function () {
  "use strict";
  const menu = document.querySelector("[data-menu]");
  const places = document.getElementById("places");
  if (menu && places) {
    menu.addEventListener("click", () => {
      const open = places.classList.toggle("open");
      menu.setAttribute("aria-expanded", String(open));
    });
  }
  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && (at.tagName === "TEXTAREA" || at.tagName === "SELECT" ||
      (at.tagName === "INPUT" && !["radio", "checkbox"].includes(at.type)));
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const box = document.getElementById("goto");
      if (box) { event.preventDefault(); box.focus(); }
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.who[open], details.remove[open]").forEach((box) => { box.open = false; });
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.who[open]").forEach((box) => {
      if (!box.contains(event.target)) box.open = false;
    });
  });
})();
