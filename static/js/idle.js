// Whoever manages people is asked for the password after a while without a request. What is done on a page counts
// as one; stillness is warned of two minutes before.
"use strict";
for (const warning of document.querySelectorAll("[data-idle]")) {
  const limit = Number(warning.dataset.idle) * 1000;
  let asked = Date.now();
  const stay = () => {
    asked = Date.now();
    warning.hidden = true;
    fetch(warning.dataset.alive, { method: "HEAD", redirect: "manual" }).catch(() => {});
  };
  for (const sign of ["keydown", "pointerdown"]) {
    addEventListener(sign, () => Date.now() - asked > limit / 6 && stay());
  }
  setInterval(() => (warning.hidden = Date.now() - asked < limit - 120000), 5000);
}
