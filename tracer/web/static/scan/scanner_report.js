/** How one scan of the test page is told: advice, bytes, reading, pace. */

import { nameOf } from "./advice.js";
import { el, fill, icon } from "./dom.js";
import { gapsOf, quantile } from "./pace.js";
import { readings } from "./readings.js";

const PICTURES = { good: "check", note: "info", warn: "warn", bad: "cross" };
const LOOKS = { good: "good", note: "plain", warn: "ask", bad: "bad" };
const FIELDS = ["agency", "di", "lot", "serial", "expiry", "manufactured", "quantity"];
const SVG = "http://www.w3.org/2000/svg";
const MOST_BARS = 120;

/** `told`: {scan, reading, failure, symbol, findings, pace}. */
export function report(told, words) {
  const { scan, reading, failure, symbol, findings } = told;
  const tone = findings[0]?.tone ?? "note";
  const harmful = findings.filter((one) => one.tone === "bad" || one.tone === "warn").length;
  const verdict = harmful ? fill(words.to_change, { n: harmful }) : symbol ? words.is_right : words.nothing_wrong;
  return el(
    "article",
    { class: `result ${LOOKS[tone]}`, "data-symbol": symbol?.id ?? "", "data-tone": tone },
    el(
      "header",
      {},
      icon(PICTURES[tone]),
      el("div", { class: "said" }, el("strong", {}, verdict), el("span", {}, symbol ? symbol.title : words.unknown_symbol)),
    ),
    el(
      "div",
      { class: "result-body" },
      findings.filter((one) => one.tone !== "good").map((one) => advice(one, words)),
      el("h3", {}, words.received),
      bytes(scan.raw, reading?.error?.at ?? null),
      hex(scan.raw, words),
      el("h3", {}, words.read),
      failure ? el("p", { class: "hint" }, failure) : null,
      reading ? meaning(reading, words) : null,
      el("h3", {}, words.how_sent),
      pace(scan, words),
      bars(gapsOf(scan.strokes), told.pace),
    ),
  );
}

function advice({ code, tone, values }, words) {
  const sentence = fill(words.advice[code], values);
  return el("p", { class: `remark ${tone}`, "data-code": code }, icon(PICTURES[tone]), el("span", {}, sentence));
}

/** Every character to be seen: what cannot be is named; the place of an error is marked. */
function bytes(raw, wrongAt) {
  const shown = [];
  [...raw].reduce((position, one) => {
    const name = nameOf(one);
    const isWrong = wrongAt !== null && position <= wrongAt && wrongAt < position + one.length;
    const piece = name ? el("kbd", {}, name) : one;
    shown.push(isWrong ? el("mark", {}, piece) : piece);
    return position + one.length;
  }, 0);
  if (wrongAt !== null && wrongAt >= raw.length) shown.push(el("mark", { class: "end" }, "␃"));
  return el("p", { class: "bytes", translate: "no" }, shown);
}

function hex(raw, words) {
  const all = [...new TextEncoder().encode(raw)].map((one) => one.toString(16).padStart(2, "0").toUpperCase());
  return el(
    "details",
    { class: "hex" },
    el("summary", {}, fill(words.hex, { n: all.length })),
    el("code", {}, all.join(" ")),
  );
}

function meaning(reading, words) {
  const known = FIELDS.filter((name) => reading[name] !== null).map((name) => [words.field[name], String(reading[name])]);
  const { error, sentences } = reading;
  return el(
    "div",
    { class: "meaning" },
    error ? el("p", { class: "remark bad", "data-code": error.code }, icon("cross"), el("span", {}, sentences.error)) : null,
    sentences.repairs.map((one, index) =>
      el("p", { class: "remark note", "data-repair": reading.repairs[index] }, icon("info"), el("span", {}, one)),
    ),
    facts(known),
    reading.elements.length
      ? el(
          "details",
          {},
          el("summary", {}, fill(words.elements, { n: reading.elements.length })),
          el("ul", { class: "elements" }, reading.elements.map(([name, value]) => el("li", {}, el("b", {}, name), ` ${value}`))),
        )
      : null,
    reading.readings?.length ? readings(reading.readings, words) : null,
  );
}

function pace({ strokes, raw, startedAt, endedAt, ending, late }, words) {
  const gaps = gapsOf(strokes);
  const ends = [ending, late].filter(Boolean).join(" + ");
  const known = [
    [words.characters, String([...raw].length)],
    [words.line_end, ends || words.none],
  ];
  if (gaps.length) {
    known.push([words.lasted, `${Math.round(endedAt - startedAt)} ms`]);
    known.push([words.middle_gap, `${Math.round(quantile(gaps, 0.5))} ms`]);
    known.push([words.slowest_gap, `${Math.round(Math.max(...gaps))} ms`]);
  }
  return facts(known);
}

/** The gaps as bars, and the threshold as a line: an uneven scanner is seen at once. */
function bars(gaps, threshold) {
  if (!gaps.length) return null;
  const shown = gaps.slice(0, MOST_BARS);
  const high = Math.max(threshold * 1.2, quantile(shown, 0.95));
  const svg = drawn("svg", { class: "bars", viewBox: `0 0 ${shown.length * 4} 60`, preserveAspectRatio: "none", "aria-hidden": "true" });
  shown.forEach((gap, index) => {
    const height = Math.max(1, Math.min(60, (gap / high) * 60));
    svg.append(drawn("rect", { x: index * 4, y: 60 - height, width: 3, height, class: gap > threshold ? "over" : "" }));
  });
  const y = 60 - (threshold / high) * 60;
  svg.append(drawn("line", { x1: 0, x2: shown.length * 4, y1: y, y2: y }));
  return svg;
}

function drawn(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

function facts(known) {
  if (!known.length) return null;
  return el("dl", { class: "facts" }, known.map(([label, value]) => el("div", {}, el("dt", {}, label), el("dd", {}, value))));
}

/** The symbols of the sheet, and what came of each. `results`: symbol id → tone. */
export function checklist(symbols, results, words) {
  return symbols.map((one, index) => {
    const tone = results.get(one.id) ?? null;
    const said = tone === null ? words.not_yet : tone === "bad" || tone === "warn" ? words.has_findings : words.is_right;
    return el(
      "li",
      { class: tone ? LOOKS[tone] : "", "data-symbol": one.id, "data-tone": tone ?? "" },
      icon(tone ? PICTURES[tone] : "dash"),
      el("span", { class: "what" }, `${index + 1}. ${one.title}`),
      el("small", {}, said),
    );
  });
}
