// Rows and the bar that acts on them: the head box ticks the page, "all that match" goes beyond it, the count follows.
"use strict";
(() => {
  const parts = (form) => ({
    rows: [...form.querySelectorAll("input[data-select]")],
    page: form.querySelector("input[data-select-page]"),
    all: form.querySelector("input[data-select-all]"),
    bar: form.querySelector("[data-select-bar]"),
    count: form.querySelector("[data-select-count]"),
  });

  const sync = (form) => {
    const { rows, page, all, bar, count } = parts(form);
    const chosen = rows.filter((row) => row.checked).length;
    const everything = Boolean(all && all.checked);
    const number = everything ? Number(all.dataset.selectAll) : chosen;
    if (page) {
      page.checked = chosen > 0 && chosen === rows.length;
      page.indeterminate = chosen > 0 && chosen < rows.length;
    }
    if (bar) bar.hidden = number === 0;
    if (count) {
      const words = number === 1 ? count.dataset.one : count.dataset.many;
      count.textContent = words.replace("{n}", number.toLocaleString(document.documentElement.lang));
    }
  };

  const start = () => {
    for (const form of document.querySelectorAll("form[data-selection]")) {
      const { page } = parts(form);
      if (page) page.closest("label").hidden = false;
      sync(form);
    }
  };

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-selection]");
    if (!form) return;
    const { rows, all } = parts(form);
    if (event.target.matches("[data-select-page]")) {
      for (const row of rows) row.checked = event.target.checked;
    }
    if (!event.target.matches("[data-select-all]") && all) all.checked = false;
    sync(form);
  });
  document.addEventListener("htmx:afterSettle", start);
  window.addEventListener("pageshow", start);
  start();
})();
