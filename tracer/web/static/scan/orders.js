/** The patient's orders as a checklist: of a bundle, what was used so far; and its end, clearly told. */

import { el, fill, icon } from "./dom.js";

const LOOKS = { expected: "dash", used: "check", not_used: "cross" };

/** The list of orders. `ending`: the order whose end is being confirmed; `act`: {askEnd, end, keep}. */
export function checklist(orders, { words, ending, act }) {
  if (!orders.length) return [el("p", { class: "hint" }, words.no_orders)];
  return orders.map((order) => one(order, words, ending, act));
}

function one(order, words, ending, act) {
  const groups = new Map();
  for (const line of order.lines) {
    const group = line.bundle ?? "";
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  const open = !order.ended_at;
  const used = order.lines.filter((line) => line.state === "used").length;
  const state = open ? words.order_open : `${words.order_ended} · ${fill(words.lines_used, { used, all: order.lines.length })}`;
  const head = [el("h3", {}, order.order_no), el("span", { class: "chip" }, state)];
  const parts = [...groups].map(([bundle, lines]) => part(bundle, lines, words));
  const attributes = { class: open ? "order" : "order ended", "data-order": order.order_no };
  if (!open) return el("details", attributes, el("summary", {}, ...head), parts);
  return el("section", attributes, el("header", {}, ...head), parts, foot(order, words, ending === order.order_no, act));
}

function part(bundle, lines, words) {
  const used = lines.filter((line) => line.state === "used").length;
  const head = bundle
    ? el(
        "p",
        { class: "bundle" },
        el("b", {}, lines[0].bundle_name ?? bundle),
        el("span", { class: "progress-words" }, fill(words.lines_used, { used, all: lines.length })),
      )
    : null;
  return el("div", { class: "part" }, head, el("ul", { class: "lines" }, lines.map((line) => item(line, words))));
}

function item(line, words) {
  const more = line.used > line.expected;
  return el(
    "li",
    { class: `line ${line.state}${more ? " more" : ""}`, "data-material": line.material },
    icon(LOOKS[line.state]),
    el("span", { class: "what" }, line.name, line.specification ? el("small", {}, line.specification) : null),
    el(
      "span",
      { class: "how" },
      el("b", {}, fill(words.used_of, { used: line.used, expected: line.expected })),
      el("small", {}, line.used > line.expected ? words.line.more : words.line[line.state]),
    ),
  );
}

function foot(order, words, asked, act) {
  if (!asked) {
    return el("footer", {}, el("button", { type: "button", class: "btn secondary", onclick: () => act.askEnd(order) }, words.end_order));
  }
  const unused = order.lines.filter((line) => line.used === 0);
  const told = unused.length ? fill(words.end_leaves, { n: unused.length }) : words.end_all_used;
  return el(
    "footer",
    { class: "ending", role: "group", "aria-label": words.end_order },
    el("p", {}, told),
    unused.length ? el("ul", {}, unused.map((line) => el("li", {}, `${line.name} × ${line.expected}`))) : null,
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "btn danger", onclick: () => act.end(order) }, words.end_confirm),
      el("button", { type: "button", class: "btn secondary", onclick: () => act.keep(order) }, words.end_not),
    ),
  );
}
