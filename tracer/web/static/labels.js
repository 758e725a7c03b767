// The page of labels to print: what is chosen, how it will look, and what was printed meanwhile.
const form = document.getElementById("labels");
const all = document.getElementById("all");
const pieces = [...form.querySelectorAll("input[name=unit]")];
const specimen = document.getElementById("specimen");
const noSpecimen = document.getElementById("no-specimen");

const isSheet = () => "sheet" in form.stock.selectedOptions[0].dataset;

function showChoice() {
  const chosen = pieces.filter((one) => one.checked);
  document.getElementById("chosen").textContent = chosen.length ? `(${chosen.length})` : "";
  document.getElementById("print").disabled = chosen.length === 0;
  all.checked = chosen.length === pieces.length;
  all.indeterminate = chosen.length > 0 && chosen.length < pieces.length;
  const why = document.getElementById("why");
  if (why) why.hidden = !chosen.some((one) => one.dataset.printed !== "0");
}

function showPrinter() {
  const sheet = isSheet();
  for (const one of form.querySelectorAll(".choices [data-roll]")) one.hidden = sheet;
  for (const one of form.querySelectorAll(".choices [data-sheet]:not(option)")) one.hidden = !sheet;
  form.start.max = form.stock.selectedOptions[0].dataset.sheet || 1;
  if (sheet) form.querySelector("input[name=format][value=pdf]").checked = true;
  else form.start.value = 1;
  const wanted = new URL(specimen.dataset.src, location.href);
  for (const name of ["stock", "symbology", "dpi"]) wanted.searchParams.set(name, form[name].value);
  if (specimen.src !== wanted.href) specimen.src = wanted.href;
}

async function sayWhyNot() {
  specimen.hidden = true;
  const answer = await fetch(specimen.src, { headers: { Accept: "application/problem+json" } });
  const told = await answer.json().catch(() => ({}));
  noSpecimen.textContent = told.detail || "";
  noSpecimen.hidden = false;
}

specimen.addEventListener("error", sayWhyNot);
specimen.addEventListener("load", () => {
  specimen.hidden = false;
  noSpecimen.hidden = true;
});
all.addEventListener("change", () => {
  for (const one of pieces) one.checked = all.checked;
  showChoice();
});
form.addEventListener("change", (event) => {
  if (event.target.name === "unit") showChoice();
  else if (event.target.closest(".printer")) showPrinter();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = document.getElementById("print");
  const refused = document.getElementById("refused");
  button.disabled = true;
  refused.hidden = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      // Not as multipart, whose parts are limited to fewer than a delivery may have pieces.
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/problem+json" },
    });
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      throw new Error(told.detail || `${answer.status}`);
    }
    await save(answer);
    location.assign(form.dataset.again);
  } catch (error) {
    refused.querySelector("span").textContent = error instanceof TypeError ? form.dataset.away : error.message;
    refused.hidden = false;
    refused.scrollIntoView({ block: "nearest" });
    button.disabled = false;
  }
});

async function save(answer) {
  const link = document.createElement("a");
  link.download = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
  link.href = URL.createObjectURL(await answer.blob());
  link.click();
  // The browser begins to save before the page goes.
  await new Promise((done) => setTimeout(done, 300));
}

function show() {
  showChoice();
  showPrinter();
  form.dataset.ready = "";
}

show();
// Whoever comes back by the browser's arrow finds the boxes as they were left.
window.addEventListener("pageshow", show);
