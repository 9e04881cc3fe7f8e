// A form marked data-unsaved, also one that took the place of a row, asks before it is left with changes that were not saved.
"use strict";
(() => {
  const begun = new Map();
  const sent = new WeakSet();
  const state = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  // A form that comes back with errors holds changes already.
  const watch = (part) => {
    for (const form of part.querySelectorAll("form[data-unsaved]")) {
      begun.set(form, form.dataset.unsaved === "changed" ? "" : state(form));
    }
  };

  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.target));
  document.addEventListener("submit", (event) => sent.add(event.target));
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => sent.delete(event.target));
  }
  document.addEventListener("unsaved:leave", (event) => {
    const form = event.target;
    if (begun.has(form) && state(form) !== begun.get(form) && !window.confirm(form.dataset.leave)) event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => {
    for (const [form, was] of begun) {
      if (form.isConnected && !sent.has(form) && state(form) !== was) event.preventDefault();
    }
  });
})();
