// Says, before a form of rights is saved, what the person would gain and lose: <p data-gains="…" data-losses="…">.
"use strict";
for (const says of document.querySelectorAll("[data-gains]")) {
  const form = says.closest("form");
  const rights = [...form.querySelectorAll(".rights input")].filter((input) => input.value);
  const name = (input) => {
    const label = input.labels[0].textContent.trim();
    const scope = input.closest(".scope");
    return scope ? `${scope.querySelector("legend").textContent.trim()} – ${label}` : label;
  };
  const sentence = (word, changed) => (changed.length ? [`${word} ${changed.map(name).join(", ")}.`] : []);
  form.addEventListener("change", () => {
    const gained = rights.filter((input) => input.checked && !input.defaultChecked);
    const lost = rights.filter((input) => !input.checked && input.defaultChecked);
    says.textContent = [...sentence(says.dataset.gains, gained), ...sentence(says.dataset.losses, lost)].join(" ");
  });
}
