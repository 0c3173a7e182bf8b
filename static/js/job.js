/* Progress of a job, asked once a second until it has ended. Without this script: reload the page. */
(function () {
  "use strict";
  const PAUSE = 1000;
  const LONGEST_PAUSE = 15000;

  function show(section, job) {
    const part = (name) => section.querySelector(`[data-job-${name}]`);
    section.dataset.state = job.state;
    part("words").textContent = job.state_words;
    part("message").textContent = job.message;
    part("count").textContent = job.total ? `${job.done} / ${job.total}` : "";
    const bar = part("progress");
    if (job.percent === null) bar.removeAttribute("value");
    else bar.value = job.percent;
    if (job.url) {
      part("link").href = job.url;
      part("result").hidden = false;
    }
    if (job.ended) section.dispatchEvent(new CustomEvent("job-ended", { bubbles: true, detail: job }));
  }

  function follow(section) {
    let pause = PAUSE;
    const ask = async () => {
      if (!section.isConnected) return;
      try {
        const answer = await fetch(section.dataset.job, { headers: { Accept: "application/json" } });
        if (answer.status === 404 || answer.redirected) return;
        if (!answer.ok) throw new Error(String(answer.status));
        const job = await answer.json();
        show(section, job);
        if (job.ended) return;
        pause = PAUSE;
      } catch {
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
      setTimeout(ask, pause);
    };
    section.dataset.followed = "yes";
    setTimeout(ask, pause);
  }

  function start(root) {
    for (const section of root.querySelectorAll("[data-job]:not([data-followed])")) {
      if (section.dataset.state !== "DONE" && section.dataset.state !== "DEAD") follow(section);
    }
  }
  start(document);
  document.addEventListener("htmx:load", () => start(document));
})();
