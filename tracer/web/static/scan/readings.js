/** The ways in which one text can be read: shown beside each other, and none of them taken. */

import { el, fill } from "./dom.js";

const SHOWN = ["di", "lot", "serial", "expiry", "quantity"];

/** A list of readings as a server gives them: {agency, di, lot, serial, expiry, quantity}. */
export function readings(list, words) {
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
      ),
    ),
  );
}
