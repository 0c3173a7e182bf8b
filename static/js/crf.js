/* The start of a CRF page, after the scripts that it is made of: what is asked, what is open, where the hand begins. */
(function () {
  "use strict";
  const { page, items, ask, tell, dates, moving } = window.crf;

  document.querySelectorAll("[data-raise]").forEach((link) => link.addEventListener("click", () => {
    const choice = document.getElementById("raise-item");
    if (choice) choice.value = link.dataset.raise;
  }));

  ask();
  tell();
  dates.tell();
  moving.tell();
  const named = items.find((item) => `#${item.id}` === window.location.hash);
  if (page.querySelector(".item.erred") || window.location.hash === "#go") moving.toProblem();
  else if (named) moving.focus(named);
})();
