/** The scanner test page: what came, how it came, what it says, and what to set. Nothing here is booked. */

import { advise, worst } from "./advice.js";
import { el, fill, icon, useSprite } from "./dom.js";
import { checklist, report } from "./scanner_report.js";
import { LIMITS, hearScanner, keepScanner, readScanner, threshold } from "./scanner.js";
import { gapsOf, quantile } from "./pace.js";
import { Server } from "./server.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
const { words, symbols } = data;
useSprite(data.sprite);
const at = Object.fromEntries(
  ["caps", "report", "list", "settings", "feedback"].map((name) => [name, document.getElementById(`test-${name}`)]),
);
const server = new Server(document.querySelector('meta[name="csrf-token"]').content, data.person);
// Here every scanner is heard, also one that the scan page would take for a person.
const LENIENT = { pace: 500 };
const results = new Map(); // symbol id → tone of its last scan
let shown = null; // {scan, reading, failure}: the scan on the page
let number = 0;
let stop = null;

function listenAnew() {
  stop?.();
  stop = hearScanner({ scan: take, late: addEnding, capsLock: (isOn) => (at.caps.hidden = !isOn) }, LENIENT);
}

async function take(scan) {
  number += 1;
  const mine = number;
  shown = { scan, reading: null, failure: null };
  draw();
  const answer = await server.post("/api/v1/scans/parse", { raw: scan.raw, caps_lock: scan.capsLock });
  if (mine !== number) return; // the next scan is on the page by now
  const isRead = answer.status === 200;
  shown = { ...shown, reading: isRead ? answer.body : null, failure: isRead ? null : failureOf(answer) };
  draw();
}

function failureOf({ status, body }) {
  if (status === 0) return words.offline;
  return status === 401 ? words.signed_out : (body?.detail ?? `HTTP ${status}`);
}

/** CR LF: the second line end comes when the scan was taken. */
function addEnding(ending) {
  if (!shown) return;
  shown.scan.late = ending;
  draw();
}

function draw() {
  if (shown) {
    const thresholds = { pace: threshold("pace"), silence: threshold("silence") };
    const { symbol, findings } = advise(shown.scan, symbols, { reading: shown.reading, thresholds });
    if (symbol) results.set(symbol.id, worst(findings));
    at.report.replaceChildren(report({ ...shown, symbol, findings, pace: thresholds.pace }, words));
  } else {
    at.report.replaceChildren(
      el("div", { class: "idle" }, icon("scan"), el("h2", {}, words.waiting), el("p", {}, words.waiting_how)),
    );
  }
  at.list.replaceChildren(...checklist(symbols, results, words));
  drawFeedback();
}

// --- thresholds --------------------------------------------------------------------------------------------

function drawSettings() {
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const field = at.settings.elements[name];
    Object.assign(field, { min: least, max: most, value: threshold(name) });
  }
}

function drawFeedback() {
  const gaps = shown ? gapsOf(shown.scan.strokes) : [];
  if (!gaps.length) return at.feedback.replaceChildren(words.no_pace_yet);
  const middle = Math.round(quantile(gaps, 0.5));
  const pace = threshold("pace");
  const isHeard = middle <= pace;
  const [, most] = LIMITS.pace;
  const wanted = Math.min(most, Math.ceil((middle * 1.5) / 10) * 10);
  const said = el("span", {}, fill(isHeard ? words.is_heard : words.is_not_heard, { middle, pace }));
  const suit = () => {
    keepScanner({ pace: wanted });
    drawSettings();
    draw();
  };
  const button = el("button", { type: "button", class: "btn secondary", onclick: suit }, fill(words.suit, { wanted }));
  at.feedback.className = `feedback ${isHeard ? "good" : "bad"}`;
  return at.feedback.replaceChildren(icon(isHeard ? "check" : "cross"), said, ...(isHeard ? [] : [button]));
}

at.settings.addEventListener("submit", (event) => {
  event.preventDefault();
  keepScanner(Object.fromEntries(Object.keys(LIMITS).map((name) => [name, Number(at.settings.elements[name].value)])));
  listenAnew();
  draw();
  at.feedback.prepend(el("b", {}, words.saved));
});
at.settings.addEventListener("reset", (event) => {
  event.preventDefault();
  const { suffix } = readScanner();
  localStorage.removeItem("tracer.scanner");
  if (suffix !== undefined) keepScanner({ suffix });
  drawSettings();
  listenAnew();
  draw();
});

drawSettings();
draw();
listenAnew();
