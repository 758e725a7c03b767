/** The ways in which one text can be read: shown beside each other, and none of them taken. */

import { el, fill } from "./dom.js";

const SHOWN = ["di", "lot", "serial", "expiry", "quantity"];

/** Readings as the server gives them: {di, lot, serial, expiry, quantity, elements}; alike ones once. */
export function readings(all, words) {
  const unlike = all.filter((one, index) => all.findIndex((other) => isAlike(one, other)) === index);
  const list = unlike.length > 1 ? unlike : all; // what differs may stand in the elements alone
  const isDifferent = (name) => new Set(list.map((one) => one[name])).size > 1;
  const names = SHOWN.filter((name) => list.some((one) => one[name] !== null));
  return el(
    "ol",
    { class: "readings" },
    list.map((one, index) =>
      el(
        "li",
        {},
        el("b", {}, fill(words.reading, { n: index + 1 })),
        el(
          "dl",
          {},
          names.map((name) =>
            el(
              "div",
              { class: isDifferent(name) ? "differs" : null },
              el("dt", {}, words.field[name]),
              el("dd", {}, one[name] === null ? "—" : String(one[name])),
            ),
          ),
        ),
        el("code", {}, (one.elements ?? []).map(([name, value]) => `(${name})${value}`).join(" ")),
      ),
    ),
  );
}

function isAlike(one, other) {
  return SHOWN.every((name) => one[name] === other[name]);
}
