/** What a person has to choose from: codes in one picture, numbered there and listed below it. */

import { visible } from "./card.js";
import { el, fill, icon } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** The list: `list` of {choice, done}; `pick(one)` and `none()` are called when a person has decided. */
export function offered(list, { words, pick, none, nameOf }) {
  if (!list.length) return [];
  const heading = list.length > 1 ? fill(words.which, { n: list.length }) : words.is_it;
  return [
    el("h3", {}, heading),
    el("ol", {}, list.map((one, index) => item(one, list.length > 1 ? index + 1 : null, { words, pick, nameOf }))),
    el("button", { type: "button", class: "btn secondary none", onclick: none }, words.none_of_them),
  ];
}

function item(one, number, { words, pick, nameOf }) {
  const { choice } = one;
  const title = el("b", {}, titleOf(choice));
  const known = el("small", {}, factsOf(choice, words).join(" · "));
  if (choice.device && choice.reading.di) {
    nameOf(choice.reading).then((name) => {
      if (!name) return;
      title.replaceChildren(name);
      known.replaceChildren([choice.reading.di, ...factsOf(choice, words)].join(" · "));
    });
  }
  const button = el(
    "button",
    {
      type: "button",
      disabled: one.done,
      onclick: () => {
        button.disabled = true;
        pick(one);
      },
    },
    number ? el("span", { class: "number" }, String(number)) : null,
    el("span", { class: "what" }, title, known),
    one.done ? el("span", { class: "chip" }, words.done) : icon("open"),
  );
  return el("li", {}, button);
}

function titleOf(choice) {
  if (!choice.device) return visible(choice.text);
  return choice.reading.di ?? choice.reading.serial ?? visible(choice.text);
}

function factsOf(choice, words) {
  if (!choice.device) return [words.not_udi];
  const facts = ["lot", "serial", "expiry"].filter((name) => choice.reading[name]);
  const said = facts.map((name) => `${words[name]} ${choice.reading[name]}`);
  return choice.certain ? said : [...said, words.two_codes];
}

/** The codes' outlines in the picture, for those that count; numbered if there is a choice. */
export function outlines(body, choices, offer) {
  const names = offer.length > 1 ? offer.map((one) => one.choice.raw_b64) : [];
  return choices.flatMap((choice) => {
    const number = names.indexOf(choice.raw_b64) + 1;
    return choice.symbols.flatMap((place, index) => {
      const corners = body.symbols[place].position;
      if (!corners?.length) return [];
      const shapes = [shape("polygon", { points: corners.map((corner) => corner.join(",")).join(" ") })];
      if (number && index === 0) shapes.push(label(number, corners));
      return shapes;
    });
  });
}

function label(number, corners) {
  const x = corners.reduce((total, corner) => total + corner[0], 0) / corners.length;
  const y = corners.reduce((total, corner) => total + corner[1], 0) / corners.length;
  const text = shape("text", { x, y, "text-anchor": "middle", "dominant-baseline": "central" });
  text.append(String(number));
  return text;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
