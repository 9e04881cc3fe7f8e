// Passkeys: <form data-passkey="create" or "get"> with what is to be signed in <script id="passkey-options">, or at the
// address of data-options, and a hidden input named credential. Without them the form says so: [data-passkey-missing].
"use strict";
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const listed = (credentials) => (credentials || []).map((known) => ({ ...known, id: bytes(known.id) }));

  const answered = (credential, response) => ({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
    clientExtensionResults: credential.getClientExtensionResults(),
  });

  // A passkey that can name its owner signs in alone; one that cannot is still a second step.
  const create = async ({ publicKey }) => {
    const credential = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: listed(publicKey.excludeCredentials),
        authenticatorSelection: {
          ...publicKey.authenticatorSelection,
          residentKey: "preferred",
          requireResidentKey: false,
        },
      },
    });
    return answered(credential, { attestationObject: text(credential.response.attestationObject) });
  };

  const get = async ({ publicKey }) => {
    const credential = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        allowCredentials: listed(publicKey.allowCredentials),
      },
    });
    const { authenticatorData, signature, userHandle } = credential.response;
    return answered(credential, {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  };

  const options = async (form) => {
    if (!form.dataset.options) return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`No passkey may be asked for now: ${answer.status}`);
    return (await answer.json()).request_options;
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const show = (part, shown) => {
      for (const found of form.querySelectorAll(`[data-passkey-${part}]`)) found.hidden = !shown;
    };
    const able = Boolean(window.PublicKeyCredential && navigator.credentials);
    show("missing", !able);
    show("able", able);
    const sign = async (event) => {
      event.preventDefault();
      show("failed", false);
      try {
        const act = form.dataset.passkey === "create" ? create : get;
        form.elements.credential.value = JSON.stringify(await act(await options(form)));
        form.submit();
      } catch {
        show("failed", true);
      }
    };
    form.addEventListener("submit", sign);
    for (const button of form.querySelectorAll("button[type=button]")) button.addEventListener("click", sign);
  }
})();
