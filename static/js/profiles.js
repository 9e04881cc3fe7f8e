// Shows, on a form of rights, what the chosen way asks for: a profile and what it would do, or boxes. <… data-profile="way profile"> is how it began.
"use strict";
for (const part of document.querySelectorAll("[data-profile]")) {
  const { way, profile } = part.closest("form").elements;
  const [begun, had] = part.dataset.profile.split(" ");
  const boxes = part.parentElement.querySelectorAll(":scope > .rights");
  const contents = part.querySelector(".profile-contents");
  const show = () => {
    const same = profile.value === had && (way.value === begun || way.value === "copied");
    profile.closest(".field").hidden = way.value === "own";
    for (const box of boxes) box.hidden = way.value !== "own" && !same;
    contents.open = way.value !== "own" && !same;
    for (const each of contents.querySelectorAll("[data-of]")) {
      each.hidden = contents.open && profile.value !== "" && each.dataset.of !== profile.value;
    }
  };
  part.addEventListener("change", show);
  show();
}
