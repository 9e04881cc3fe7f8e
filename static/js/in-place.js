// A form that took the place of what it changes: Esc gives back what was there, as its cross does; changes are asked about first.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const form = event.target instanceof Element ? event.target.closest("[data-in-place]") : null;
  const cancel = form?.querySelector("[data-cancel]");
  if (!cancel) return;
  event.preventDefault();
  if (form.dispatchEvent(new Event("unsaved:leave", { bubbles: true, cancelable: true }))) cancel.click();
});
