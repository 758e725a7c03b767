/**
 * A scanner that types: told from a person by its pace, heard without a focused field.
 *
 * `WedgeReader` is pure. It is given key presses with their times and answers what to do with each;
 * it touches no document, no timer and no clock, so that every scanner can be played to it in a test.
 * `listening.js` connects one to a document.
 *
 * What a key press is: {type: "down"|"up", key, code, shift, ctrl, alt, meta, composing, repeat, time,
 * editable}. What comes back: {swallow, begun, restore, scan}: keep the key from everybody else; a burst
 * began with it; put the field back to what it was then; {raw, startedAt, endedAt, suffix}.
 */

export const DEFAULTS = Object.freeze({
  pace: 70, // ms; the middle gap of what a machine types, outside fields: one hiccup splits no scan
  fieldPace: 30, // ms; inside a field every gap must be this short, for there people type
  fieldPause: 150, // ms; a longer gap inside a field begins anew
  fieldLength: 6, // characters at that pace before a field's keys are taken for a scan
  silence: 300, // ms without a key that end a scan which has no Enter
  patience: 600, // ms; the same for a scanner known to end with Enter
  shortest: 4, // characters of a scan without Enter
  shortestEnded: 2, // characters of one with Enter
  aftermath: 300, // ms in which a second terminator (CR LF) or a late one is still the scanner's
  longest: 16000,
  separatorKeys: ["F8"], // keys that some scanners send for GS
});

const GS = "\u001d";
const END = Symbol("end");
const CONTROL = { BracketRight: GS, Backslash: "\u001c", Digit6: "\u001e", Minus: "\u001f" };
// What a key means on the US layout that scanners speak, where an input method hides it: plain, shifted.
const US = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
  Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadAdd: "++",
  NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//", NumpadDecimal: "..",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";

/** The character a physical key stands for on a US keyboard, or null. Caps Lock is left out of account. */
export function characterOfCode(code, shift) {
  let found = /^Key([A-Z])$/.exec(code);
  if (found) return shift ? found[1] : found[1].toLowerCase();
  found = /^(Digit|Numpad)([0-9])$/.exec(code);
  if (found) return shift && found[1] === "Digit" ? SHIFTED_DIGITS[found[2]] : found[2];
  return US[code] ? US[code][shift ? 1 : 0] : null;
}

export class WedgeReader {
  #options;
  #keys = []; // of the burst: {text, time}
  #fast = false; // the burst is a scanner's, though a field has the focus
  #editable = false;
  #alt = null; // digits typed on the keypad while Alt is held
  #endedAt = -Infinity;

  /** `suffix`: whether this scanner is known to end a scan with Enter or Tab. */
  constructor(options = {}) {
    this.#options = { ...DEFAULTS, ...options };
    this.suffix = Boolean(options.suffix);
  }

  /** When `tick` must be called at the latest, or null while nothing is pending. */
  get deadline() {
    return this.#keys.length ? this.#lastTime() + this.#wait() : null;
  }

