/**
 * What a scan of the test sheet tells of the scanner: pure, from what was sent and what should have been.
 *
 * A finding is {code, tone, values}: "bad" harms scans, "warn" may, "note" is good to know. What a page
 * says to each code are its words.
 */

import { foreignLayout, isComposed, separatorsOf, swapCase, textByPlace } from "./evidence.js";
import { gapsOf, quantile } from "./pace.js";

const GS = "\u001d";
const TONES = ["bad", "warn", "note", "good"];
const ALIKE = 0.6; // share of a symbol's characters that must be there to take a scan for it
const NEAR = 0.7; // of the threshold: a scanner this slow is at the brink
const MOST_SHOWN = 6;

/**
 * {symbol, findings}: which of the `symbols` it was, null if none, and what is to be said, worst first.
 * `reading`: what the server read, or null; `thresholds`: {pace, silence} of this device.
 */
export function advise(scan, symbols, { reading = null, thresholds }) {
  const symbol = closest(scan, symbols);
  const findings = [...ofKeyboard(scan), ...(symbol ? ofText(scan, symbol) : ofAnyText(scan)), ...ofPace(scan, thresholds)];
  const isBad = findings.some((one) => one.tone === "bad");
  if (symbol && reading && !isBad) findings.push(...ofReading(reading, symbol));
  if (!symbol) findings.push(note("not_on_sheet"));
  else if (!findings.some((one) => one.tone !== "note")) findings.push({ code: "good", tone: "good", values: {} });
  findings.sort((a, b) => TONES.indexOf(a.tone) - TONES.indexOf(b.tone));
  return { symbol, findings };
}

/** The worst tone of some findings. */
export function worst(findings) {
  return TONES.find((tone) => findings.some((one) => one.tone === tone)) ?? "note";
}

// --- the machine it is plugged into ------------------------------------------------------------------------

function ofKeyboard({ strokes, capsLock }) {
  const found = [];
  const layout = foreignLayout(strokes);
  if (capsLock) found.push(bad("caps_lock"));
  if (layout) found.push(bad(`layout_${layout}`));
  if (isComposed(strokes)) found.push(warn("ime"));
  if (separatorsOf(strokes).includes("keypad")) found.push(warn("gs_keypad"));
  if (separatorsOf(strokes).includes("function")) found.push(note("gs_function"));
  if (strokes.some((one) => one.how === "lost")) found.push(bad("lost_key"));
  return found;
}

// --- what was sent -----------------------------------------------------------------------------------------

function ofText(scan, symbol) {
  const [text, found] = asSent(scan, symbol);
  const parts = takeApart(text, symbol.message);
  if (!parts) return [...found, ...ofDamage(text, symbol)];
  return [...found, ...ofIdentifier(parts, symbol), ...ofSeparators(parts, symbol), ...ofEnd(parts, symbol)];
}

/** The text in which the symbol is found, and what that says; layout and Caps Lock are told of already. */
function asSent(scan, symbol) {
  const { raw, strokes, capsLock } = scan;
  const placed = foreignLayout(strokes) ? textByPlace(strokes) : null;
  for (const text of [raw, capsLock ? swapCase(raw) : null, placed]) {
    if (text !== null && takeApart(text, symbol.message)) return [text, []];
  }
  const lower = takeApart(raw.toLowerCase(), symbol.message.toLowerCase());
  if (!lower || capsLock) return [placed ?? raw, []];
  const { prefix, identifier, separators, suffix } = lower;
  const parts = symbol.message.split(GS);
  const text = parts.map((part, index) => part + (separators[index] ?? "")).join("");
  const sent = raw.slice(prefix.length, prefix.length + identifier.length);
  return [prefix + sent + text + suffix, [bad("case_changed")]];
}

/** {prefix, identifier, separators, suffix} of a text in which the message stands; null if it does not. */
function takeApart(text, message) {
  const parts = message.split(GS).map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  const pattern = `^([\\s\\S]*?)(\\][A-Za-z][0-9A-Za-z])?${parts.join("([\\s\\S]{0,8}?)")}([\\s\\S]*)$`;
  const found = new RegExp(pattern).exec(text);
  if (!found) return null;
  const [, prefix, identifier, ...rest] = found;
  return { prefix, identifier: identifier ?? "", separators: rest.slice(0, -1), suffix: rest[rest.length - 1] };
}

function ofIdentifier({ prefix, identifier }, { identifiers }) {
  if (identifier && !identifiers.includes(identifier)) {
    return [warn("identifier_other", { got: identifier, want: identifiers[0] })];
  }
  if (identifier) return prefix ? [warn("prefix", { seen: visible(prefix) })] : [];
  if (!prefix) return [note("no_identifier", { want: identifiers[0] })];
  if (prefix === GS) return [note("leading_gs", { want: identifiers[0] })];
  const isPart = identifiers.some((one) => one.startsWith(prefix) || one.endsWith(prefix));
  if (isPart) return [warn("identifier_cut", { seen: prefix, want: identifiers[0] })];
  return [warn("prefix", { seen: visible(prefix) }), note("no_identifier", { want: identifiers[0] })];
}

