// A file may be dropped on the frame around its input: <div data-drop>. Without JavaScript the input alone does it.
"use strict";
for (const frame of document.querySelectorAll("[data-drop]")) {
  const input = frame.querySelector("input[type=file]");
  const over = (yes) => frame.classList.toggle("drop--over", yes);
  frame.querySelector("[data-drop-says]").hidden = false;
  frame.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  frame.addEventListener("dragleave", (event) => over(frame.contains(event.relatedTarget)));
  frame.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    const one = new DataTransfer();
    for (const file of [...event.dataTransfer.files].slice(0, 1)) one.items.add(file);
    if (!one.files.length) return;
    input.files = one.files;
    input.focus();
  });
}
// A page brought back from the browser's memory bears the token of the file already sent.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
