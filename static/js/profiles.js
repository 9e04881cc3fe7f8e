// Shows, on a form of rights, what the chosen way asks for: a profile, or boxes. <… data-profile="way profile"> is how it began.
"use strict";
for (const part of document.querySelectorAll("[data-profile]")) {
  const { way, profile } = part.closest("form").elements;
  const [begun, had] = part.dataset.profile.split(" ");
  const boxes = part.parentElement.querySelectorAll(":scope > .rights");
  const show = () => {
    const same = profile.value === had && (way.value === begun || way.value === "copied");
    profile.closest(".field").hidden = way.value === "own";
    for (const box of boxes) box.hidden = way.value !== "own" && !same;
  };
  part.addEventListener("change", show);
  show();
}