  /** Time has passed: a scan that ended without a terminator, or null. */
  tick(now) {
    if (!this.#keys.length || now < this.deadline) return null;
    return this.#complete(now, false);
  }

  press(key) {
    if (key.type === "up") return this.#release(key);
    if (key.key === "Alt") this.#alt = "";
    if (["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"].includes(key.key)) return pass();
    if (key.repeat) return this.#forget(); // a finger held down, never a scanner
    if (key.alt && !key.ctrl && /^Numpad[0-9]$/.test(key.code)) return this.#keypad(key);
    const text = this.#textOf(key);
    if (text === END) return this.#terminator(key);
    return text === null ? this.#forget() : this.#append(text, key);
  }

  #release(key) {
    if (key.key !== "Alt" || !this.#alt) return pass();
    const character = String.fromCharCode(Number(this.#alt) % 256);
    this.#alt = null;
    if (character === "\r" || character === "\n" || character === "\t") return this.#terminator(key);
    return this.#append(character, key);
  }

  #keypad(key) {
    this.#alt = ((this.#alt ?? "") + key.code.slice(-1)).slice(-4);
    return { ...pass(), swallow: !key.editable };
  }

  #textOf(key) {
    const { code } = key;
    if (["Enter", "Tab"].includes(key.key) || ["Enter", "NumpadEnter", "Tab"].includes(code)) return END;
    if (key.ctrl && !key.alt && !key.meta) return this.#controlOf(key);
    if (key.key === GS) return GS;
    if (this.#options.separatorKeys.includes(key.key)) return this.#goesOn(key) ? GS : null;
    if (key.meta || (key.alt && !key.ctrl)) return null;
    if (key.composing || ["Process", "Unidentified", "Dead"].includes(key.key)) {
      return characterOfCode(code, key.shift);
    }
    return [...key.key].length === 1 ? key.key : null;
  }

  /** Ctrl+] is GS. Other combinations belong to the person unless they stand inside a scan. */
  #controlOf(key) {
    const running = this.#goesOn(key);
    if (key.code === "BracketRight" || key.key === "]" || key.key === GS) {
      return running || !key.editable ? GS : null;
    }
    if (key.code === "KeyJ" || key.code === "KeyM") {
      return running || this.#isAftermath(key) ? END : null;
    }
    if (!running) return null;
    const letter = /^Key([A-Z])$/.exec(key.code);
    return CONTROL[key.code] ?? (letter ? String.fromCharCode(letter[1].charCodeAt(0) - 64) : null);
  }

  #append(text, key) {
    const goesOn = this.#goesOn(key);
    const begun = !goesOn;
    if (begun) this.#begin(key);
    this.#keys.push({ text, time: key.time });
    if (this.#keys.length > this.#options.longest) return this.#forget();
    if (!this.#editable) {
      // A lone space is a person pressing the focused button.
      return { ...pass(), begun, swallow: goesOn || text !== " " };
    }
    if (this.#fast) return { ...pass(), swallow: true };
    if (this.#keys.length < this.#options.fieldLength || this.#slowestGap() > this.#options.fieldPace) {
      return { ...pass(), begun };
    }
    this.#fast = true;
    return { ...pass(), swallow: true, restore: true };
  }

  #terminator(key) {
    if (this.#goesOn(key) && this.#isMachine(this.#options.shortestEnded)) {
      const scan = this.#complete(key.time, true);
      return { ...pass(), swallow: true, restore: this.#editable, scan };
    }
    if (this.#isAftermath(key)) {
      this.suffix = true;
      return { ...pass(), swallow: true };
    }
    return this.#forget();
  }

  #complete(now, suffix) {
    const { shortest, shortestEnded } = this.#options;
    const isScan = this.#isMachine(suffix ? shortestEnded : shortest);
    const keys = this.#keys;
    this.#keys = [];
    if (!isScan) return null;
    if (suffix) this.suffix = true;
    this.#endedAt = now;
    const raw = keys.map((one) => one.text).join("");
    return { raw, startedAt: keys[0].time, endedAt: keys[keys.length - 1].time, suffix };
  }

  #begin(key) {
    this.#keys = [];
    this.#fast = false;
    this.#editable = Boolean(key.editable);
  }

  #forget() {
    this.#keys = [];
    this.#fast = false;
    return pass();
  }

  #isMachine(shortest) {
    if (this.#keys.length < shortest) return false;
    if (this.#editable) return this.#fast;
    return this.#keys.length === 1 || this.#middleGap() <= this.#options.pace;
  }

  #goesOn(key) {
    if (!this.#keys.length || Boolean(key.editable) !== this.#editable) return false;
    const longest = this.#editable && !this.#fast ? this.#options.fieldPause : this.#wait();
    return key.time - this.#lastTime() <= longest;
  }

  #isAftermath(key) {
    return !this.#keys.length && key.time - this.#endedAt <= this.#options.aftermath;
  }

  #wait() {
    return this.suffix ? this.#options.patience : this.#options.silence;
  }

  #lastTime() {
    return this.#keys[this.#keys.length - 1].time;
  }

  #gaps() {
    return this.#keys.slice(1).map((one, index) => one.time - this.#keys[index].time);
  }

  #middleGap() {
    const gaps = this.#gaps().sort((a, b) => a - b);
    return gaps[Math.floor(gaps.length / 2)] ?? 0;
  }

  #slowestGap() {
    return Math.max(...this.#gaps());
  }
}

function pass() {
  return { swallow: false, begun: false, restore: false, scan: null };
}
