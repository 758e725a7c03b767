/**
 * What a key press types, whatever the browser calls it.
 *
 * A scanner presses keys of a US keyboard. `key` is what the machine's own layout makes of them, `code` is
 * their place; an input method hides the first ("Process", 229) and leaves the second.
 */

export const GS = "\u001d";
const LOST = "\ufffd"; // stands where a key came that types nothing: better an unreadable scan than a wrong one
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "ScrollLock"]);
const HIDDEN = new Set(["Process", "Unidentified", "Dead"]);

// The US layout beside letters and digits: plain, shifted.
const US = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:",
  Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ", NumpadAdd: "++",
  NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//", NumpadDecimal: "..",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";
// Control characters that are no letter's: ESC, FS, GS, RS, US.
const CONTROL = { BracketLeft: "\u001b", Backslash: "\u001c", BracketRight: GS, Digit6: "\u001e", Minus: "\u001f" };
const LINE_ENDS = { KeyI: "Tab", KeyJ: "LF", KeyM: "Enter" }; // Ctrl+I, Ctrl+J, Ctrl+M
const EDITS = new Set(["KeyA", "KeyC", "KeyV", "KeyX", "KeyY", "KeyZ"]);

export function isModifier(key) {
  return MODIFIERS.has(key.key);
}

/** The character a physical key stands for on a US keyboard, or null. Caps Lock is left out of account. */
export function characterOfCode(code, shift) {
  let found = /^Key([A-Z])$/.exec(code);
  if (found) return shift ? found[1] : found[1].toLowerCase();
  found = /^(Digit|Numpad)([0-9])$/.exec(code);
  if (found) return shift && found[1] === "Digit" ? SHIFTED_DIGITS[found[2]] : found[2];
  return US[code] ? US[code][shift ? 1 : 0] : null;
}

/** "Enter", "Tab" or "LF" for a key that ends a line, Ctrl+J, Ctrl+M and Ctrl+I among them; else null. */
export function lineEndOf(key) {
  if (key.key === "Tab" || key.code === "Tab") return "Tab";
  if (key.key === "Enter" || key.code === "Enter" || key.code === "NumpadEnter") return "Enter";
  return isControl(key) ? (LINE_ENDS[key.code] ?? null) : null;
}

/** Ctrl and another key: in a scan a control character, in a person's hands a shortcut. */
export function isControl(key) {
  return Boolean(key.ctrl && !key.alt && !key.meta);
}

/** The control character of Ctrl and a key, or null. */
export function controlOf(key) {
  if (key.code === "BracketRight" || key.key === "]" || key.key === GS) return GS;
  const letter = /^Key([A-Z])$/.exec(key.code);
  return CONTROL[key.code] ?? (letter ? String.fromCharCode(letter[1].charCodeAt(0) - 64) : null);
}

/** Ctrl and a letter with which people edit, and software on their behalf as fast as a scanner. */
export function isEditing(key) {
  return EDITS.has(key.code);
}

/** Whether this is a digit of the keypad typed with Alt held: part of a character's number. */
export function isAltDigit(key) {
  return key.alt && !key.ctrl && /^Numpad[0-9]$/.test(key.code);
}

/** {text, how: "key"|"place"} of a key without Ctrl: what it types, and who said so; or null. */
export function plainStroke(key) {
  if (key.key === GS) return { text: GS, how: "key" };
  if (key.meta || (key.alt && !key.ctrl)) return null;
  if (key.composing || HIDDEN.has(key.key)) return byPlace(key);
  if ([...key.key].length === 1) return { text: key.key, how: "key" };
  return /^Numpad[0-9]$/.test(key.code) ? byPlace(key) : null; // with NumLock off it is called "Home"
}

function byPlace(key) {
  const text = characterOfCode(key.code, key.shift);
  return text === null ? null : { text, how: "place" };
}

/** What stands for a key within a scan that types nothing known. */
export function lostStroke() {
  return { text: LOST, how: "lost" };
}
