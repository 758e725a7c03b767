/** The first step: where one is, and who the patient is. */

import { el, fill, icon } from "./dom.js";

// What a consumable carries: a GTIN, alone or in front of more; symbols that hold nothing but GS1 data.
const OF_ITEMS = [/^\d{12,14}$/, /^01\d{14}/, /^\](?:C1|d2|Q3|J1|e\d|E\d|I1)/];

/** The reference on a wristband, or null if this cannot be one. */
export function wristbandOf(raw, { pattern, labels }) {
  // A symbology identifier in front, an input method's wide letters: neither is the reference.
  const folded = raw.normalize("NFKC").trim();
  const text = folded.replace(/^\][A-Za-z][0-9]/, "");
  const others = [...OF_ITEMS, new RegExp(`^(?:${labels})$`)];
  if (others.some((one) => one.test(text) || one.test(folded))) return null;
  return new RegExp(`^(?:${pattern})$`).test(text) ? text : null;
}

/** The bar that stands on every step. */
export function patientBar(patient, { words, place, onnext }) {
  const hue = [...patient.ref].reduce((total, one) => (total * 31 + one.codePointAt(0)) % 6, 7);
  return el(
    "div",
    { class: `patient hue${hue}` },
    el("span", { class: "bed" }, icon("bed"), patient.bed || "—"),
    el(
      "span",
      { class: "person" },
      el("b", {}, patient.name || words.no_name),
      el("span", { class: "ref" }, patient.ref),
      patient.confirmed ? null : el("small", {}, icon("warn"), words.unconfirmed),
    ),
    el("span", { class: "where" }, place),
    el("button", { type: "button", class: "btn next", onclick: onnext }, words.next_patient, icon("next")),
  );
}

/** The whole first step. `state`: {places, place, patients, asked}; `act`: {place, choose, confirm, again}. */
export function firstStep(state, { words, act }) {
  return el(
    "div",
    { class: "first" },
    el(
      "section",
      { class: "card ask" },
      place(state, words, act),
      state.asked
        ? confirmation(state.asked, words, act)
        : el(
            "div",
            { class: "call" },
            icon("wristband"),
            el("h1", {}, words.scan_wristband),
            el("p", {}, words.scan_wristband_how),
          ),
    ),
    ward(state, words, act),
  );
}

function place(state, words, act) {
  const options = state.places.map((one) =>
    el("option", { value: one.code, selected: one.code === state.place?.code }, one.name),
  );
  const none = el("option", { value: "", disabled: true, selected: !state.place }, words.choose_place);
  return el(
    "label",
    { class: "place" },
    words.place,
    el(
      "select",
      {
        class: "form-select",
        id: "place",
        onchange: (event) => {
          event.target.blur();
          act.place(event.target.value);
        },
      },
      none,
      options,
    ),
  );
}

/** A reference nobody knows may be a late HIS, or not a wristband at all: a person decides. */
function confirmation(asked, words, act) {
  return el(
    "div",
    { class: "call", role: "alertdialog", "aria-label": words.is_it_wristband },
    icon("question"),
    el("h1", {}, asked.ref),
    el("p", {}, words[asked.why]),
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "btn btn-primary", onclick: () => act.confirm(asked) }, words.yes_go_on),
      el("button", { type: "button", class: "btn secondary", onclick: act.again }, words.scan_other),
    ),
  );
}

function ward(state, words, act) {
  if (!state.place) return null;
  const list = state.patients.map((one) =>
    el(
      "li",
      {},
      el(
        "button",
        { type: "button", onclick: () => act.choose(one.ref), "data-ref": one.ref },
        el("b", { class: "bed" }, one.bed || "—"),
        el("span", { class: "person" }, one.name || words.no_name, el("small", {}, one.ref)),
        one.open_orders ? el("span", { class: "chip" }, fill(words.open_orders, { n: one.open_orders })) : null,
        icon("open"),
      ),
    ),
  );
  return el(
    "section",
    { class: "card ward" },
    el("h2", {}, words.or_choose),
    list.length ? el("ul", {}, list) : el("p", { class: "hint" }, words.nobody_here),
  );
}