function ofSeparators({ separators }) {
  if (separators.some((one) => one === "")) return [bad("gs_missing")];
  const other = separators.find((one) => one !== GS);
  return other === undefined ? [] : [warn("gs_replaced", { seen: visible(other) })];
}

function ofEnd({ suffix }, { message }) {
  if (!suffix) return [];
  if (suffix.includes(message)) return [warn("double")];
  return [warn("suffix", { seen: visible(suffix) })];
}

/** A text that is near the symbol's and is not it. */
function ofDamage(text, { id, message }) {
  const bare = text.replace(/^\][A-Za-z][0-9A-Za-z]/, "");
  if (id === "ean13" && bare === message.slice(0, -1)) return [bad("no_check_digit")];
  const [missing, added] = compared(message, bare);
  if (missing && !added) return [bad("lost", { n: missing.length, missing: shortened(missing) })];
  return [bad("changed", { missing: shortened(missing) || "—", added: shortened(added) || "—" })];
}

function ofAnyText({ raw }) {
  return /^\][A-Za-z][0-9A-Za-z]/.test(raw) ? [] : [note("no_identifier", { want: "]d2" })];
}

function ofReading(reading, { reads }) {
  const read = { ...reading, error: reading.error?.code ?? null };
  return Object.entries(reads).some(([name, value]) => read[name] !== value) ? [bad("reads_otherwise")] : [];
}

// --- how it was sent ---------------------------------------------------------------------------------------

function ofPace({ strokes, ending }, { pace, silence }) {
  if (!strokes.length) return [note("at_once")];
  const found = [];
  const gaps = gapsOf(strokes);
  const middle = Math.round(quantile(gaps, 0.5));
  const slowest = Math.round(Math.max(0, ...gaps));
  if (middle > pace) found.push(bad("too_slow", { middle, pace }));
  else if (middle > pace * NEAR) found.push(warn("slow", { middle, pace }));
  if (slowest > silence) found.push(warn("pause", { slowest }));
  if (!ending) found.push(warn("no_ending"));
  if (ending === "LF") found.push(note("line_feed"));
  return found;
}

// --- comparing ---------------------------------------------------------------------------------------------

function closest({ raw, strokes }, symbols) {
  const sent = [raw, textByPlace(strokes)].filter((one) => one).map((one) => one.toLowerCase());
  const texts = sent.map((one) => (isTwice(one) ? one.slice(0, one.length / 2) : one));
  let best = null;
  for (const symbol of symbols) {
    const wanted = symbol.message.toLowerCase();
    const share = Math.max(...texts.map((text) => (2 * common(wanted, text).length) / (wanted.length + text.length)));
    if (share >= ALIKE && (!best || share > best.share)) best = { symbol, share };
  }
  return best?.symbol ?? null;
}

function isTwice(text) {
  return text.slice(0, text.length / 2) === text.slice(text.length / 2);
}

/** The longest text that stands, with gaps, in both. */
function common(one, other) {
  const [a, b] = [[...one].slice(0, 300), [...other].slice(0, 300)];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  let text = "";
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) [text, i, j] = [text + a[i], i + 1, j + 1];
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return text;
}

/** The characters of a text that another lacks, and those that the other has instead. */
function compared(wanted, got) {
  const both = common(wanted, got);
  return [without(wanted, both), without(got, both)];
}

function without(text, part) {
  let left = "";
  let at = 0;
  for (const one of text) {
    if (one === part[at]) at += 1;
    else left += one;
  }
  return left;
}

function shortened(text) {
  const shown = [...text].slice(0, MOST_SHOWN).map(visible).join(" ");
  return text.length > MOST_SHOWN ? `${shown} …` : shown;
}

/** Control characters by their names. */
export function visible(text) {
  return text.replace(/[\u0000-\u0020\u007f\ufffd]/g, (one) => `<${nameOf(one)}>`);
}

const CONTROLS =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US SP".split(" ");

/** The name of a control character or a blank, or null. */
export function nameOf(character) {
  const code = character.charCodeAt(0);
  if (code === 127) return "DEL";
  if (code === 0xfffd) return "?";
  return CONTROLS[code] ?? null;
}

const bad = (code, values = {}) => ({ code, tone: "bad", values });
const warn = (code, values = {}) => ({ code, tone: "warn", values });
const note = (code, values = {}) => ({ code, tone: "note", values });
