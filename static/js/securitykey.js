/* A security key is asked by the browser: to be added, or at sign-in. What it answers goes with the form. */
(function () {
  "use strict";
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function made(options) {
    const asked = options.publicKey;
    const key = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: known(asked.excludeCredentials),
      },
    });
    return {
      ...described(key),
      response: {
        clientDataJSON: text(key.response.clientDataJSON),
        attestationObject: text(key.response.attestationObject),
      },
    };
  }

  async function given(options) {
    const asked = options.publicKey;
    const key = await navigator.credentials.get({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        allowCredentials: known(asked.allowCredentials),
      },
    });
    const said = key.response;
    return {
      ...described(key),
      response: {
        clientDataJSON: text(said.clientDataJSON),
        authenticatorData: text(said.authenticatorData),
        signature: text(said.signature),
        userHandle: said.userHandle ? text(said.userHandle) : null,
      },
    };
  }

  const described = (key) => ({
    id: key.id,
    rawId: text(key.rawId),
    type: key.type,
    authenticatorAttachment: key.authenticatorAttachment || null,
    clientExtensionResults: key.getClientExtensionResults(),
  });

  for (const button of document.querySelectorAll("[data-key]")) {
    const form = button.form;
    const trouble = document.getElementById("key-trouble");
    button.hidden = false;
    button.addEventListener("click", async () => {
      trouble.hidden = true;
      if (!form.reportValidity()) return;
      const options = JSON.parse(document.getElementById("key-options").textContent);
      button.disabled = true;
      try {
        const answer = await (button.dataset.key === "make" ? made(options) : given(options));
        form.elements.credential.value = JSON.stringify(answer);
        form.submit();
      } catch {
        trouble.hidden = false;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
