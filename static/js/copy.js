// Copies a key: <button data-copy="value" data-done="Copied" data-refused="Not copied" hidden>. Without JavaScript, or
// where the browser refuses, the value is selected by hand.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  const word = button.querySelector("[data-copy-word]") || button;
  const before = word.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      word.textContent = button.dataset.done;
    } catch {
      word.textContent = button.dataset.refused;
    }
    setTimeout(() => (word.textContent = before), 2500);
  });
}
