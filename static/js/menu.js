// Comfort for <details class="menu">: Esc and a click outside close it, arrows move, .menu--hover opens on hover.
"use strict";
(() => {
  const OPEN_AFTER = 120;
  const CLOSE_AFTER = 300;
  const menuOf = (target) => (target instanceof Element ? target.closest("details.menu") : null);
  const items = (menu) => [...menu.querySelectorAll(".menu__panel :is(a, button, input)")];

  const closeOthers = (kept) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== kept) menu.open = false;
  };

  document.addEventListener("click", (event) => closeOthers(menuOf(event.target)));
  document.addEventListener("focusin", (event) => closeOthers(menuOf(event.target)));

  document.addEventListener("keydown", (event) => {
    const menu = menuOf(event.target);
    if (!menu) {
      if (event.key === "Escape") closeOthers(null);
      return;
    }
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    menu.open = true;
    const all = items(menu);
    const now = all.indexOf(document.activeElement);
    const start = now < 0 && step < 0 ? 0 : now;
    all[(start + step + all.length) % all.length]?.focus();
  });

  // Hover is added only where a pointer can hover; a touch or a key still toggles the <details>.
  if (matchMedia("(hover: hover)").matches) {
    for (const menu of document.querySelectorAll("details.menu--hover")) {
      let timer = 0;
      let openedByHover = 0;
      const later = (open, delay) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (open && !menu.open) openedByHover = Date.now();
          menu.open = open;
        }, delay);
      };
      menu.addEventListener("pointerenter", () => later(true, OPEN_AFTER));
      menu.addEventListener("pointerleave", () => later(false, CLOSE_AFTER));
      menu.querySelector("summary").addEventListener("click", (event) => {
        clearTimeout(timer);
        // The click of a pointer that has just opened the menu by hovering must not close it again.
        if (Date.now() - openedByHover < 600) event.preventDefault();
      });
    }
  }
})();
