// What every page needs beside htmx. Without it everything still works.
"use strict";
(() => {
  // The browser's time zone, so that times are shown in it where none was chosen.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `zone=${zone};path=/;max-age=31536000;samesite=lax`;

  // Signed out in the meantime: go and sign in. Errors of the server are said, not swallowed.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 401) location.reload();
    // Answers to what was typed wrong (4xx with a fragment) are shown in place.
    if (xhr.status >= 400 && xhr.status < 500 && xhr.getResponseHeader("X-Part")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // Whoever reads something closely should not have it replaced under their hands: what refreshes
  // by itself (data-calm) waits while a part of it is selected, opened or has the focus.
  document.addEventListener("htmx:confirm", (event) => {
    const target = event.detail.target;
    if (!event.detail.triggeringEvent || !target || !target.closest("[data-calm]")) return;
    const polled = event.detail.elt.getAttribute("hx-trigger") || "";
    if (!polled.includes("every")) return;
    const chosen = document.getSelection();
    const selecting = chosen && !chosen.isCollapsed && target.contains(chosen.anchorNode);
    const typing = target.contains(document.activeElement) && document.activeElement !== target;
    if (document.hidden || selecting || typing || target.querySelector("details[open]")) event.preventDefault();
  });

  // Tables that are wider than their place can be moved by keyboard.
  const reachable = () => {
    for (const wide of document.querySelectorAll(".table-responsive")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    }
  };
  document.addEventListener("DOMContentLoaded", reachable);
  document.addEventListener("htmx:load", reachable);
  window.addEventListener("resize", reachable);

  // Copy buttons: <button data-copy="#id">.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText.trim());
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  });

  // The finder closes when it is left.
  const finder = document.querySelector(".finder");
  if (finder) {
    const close = () => { finder.querySelector("#found").innerHTML = ""; };
    finder.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    finder.addEventListener("focusout", (event) => {
      if (!finder.contains(event.relatedTarget)) setTimeout(close, 150);
    });
  }
})();
