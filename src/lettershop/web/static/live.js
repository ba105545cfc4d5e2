// Fetches the middle of the live page again every two seconds. Without it the page still works.
"use strict";
(() => {
  const EVERY = 2000;
  const live = document.getElementById("live");
  const pulse = document.getElementById("pulse");
  const pause = document.getElementById("pause");
  let paused = false;

  const say = (text) => {
    if (pulse.textContent !== text) pulse.textContent = text; // read aloud only when it changes
  };

  // Whoever is reading something closely should not have it replaced under their hands.
  const busy = () => {
    const selection = document.getSelection();
    const selecting = selection && !selection.isCollapsed && live.contains(selection.anchorNode);
    const opened = live.querySelector(".refusals details[open]");
    return document.hidden || selecting || opened || live.contains(document.activeElement);
  };

  const refresh = async () => {
    if (!paused && !busy()) {
      try {
        const headers = { "X-Requested-With": "fetch" };
        const answer = await fetch(live.dataset.from + location.search, { headers });
        if (answer.status === 401) return say("You are signed out: load the page again.");
        if (!answer.ok) throw new Error(answer.statusText);
        live.innerHTML = await answer.text();
        say("refreshes by itself");
      } catch {
        say("the server does not answer; trying again");
      }
    }
    setTimeout(refresh, EVERY);
  };

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    say(paused ? "stands still" : "refreshes by itself");
  });
  say("refreshes by itself");
  setTimeout(refresh, EVERY);
})();
