/**
 * A scanner that types: told from a person by its pace, heard without a focused field.
 *
 * `WedgeReader` is pure. It is given key presses with their times and answers what to do with each;
 * it touches no document, no timer and no clock, so that every scanner can be played to it in a test.
 * `listening.js` connects one to a document.
 *
 * What a key press is: {type: "down"|"up", key, code, shift, ctrl, alt, meta, caps, composing, repeat, time,
 * editable}. What comes back: {swallow, begun, restore, scans, late, slow}: keep the key from everybody
 * else; a burst began with it; put the field back to what it was then; scans that it completed; a line end
 * that came after its scan; a text came slower than a scanner's.
 *
 * A scan is {raw, startedAt, endedAt, ending, capsLock, strokes}: `ending` "Enter", "Tab", "LF" or null;
 * `capsLock`: its letters are turned round; `strokes` what each key said (evidence.js reads them).
 */

import { isCapsLocked } from "./evidence.js";
import {
  GS, characterOfCode, controlOf, isAltDigit, isControl, isEditing, isModifier, lineEndOf, lostStroke, plainStroke,
} from "./keys.js";
import { isMachine, isMachineEnd, isMachineInField } from "./pace.js";

export const DEFAULTS = Object.freeze({
  pace: 70, // ms; the middle gap of what a machine types, outside fields: one hiccup splits no scan
  fieldPace: 30, // ms; inside a field every gap must be this short, for there people type
  fieldPause: 150, // ms; a longer gap inside a field begins anew
  fieldLength: 6, // characters at that pace before a field's keys are taken for a scan
  even: 12, // ms; twice as many that are slower but within this of each other are no fingers' either
  silence: 300, // ms without a key that end the scan of a scanner known to send no line end
  doubt: 1000, // ms; the same as long as nobody knows whether it sends one
  patience: 2000, // ms; the same for a scanner known to send one: a pause splits no scan
  strayKey: 600, // ms after which a single key was somebody's, and no beginning of a scan
  chord: 12, // ms from Ctrl to its letter that no hand is fast enough for
  shortest: 4, // characters of a scan without line end
  shortestEnded: 2, // characters of one with a line end
  unanswered: 6, // characters that came too slowly and are worth a word
  aftermath: 300, // ms in which a second line end (CR LF) or a late one is still the scanner's
  longest: 16000,
  separatorKeys: ["F8"], // keys that some scanners send for GS
});
// How a code begins, whoever's: after a pause this is a new scan and no second half.
const BEGINNING = /^(?:\][A-Za-z][0-9A-Za-z]|0[012][0-9]{14}|\(0[012]\)|\+[A-Z$0-9]|[=&][(),>}1]|MA\.[0-9]|\[\)>|https?:)/;
const UNHEARD = 3; // scans in a row without a line end before a scanner counts as sending none

export class WedgeReader {
  #options;
  #strokes = []; // of the burst
  #fast = false; // the burst is a scanner's, wherever the focus goes
  #editable = false; // it began in a field
  #controlAt = -Infinity;
  #alt = null; // {digits, since}: what the keypad types while Alt is held
  #endedAt = -Infinity;
  #without = 0; // scans in a row that had no line end

  /** `suffix`: whether this scanner is known to end a scan with Enter or Tab; null: nobody knows yet. */
  constructor(options = {}) {
    this.#options = { ...DEFAULTS, ...options };
    this.suffix = options.suffix ?? null;
  }

  /** When `tick` must be called at the latest, or null while nothing is pending. */
  get deadline() {
    return this.#strokes.length ? this.#lastTime() + this.#wait() : null;
  }

