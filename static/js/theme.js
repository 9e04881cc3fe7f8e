// Light or dark, before the first paint: what the person chose on this device, else what the device prefers.
"use strict";
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const read = () => {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  };
  const write = (choice) => {
    try {
      localStorage.setItem("theme", choice);
    } catch {
      // A browser that keeps nothing still gets its theme for this page.
    }
  };
  const show = (choice) => {
    const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.documentElement.dataset.bsTheme = theme;
    for (const button of document.querySelectorAll("[data-theme-choice] button")) {
      button.setAttribute("aria-pressed", String(button.value === choice));
    }
  };

  show(read());
  dark.addEventListener("change", () => show(read()));
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-theme-choice]")) {
      group.hidden = false;
      group.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (!button) return;
        write(button.value);
        show(button.value);
      });
    }
    show(read());
  });
})();
