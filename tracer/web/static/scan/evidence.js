/** What the strokes of a scan tell of the keyboard they came through. */

const LETTER = /^[A-Za-z]$/;

/**
 * Whether Caps Lock turned the letters round: every one contradicts its Shift, and one does so as nothing
 * else makes it (small in spite of Shift), or the keyboard says itself that it is on. Where only some do
 * (macOS writes capitals for both), the text as it came is nearer to the code.
 */
export function isCapsLocked(strokes) {
  const letters = strokes.filter((one) => one.how === "key" && one.us !== null && LETTER.test(one.text));
  if (!letters.every((one) => isUpper(one.text) !== one.shift)) return false;
  return letters.some((one) => one.shift || one.caps);
}

function isUpper(letter) {
  return letter !== letter.toLowerCase();
}

export function swapCase(text) {
  return text.replace(/[A-Za-z]/g, (one) => (isUpper(one) ? one.toLowerCase() : one.toUpperCase()));
}

/** The text that the same keys type on a US keyboard without Caps Lock; null if their places are not known. */
export function textByPlace(strokes) {
  let text = "";
  for (const one of strokes) {
    const meant = ["key", "place"].includes(one.how) ? one.us : one.text;
    if (meant === null) return null;
    text += meant;
  }
  return text;
}

/** The layout by which the machine reads keys, where it is not the scanner's: a name, "other", or null. */
export function foreignLayout(strokes) {
  const wrong = strokes.filter((one) => one.how === "key" && one.us !== null && differs(one));
  if (!wrong.length) return null;
  const read = new Map(wrong.map((one) => [one.us.toLowerCase(), one.text.toLowerCase()]));
  if (["q", "a", "w", "z", "m"].some((letter) => "awqz,".includes(read.get(letter) ?? "?")) && !read.has("y")) {
    return "azerty";
  }
  if (["1", "2", "3", "4", "5"].some((digit) => "&é\"'(".includes(read.get(digit) ?? "?"))) return "azerty";
  if (read.get("y") === "z" || read.get("z") === "y") return "qwertz";
  if (read.get('"') === "@" || read.get("@") === '"') return "uk";
  return "other";
}

function differs({ text, us }) {
  return text.toLowerCase() !== us.toLowerCase();
}

/** How separators came: of "ctrl", "key", "function", "keypad"; in the order first seen. */
export function separatorsOf(strokes) {
  return [...new Set(strokes.filter((one) => one.text === "\u001d").map((one) => one.how))];
}

/** Whether an input method had the keys first. */
export function isComposed(strokes) {
  return strokes.some((one) => one.composing);
}
