/**
 * The two symbols of one HIBC pack: what the article is, and which lot. Either may be scanned first.
 *
 * A read is {raw, caps_lock}. The second carries the first's last character before its own last; the server
 * has the last word on whether two belong together.
 */

import { swapCase } from "./evidence.js";

const IDENTIFIER = /^\][A-Za-z][0-9A-Za-z]/;
const PRIMARY = /^\+[A-Z][0-9A-Z]{4,21}[0-9][0-9A-Z\-. $/+%]$/;
const SECONDARY = /^\+(?:[$0-9]|S|Q|14D|16D)[0-9A-Z\-. $/+%]{2,}$/;
// What a row may be whose symbol still waits for its other one.
const OPEN = new Set(["waiting", "needs_choice", "unresolved", "half"]);

/** "primary", "secondary", or null for every other code. */
export function kindOf(read) {
  const text = textOf(read);
  if (PRIMARY.test(text)) return "primary";
  return SECONDARY.test(text) ? "secondary" : null;
}

/** The row whose symbol this one completes, or null. `rows` newest first; {read, state, entry}. */
export function partnerOf(read, rows) {
  const kind = kindOf(read);
  if (!kind) return null;
  const isPartner = (row) => {
    const other = row.read && kindOf(row.read);
    if (!other || other === kind || !OPEN.has(row.state) || row.entry?.undo || row.entry?.quantity) return false;
    // Of one symbol scanned twice the later scan counts, also where it was to book the symbol alone.
    return rows.find((one) => one.read?.raw === row.read.raw) === row;
  };
  const linked = rows.find((row) => isPartner(row) && isLinked(row.read, read));
  if (linked) return linked;
  // Scanned one right after the other: if they are not of one pack, the nurse should hear it.
  return rows.length && isPartner(rows[0]) ? rows[0] : null;
}

/** Both as one read, the primary first. */
export function joined(one, other) {
  const [primary, secondary] = kindOf(one) === "primary" ? [one, other] : [other, one];
  const isOne = Boolean(one.caps_lock) === Boolean(other.caps_lock);
  const [first, second] = isOne ? [primary.raw, secondary.raw] : [primary, secondary].map(asMeant);
  return { raw: `${first}\n${second}`, caps_lock: isOne ? one.caps_lock : undefined };
}

function isLinked(one, other) {
  const [primary, secondary] = kindOf(one) === "primary" ? [one, other] : [other, one];
  return textOf(primary).at(-1) === textOf(secondary).at(-2);
}

function asMeant({ raw, caps_lock }) {
  return caps_lock ? swapCase(raw) : raw;
}

/** Without identifier, asterisks of Code 39, and an input method's wide letters; a blank may be the check. */
function textOf(read) {
  const bare = asMeant(read).normalize("NFKC").replace(IDENTIFIER, "").replace(/[\r\n\t]+$/, "");
  return bare.startsWith("*") ? bare.slice(1).replace(/\*$/, "") : bare;
}
