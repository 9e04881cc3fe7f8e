// A form marked data-unsaved asks before it is left with changes that were not saved.
"use strict";
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  const state = () => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));
  // A form that comes back with errors holds changes already.
  const saved = form.dataset.unsaved === "changed" ? "" : state();
  let sent = false;
  form.addEventListener("submit", () => (sent = true));
  window.addEventListener("beforeunload", (event) => {
    if (!sent && state() !== saved) event.preventDefault();
  });
}
