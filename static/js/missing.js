/* A value and a reason for having none exclude each other. */
(function () {
  "use strict";
  const { page, valueOf, blank } = window.crf;

  function empty(item) {
    item.querySelectorAll("input[type=radio]:checked, input[type=checkbox][data-key]:checked").forEach((input) => {
      if (!input.closest(".missing")) input.checked = false;
    });
    item.querySelectorAll(".ctl > .in-row input, .ctl > .in-row select, .ctl > select, .ctl > textarea").forEach((input) => {
      input.value = "";
    });
  }

  page.addEventListener("change", (event) => {
    const item = event.target.closest("[data-item]");
    if (!item) return;
    if (!event.target.closest(".missing")) {
      const none = item.querySelector(".missing input[value='']");
      if (none && !blank(valueOf(item))) none.checked = true;
      return;
    }
    if (event.target.value) empty(item);
    else item.querySelector(".missing").open = false;
  });
  window.crf.empty = empty;
})();
