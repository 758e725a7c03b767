/** The result of a scan, full width: what it is, what was charged, what to know, what to do next. */

import { ago, el, fill, grouped, icon, money, readable } from "./dom.js";
import { readings } from "./readings.js";

export const LOOKS = {
  charged: { icon: "check", tone: "good" },
  used: { icon: "used", tone: "plain" },
  needs_choice: { icon: "question", tone: "ask" },
  chosen: { icon: "question", tone: "quiet" },
  half: { icon: "question", tone: "ask" },
  paired: { icon: "used", tone: "quiet" },
  unresolved: { icon: "pending", tone: "wait" },
  refused: { icon: "cross", tone: "bad" },
  failed: { icon: "cross", tone: "bad" },
  waiting: { icon: "cloud", tone: "quiet" },
  undoing: { icon: "undo", tone: "quiet" },
  reversed: { icon: "undo", tone: "quiet" },
};
const SYSTEMS = ["material", "billing", "order", "insurance", "udi"];
const BOOKED = new Set(["charged", "used"]);

/** The card of a row. `act`: {undo, choose, override, dismiss}, each called with the row. */
export function card(row, { words, act, again }) {
  const look = LOOKS[row.state];
  return el(
    "article",
    { class: `result ${look.tone}`, "data-state": row.state, "data-scan": row.scan },
    headline(row, look, words),
    el("div", { class: "result-body" }, ...body(row, words, again)),
    actions(row, words, act),
  );
}

function headline(row, look, words) {
  const charge = row.answer?.charge;
  const reversed = row.state === "reversed";
  return el(
    "header",
    {},
    icon(look.icon),
    el("div", { class: "said" }, el("strong", {}, words.state[row.state]), el("span", {}, words.meaning[row.state])),
    charge ? el("b", { class: reversed ? "sum gone" : "sum" }, money(charge.amount)) : null,
  );
}

function body(row, words, again) {
  const { answer } = row;
  if (!answer) {
    return [
      row.entry.detail ? remark("warn", row.entry.detail) : null,
      row.entry.undo ? remark("undo", words.undo_follows) : null,
      el("p", { class: "raw" }, visible(row.entry.raw)),
    ];
  }
  const parts = [];
  if (answer.item) parts.push(name(answer.item));
  parts.push(...remarks(row, words));
  if (again) {
    const values = { ago: ago(again.at, words), n: again.count, unit: again.unit };
    parts.push(remark("info", fill(words.again, values), "again"));
  }
  parts.push(facts(answer, words));
  if (answer.item && row.state !== "needs_choice") parts.push(codes(answer.item.codes, words));
  return parts;
}

function name(item) {
  return el("h2", {}, item.name, item.specification ? el("small", {}, item.specification) : null);
}

function facts(answer, words) {
  const charge = answer.charge;
  const price = charge
    ? `${charge.quantity} ${answer.item?.unit ?? ""} × ${grouped(charge.unit_price)} = ${grouped(charge.amount)}`
    : null;
  const pieces = !charge && answer.item && BOOKED.has(answer.outcome) ? `${answer.quantity} ${answer.item.unit}` : null;
  const known = [
    [words.lot, answer.lot],
    [words.expiry, answer.expiry],
    [words.serial, answer.serial],
    [words.price, price],
    [words.quantity, pieces],
  ].filter(([, value]) => value);
  if (!known.length) return null;
  return el("dl", { class: "facts" }, known.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))));
}

function codes(bound, words) {
  const cells = SYSTEMS.map((system) =>
    el(
      "div",
      { class: bound[system] ? "code" : "code none", "data-system": system },
      el("dt", {}, words.system[system]),
      el("dd", {}, bound[system] ?? words.no_code),
    ),
  );
  return el("dl", { class: "codes", "aria-label": words.five_codes }, cells);
}

function remarks(row, words) {
  const list = row.answer.warnings ?? [];
  const weight = ["refused", "unresolved", "half"].includes(row.state) ? "heavy" : "";
  const shown = ["reversed", "paired"].includes(row.state) ? [] : list;
  return shown.flatMap((one) => [
    remark("warn", readable(one.message), weight, one.code),
    one.data?.readings ? readings(one.data.readings, words) : null,
  ]);
}

function remark(picture, sentence, weight = "", code = null) {
  return el("p", { class: `remark ${weight}`, "data-code": code }, icon(picture), el("span", {}, sentence));
}

function actions(row, words, act) {
  if (row.state === "needs_choice") return choices(row, words, act);
  if (BOOKED.has(row.state)) {
    return el("footer", {}, button(words.undo, () => act.undo(row), "undo", "undo"));
  }
  if (row.state === "waiting" && !row.entry.undo) {
    return el("footer", {}, button(words.undo, () => act.undo(row), "undo", "undo"));
  }
  if (row.state === "failed") {
    return el("footer", {}, button(words.seen, () => act.dismiss(row), "secondary"));
  }
  const expired = row.answer?.warnings?.some((one) => one.code === "expired");
  if (row.state === "refused" && expired && act.override) return override(row, words, act);
  return null;
}

function choices(row, words, act) {
  const offered = row.answer.choices ?? [];
  const amounts = offered.filter((one) => one.quantity);
  if (amounts.length) {
    const most = Math.max(...amounts.map((one) => one.quantity));
    const unit = row.answer.item.unit;
    const amount = (n) => fill(n === most && n > 1 ? words.whole_package : words.pieces, { n, unit });
    const isHalf = row.answer.warnings.some((one) => one.code === "second_symbol");
    const label = (n) => (isHalf ? fill(words.one_code, { amount: amount(n) }) : amount(n));
    return el(
      "footer",
      { class: "choices" },
      amounts.map((one) => button(label(one.quantity), () => act.choose(row, one.quantity), isHalf ? "secondary" : "primary")),
    );
  }
  const labels = offered.filter((one) => one.label);
  if (!labels.length) return el("footer", {}, el("p", { class: "hint" }, words.scan_again));
  return el(
    "footer",
    {},
    el("p", { class: "hint" }, words.labels_here),
    el(
      "ul",
      { class: "labels" },
      labels.map((one) =>
        el("li", {}, el("code", {}, one.label), el("span", {}, [one.lot, one.expiry].filter(Boolean).join(" · "))),
      ),
    ),
  );
}

/** An expired pack may be used for a stated reason only. */
function override(row, words, act) {
  const reason = el("input", { class: "form-control", maxlength: 200, "aria-label": words.reason, placeholder: words.reason });
  const form = el(
    "form",
    {
      class: "reason",
      hidden: true,
      onsubmit: (event) => {
        event.preventDefault();
        if (reason.value.trim()) act.override(row, reason.value.trim());
        else reason.focus();
      },
    },
    reason,
    el("button", { class: "btn danger" }, words.use_anyway),
  );
  const open = button(words.override, () => {
    open.hidden = true;
    form.hidden = false;
    reason.focus();
  }, "secondary");
  return el("footer", {}, open, form);
}

function button(label, onclick, kind, picture = null) {
  return el("button", { type: "button", class: `btn ${kind}`, onclick }, picture ? icon(picture) : null, label);
}

/** A raw code with its control characters to be seen. */
export function visible(raw) {
  return raw.replace(/[\u0000-\u001f]/g, (found) => (found === "\u001d" ? "␝" : "·"));
}
