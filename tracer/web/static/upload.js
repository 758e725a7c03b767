// A form with a large file: shows how much of it is sent, then goes where the server leads.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const bar = form.querySelector("[data-sending]");
  const refused = form.querySelector("[data-refused]");
  const stay = (event) => event.preventDefault();
  let request = null;

  const rest = (sending) => {
    bar.hidden = !sending;
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = sending;
    if (sending) addEventListener("beforeunload", stay);
    else removeEventListener("beforeunload", stay);
  };

  const say = (text) => {
    rest(false);
    refused.textContent = text;
    refused.hidden = false;
  };

  const reason = (text) => {
    const answer = new DOMParser().parseFromString(text, "text/html");
    return answer.querySelector(".refused:not([hidden]), .message .lead")?.textContent.trim();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    refused.hidden = true;
    request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (sent) => {
      const share = sent.lengthComputable ? sent.loaded / sent.total : 0;
      bar.querySelector("progress").value = share;
      bar.querySelector("[data-share]").textContent = `${Math.floor(share * 100)} %`;
    });
    request.addEventListener("load", () => {
      if (request.status >= 400) return say(reason(request.responseText) || refused.dataset.broken);
      rest(false);
      location.assign(request.responseURL);
    });
    request.addEventListener("error", () => say(refused.dataset.broken));
    request.addEventListener("abort", () => rest(false));
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(new FormData(form));
    rest(true);
  });

  form.querySelector("[data-cancel]").addEventListener("click", () => request?.abort());
}
