/** The nurse's scan page: connects the scanner and the flow, and draws what the flow holds. */

import { LOOKS, card, visible } from "./card.js";
import { el, fill, icon, money, timeOfDay, useSprite } from "./dom.js";
import { Flow } from "./flow.js";
import { checklist } from "./orders.js";
import { firstStep, patientBar } from "./patients.js";
import { hearScanner } from "./scanner.js";
import { seeing } from "./seeing.js";
import { Server } from "./server.js";
import { Sounds, keepAwake } from "./sounds.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const words = data.words;
useSprite(data.sprite);

const at = Object.fromEntries(
  ["bar", "queue", "notice", "first", "work", "result", "list", "total", "orders", "typed", "sound", "caps", "camera"].map((name) => [
    name,
    document.getElementById(`scan-${name}`),
  ]),
);
const token = document.querySelector('meta[name="csrf-token"]').content;
const sounds = new Sounds();
const server = new Server(token, data.person);
const flow = new Flow({ data, server, sounds, tell, draw });

const FEW = 6; // rows of the list that are shown at first
const LONG = 36; // characters of a code that name a row well enough
let allRows = false;
const drawn = {}; // what each part showed last: a part that did not change keeps its focus and its fields

function put(name, value, make) {
  const signature = JSON.stringify(value);
  if (drawn[name] === signature) return;
  drawn[name] = signature;
  const part = at[name];
  const hadFocus = part.contains(document.activeElement);
  part.replaceChildren(...[make()].flat().filter(Boolean));
  if (hadFocus) part.focus({ preventScroll: true });
}

function draw() {
  const { patient, history } = flow;
  at.bar.hidden = at.work.hidden = !patient;
  at.first.hidden = Boolean(patient);
  const home = patient ? at.result.parentElement : at.work.parentElement;
  if (at.typed.parentElement !== home) home.append(at.typed);
  drawQueue();
  if (!patient) {
    const state = { places: data.places, place: flow.place, patients: flow.patients, asked: flow.asked };
    put("first", state, () => firstStep(state, { words, act: first }));
    return;
  }
  put("bar", [patient.ref, patient.name, patient.bed, patient.confirmed, flow.place], () =>
    patientBar(patient, { words, place: flow.place.name, onnext: () => flow.next() }),
  );
  const rows = history.rows(flow.outbox.mine());
  drawResult(rows);
  drawList(rows);
  put("orders", [history.orders, flow.ending], () =>
    checklist(history.orders, { words, ending: flow.ending, act: order }),
  );
}

function drawResult(rows) {
  const row = rows.find((one) => (flow.current?.key ? one.key === flow.current.key : one.scan === flow.current?.scan));
  const shown = flow.current && row ? row : null;
  const again = shown ? flow.history.again(shown, rows) : null;
  const signature = shown ? [shown.key, shown.scan, shown.state, shown.entry?.undo, shown.answer?.warnings, again] : [];
  put("result", signature, () => (shown ? card(shown, { words, act, again }) : idle()));
}

function idle() {
  return el("div", { class: "idle" }, icon("scan"), el("h2", {}, words.scan_item), el("p", {}, words.scan_item_how));
}

function drawList(rows) {
  put("total", flow.history.total, () => [el("span", {}, words.total), el("b", {}, money(flow.history.total))]);
  const shown = allRows ? rows : rows.slice(0, FEW);
  const signature = [rows.length, ...shown.map((row) => [row.key, row.scan, row.state, row.entry?.undo])];
  put("list", signature, () => {
    if (!rows.length) return el("li", { class: "hint" }, words.nothing_yet);
    return [...shown.map(listed), rows.length > shown.length ? moreRows(rows.length) : null];
  });
}

function moreRows(n) {
  const show = () => {
    allRows = true;
    draw();
  };
  return el("li", {}, el("button", { type: "button", class: "more-rows", onclick: show }, fill(words.all_rows, { n })));
}

