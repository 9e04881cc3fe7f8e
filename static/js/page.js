// What every page does: announce and close its messages, show a password, say when the server does not answer.
"use strict";
(() => {
  const messages = document.getElementById("messages");

  for (const button of document.querySelectorAll("[data-dismiss]")) button.hidden = false;

  // A live region speaks only of what comes into it after the page is read: put the messages back once.
  if (messages && messages.childElementCount) {
    const read = [...messages.children];
    messages.replaceChildren();
    setTimeout(() => messages.replaceChildren(...read), 120);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (!button) return;
    button.closest(".notice").remove();
    document.querySelector("main")?.focus({ preventScroll: true });
  });

  // An answer to correct, on a page too short for a summary of them.
  if (!document.querySelector("[autofocus]")) document.querySelector("main [aria-invalid=true]")?.focus();

  // Where tabs are wider than the screen, the present one is seen.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const list = tab.closest("ul");
    list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2;
  }

  for (const button of document.querySelectorAll("[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    const words = [button.textContent, button.dataset.hide];
    button.hidden = false;
    button.addEventListener("click", () => {
      const hidden = input.type === "password";
      input.type = hidden ? "text" : "password";
      button.textContent = words[Number(hidden)];
      button.setAttribute("aria-pressed", String(hidden));
    });
  }

  // The key / leads to the first search field of the page, except from where one types; a person can do without it
  // (My data), and their pages then bear no mark of it. Shift is no modifier here: French keyboards type / with it.
  const keys = [...document.querySelectorAll("main [data-search-key]")];
  const key = keys.find((each) => each.parentElement.checkVisibility?.() ?? true);
  const field = key?.parentElement.querySelector("input");
  if (field) {
    key.hidden = false;
    field.title = key.dataset.searchKey;
    field.setAttribute("aria-keyshortcuts", "/");
  }
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
    if (event.key !== "/" || modified || !field?.isConnected) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });

  // What is asked for stays in the address; what is not stays out of it.
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  const say = (id) => {
    const template = document.getElementById(id);
    if (template && messages) messages.replaceChildren(template.content.cloneNode(true));
  };
  document.addEventListener("htmx:sendError", () => say("message-unreachable"));
  document.addEventListener("htmx:timeout", () => say("message-unreachable"));

  // A fragment that answers with a refusal or with the sign-in page: load the page itself, it says what to do.
  document.addEventListener("htmx:responseError", () => location.reload());
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = new URL(event.detail.xhr.responseURL || location.href);
    if (!answered.pathname.startsWith("/auth/")) return;
    event.detail.shouldSwap = false;
    location.reload();
  });
})();