  /** Time has passed: the scans that ended without a line end. */
  tick(now) {
    if (!this.#strokes.length || now < this.deadline) return [];
    return this.#complete(now, null);
  }

  /** The scans that were over before this key, by its time or its place; to be asked before every `press`. */
  overBefore(key) {
    if (!this.#strokes.length || key.type === "up" || isModifier(key)) return this.tick(key.time);
    return this.#goesOn(key.time, key.editable) ? [] : this.#complete(key.time, null);
  }

  /** A person turns to something else, so what was heard so far is all: the scans in it. */
  flush(now) {
    return this.#strokes.length ? this.#complete(now, null) : [];
  }

  press(key) {
    if (key.type === "up") return this.#release(key);
    if (key.key === "Control") this.#controlAt = key.time;
    if (key.key === "Alt") this.#alt = { digits: "", since: key.time };
    if (isModifier(key)) return pass();
    if (key.repeat) return this.#repeated(key);
    if (isAltDigit(key)) return this.#keypad(key);
    const ending = lineEndOf(key);
    if (ending) return this.#lineEnd(key, ending);
    const stroke = isControl(key) ? this.#control(key) : this.#plain(key);
    return stroke === null ? this.#forget() : this.#append(stroke, key);
  }

  #release(key) {
    if (key.key === "Control") this.#controlAt = -Infinity;
    if (key.key !== "Alt" || !this.#alt?.digits) return pass();
    const { digits, since } = this.#alt;
    this.#alt = null;
    const text = String.fromCharCode(Number(digits) % 256);
    if (text === "\r" || text === "\n") return this.#lineEnd(key, text === "\r" ? "Enter" : "LF");
    if (text === "\t") return this.#lineEnd(key, "Tab");
    return this.#append({ text, how: "keypad", since }, key);
  }

  #keypad(key) {
    this.#alt ??= { digits: "", since: key.time };
    this.#alt.digits = (this.#alt.digits + key.code.slice(-1)).slice(-4);
    return { ...pass(), swallow: !key.editable || this.#fast };
  }

  /** A key held down is a finger's; but one that a scanner's lost release left down types nothing. */
  #repeated(key) {
    if (!this.#goesOn(key.time, key.editable) || !this.#isScanners()) return this.#forget();
    this.#strokes[this.#strokes.length - 1].at = key.time;
    return { ...pass(), swallow: true };
  }

  /** Ctrl+] is GS; other combinations are the person's unless they stand in a scan or no hand was so fast. */
  #control(key) {
    const text = controlOf(key);
    const running = this.#goesOn(key.time, key.editable);
    const isScanners = running || (this.#isChord(key) && !isEditing(key)) || (text === GS && !key.editable);
    return text !== null && isScanners ? { text, how: "ctrl" } : null;
  }

  #plain(key) {
    const isNear = this.#goesOn(key.time, key.editable) && key.time - this.#lastTime() <= 2 * this.#options.pace;
    if (this.#options.separatorKeys.includes(key.key)) return isNear ? { text: GS, how: "function" } : null;
    return plainStroke(key) ?? (isNear && this.#isScanners() ? lostStroke() : null);
  }

  #append(stroke, key) {
    const since = stroke.since ?? key.time;
    const goesOn = this.#goesOn(since, key.editable);
    if (!goesOn) this.#begin(key);
    const us = characterOfCode(key.code ?? "", key.shift);
    const { shift, caps, composing } = key;
    this.#strokes.push({ ...stroke, since, at: key.time, us, shift: !!shift, caps: !!caps, composing: !!composing });
    if (this.#strokes.length > this.#options.longest) return this.#forget();
    if (this.#fast) return { ...pass(), begun: !goesOn, swallow: true };
    if (!this.#editable) {
      // A lone space is a person pressing the focused button.
      return { ...pass(), begun: !goesOn, swallow: goesOn || stroke.text !== " " };
    }
    this.#fast = isMachineInField(this.#strokes, this.#options);
    const isCharacter = stroke.how === "key" || stroke.how === "place";
    return { ...pass(), begun: !goesOn, swallow: this.#fast || !isCharacter, restore: this.#fast };
  }

  #lineEnd(key, ending) {
    const goesOn = this.#goesOn(key.time, key.editable);
    if (goesOn && this.#isEnded(key.time)) {
      const restore = this.#editable;
      return { ...pass(), swallow: true, restore, scans: this.#complete(key.time, ending) };
    }
    if (this.#isAftermath(key)) {
      this.#learn(true);
      return { ...pass(), swallow: true, late: ending };
    }
    const typed = this.#strokes.length;
    const wasOutside = goesOn && !this.#editable;
    this.#forget();
    // Letters typed into nothing, then Enter: whoever it was, no button was meant.
    if (wasOutside && typed > 1) return { ...pass(), swallow: true, slow: typed >= this.#options.unanswered };
    return { ...pass(), swallow: isControl(key) && this.#isChord(key) };
  }

  #complete(now, ending) {
    const strokes = this.#strokes;
    const endedAt = ending ? now : Math.min(now, this.deadline); // a busy page may look late
    const isTyped = this.#editable && !this.#fast && !ending; // into a field, by a person who paused
    this.#forget();
    if (isTyped) return [];
    const parts = this.#partsOf(strokes);
    const scans = parts
      .map((part, index) => scanOf(part, index === parts.length - 1 ? ending : null))
      .filter(({ strokes: of, ending: end }) => this.#isLongEnough(of, end) && isMachine(of, this.#options));
    if (!scans.length) return [];
    for (const scan of scans) this.#learn(scan.ending !== null);
    this.#endedAt = endedAt;
    return scans;
  }

  /** The strokes cut where, after a pause, a code begins anew, or what came before it was a person's. */
  #partsOf(strokes) {
    const parts = [[]];
    strokes.forEach((stroke, index) => {
      const before = parts[parts.length - 1];
      const isPaused = index > 0 && stroke.since - strokes[index - 1].at > this.#options.silence;
      if (isPaused && this.#isAnew(before, strokes.slice(index))) parts.push([stroke]);
      else before.push(stroke);
    });
    return parts;
  }

  #isAnew(before, after) {
    const isTyped = before.length > 1 && !isMachine(before, this.#options);
    return isTyped || BEGINNING.test(textOf(after));
  }

  #learn(hadEnding) {
    this.#without = hadEnding ? 0 : this.#without + 1;
    if (hadEnding) this.suffix = true;
    else if (this.#without >= UNHEARD) this.suffix = false;
  }

  #begin(key) {
    this.#strokes = [];
    this.#fast = false;
    this.#editable = Boolean(key.editable);
  }

  #forget() {
    this.#strokes = [];
    this.#fast = false;
    return pass();
  }

  /** Whether so much of the burst is there that it can be nobody's but a scanner's. */
  #isScanners() {
    return this.#fast || (!this.#editable && this.#isLongEnough(this.#strokes, null) && this.#isFast());
  }

  /** Whether a line end now would complete a scan. */
  #isEnded(now) {
    if (this.#fast) return true;
    if (this.#editable) return isMachineEnd(this.#strokes, now, this.#options);
    return this.#isLongEnough(this.#strokes, "Enter") && this.#isFast();
  }

  #isFast() {
    const [last] = this.#partsOf(this.#strokes).slice(-1);
    return isMachine(last, this.#options);
  }

  #isLongEnough(strokes, ending) {
    return strokes.length >= (ending ? this.#options.shortestEnded : this.#options.shortest);
  }

  #goesOn(time, editable) {
    if (!this.#strokes.length) return false;
    const inField = this.#editable && !this.#fast;
    const hasMoved = Boolean(editable) !== this.#editable;
    if (hasMoved && !this.#isScanners()) return false;
    const longest = inField ? this.#options.fieldPause : this.#wait();
    return time - this.#lastTime() <= (hasMoved ? Math.min(longest, this.#options.silence) : longest);
  }

  #isAftermath(key) {
    return !this.#strokes.length && key.time - this.#endedAt <= this.#options.aftermath;
  }

  #isChord(key) {
    return key.time - this.#controlAt <= this.#options.chord;
  }

  #wait() {
    const { silence, doubt, patience, strayKey } = this.#options;
    const wait = this.suffix === null ? doubt : this.suffix ? patience : silence;
    return this.#strokes.length === 1 ? Math.min(wait, strayKey) : wait;
  }

  #lastTime() {
    return this.#strokes[this.#strokes.length - 1].at;
  }
}

function scanOf(strokes, ending) {
  return {
    raw: textOf(strokes),
    startedAt: strokes[0].since,
    endedAt: strokes[strokes.length - 1].at,
    ending,
    capsLock: isCapsLocked(strokes),
    strokes,
  };
}

function textOf(strokes) {
  return strokes.map((one) => one.text).join("");
}

function pass() {
  return { swallow: false, begun: false, restore: false, scans: [], late: null, slow: false };
}