function listed(row) {
  const { answer } = row;
  const look = LOOKS[row.state];
  const code = answer?.warnings.find((one) => one.data?.di)?.data.di;
  const known = row.read ? shortened(visible(row.read.raw)) : answer?.lot ? `${words.lot} ${answer.lot}` : null;
  const title = answer?.item?.name ?? code ?? known ?? words.state[row.state];
  const pieces = answer?.item && row.state !== "needs_choice" ? `${answer.quantity} ${answer.item.unit}` : null;
  const said = [words.state[row.state], pieces, timeOfDay(row.at)].filter(Boolean);
  const small = said.map((one, index) => el("span", {}, index ? ` · ${one}` : one));
  const about = answer?.item?.specification;
  const specification = about ? el("small", { class: "about" }, about) : null;
  const undoable = ["charged", "used"].includes(row.state);
  return el(
    "li",
    { class: `row-scan ${look.tone}`, "data-state": row.state, "data-scan": row.scan },
    el(
      "button",
      { type: "button", class: "show", onclick: () => flow.show(row) },
      icon(look.icon),
      el("span", { class: "what" }, title, specification, el("small", {}, ...small)),
      answer?.charge ? el("b", {}, money(answer.charge.amount)) : null,
    ),
    undoable
      ? el("button", { type: "button", class: "undo-small", "aria-label": `${words.undo} ${title}`, onclick: () => flow.undo(row) }, icon("undo"))
      : null,
  );
}

function shortened(raw) {
  return raw.length > LONG ? `${raw.slice(0, LONG)}…` : raw;
}

function drawQueue() {
  const { outbox } = flow;
  const counts = outbox.counts();
  const state = outbox.needsSignIn ? "locked" : outbox.isOffline ? "offline" : counts.waiting ? "busy" : "clear";
  at.queue.className = `queue ${state}`;
  put("queue", [counts, state], () => [
    icon(state === "locked" ? "lock" : state === "offline" ? "offline" : "cloud"),
    count("sent", counts.sent),
    count("waiting", counts.waiting),
    count("refused", counts.refused),
    state === "offline" ? el("span", { class: "why" }, words.offline) : null,
    state === "locked" ? el("a", { class: "why", href: data.sign_in }, words.sign_in_again) : null,
    counts.others ? el("span", { class: "why" }, fill(words.others, { n: counts.others })) : null,
  ]);
}

function count(name, number) {
  return el("span", { class: `count ${name}${number ? " some" : ""}`, "data-count": name }, `${words[name]} `, el("b", {}, String(number)));
}

let quietAgain = null;
function tell(word, values = {}) {
  at.notice.replaceChildren(fill(word === "says" ? values.detail : words[word], values));
  at.notice.hidden = false;
  clearTimeout(quietAgain);
  quietAgain = setTimeout(() => (at.notice.hidden = true), 7000);
}

const first = {
  place: (code) => flow.choosePlace(code),
  choose: (ref) => flow.choose(ref),
  confirm: (asked) => flow.confirm(asked),
  again: () => flow.cancelQuestion(),
};
const act = {
  undo: (row) => flow.undo(row),
  choose: (row, quantity) => flow.again(row, { quantity }),
  override: data.may_override ? (row, reason) => flow.again(row, { override_reason: reason }) : null,
  dismiss: (row) => flow.dismiss(row),
};
const order = {
  askEnd: (one) => flow.askEnd(one),
  end: (one) => flow.endOrder(one),
  keep: () => flow.askEnd(null),
};

at.typed.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = at.typed.elements.code;
  const raw = field.value.trim();
  if (!raw) return field.focus();
  field.value = "";
  const now = performance.now();
  return flow.scanned({ raw, startedAt: now, endedAt: now });
});

function drawSound() {
  at.sound.setAttribute("aria-pressed", String(sounds.isOn));
  at.sound.replaceChildren(icon(sounds.isOn ? "sound" : "silent"), el("span", {}, sounds.isOn ? words.sound_on : words.sound_off));
}
at.sound.addEventListener("click", () => {
  sounds.turn(!sounds.isOn);
  drawSound();
});

// Caps Lock: what the keyboard says of itself, and what the letters of the last scan said.
const capsLock = { key: false, scan: false };
function drawCapsLock() {
  at.caps.hidden = !(capsLock.key || capsLock.scan);
}
hearScanner({
  scan: (scan) => {
    if (/[A-Za-z]/.test(scan.raw)) capsLock.scan = scan.capsLock;
    drawCapsLock();
    flow.scanned(scan);
  },
  capsLock: (isOn) => {
    capsLock.key = isOn;
    drawCapsLock();
  },
  slow: () => tell("too_slow"),
});

seeing({ at: at.camera, data, server, sounds, flow });
window.addEventListener("online", () => flow.outbox.pump());
window.addEventListener("storage", draw);
document.addEventListener("visibilitychange", keepAwake);
document.addEventListener("pointerdown", keepAwake, { once: true });
drawSound();
flow.start();
