/** One patient's scans: what the server knows, what is still on its way, and what may be said of both. */

import { sum } from "./dom.js";

const BOOKED = new Set(["charged", "used"]);
// Answers to a pair that leave its first half open: it has to be scanned again.
const NO_PAIR = new Set(["not_one_pack", "not_readable"]);

export class History {
  constructor(ref) {
    this.ref = ref;
    this.orders = [];
    this.total = "0.00";
    this.scans = new Map(); // scan number → answer
    this.numbers = new Map(); // key → scan number
    this.received = new Map(); // scan number → ms when its answer came to this page
    this.reads = new Map(); // key → {raw, caps_lock} of this page's scans
    this.pairs = new Map(); // key of a pair → key of the half that was scanned before
  }

  /** An answer to a scan of this page's: richer than what the server lists. */
  take(entry, answer) {
    const isNew = !this.scans.has(answer.scan);
    this.numbers.set(entry.key, answer.scan);
    this.reads.set(entry.key, { raw: entry.raw, caps_lock: entry.caps_lock });
    if (entry.pairs) this.pairs.set(entry.key, entry.pairs);
    this.received.set(answer.scan, Date.now());
    this.scans.set(answer.scan, { ...answer, reversed: this.scans.get(answer.scan)?.reversed ?? false });
    if (isNew && answer.charge) this.total = sum([this.total, answer.charge.amount]);
  }

  /** The answer to an undo. */
  reverse(answer) {
    const known = this.scans.get(answer.scan);
    if (!known || known.reversed) return;
    this.scans.set(answer.scan, { ...known, reversed: true, refund: answer.charge });
    if (answer.charge) this.total = sum([this.total, answer.charge.amount]);
  }

  /** The server's own list; what this page knows beyond it (choices, expiry) is kept. */
  refresh(encounter) {
    this.orders = encounter.orders;
    this.total = encounter.charged;
    for (const listed of encounter.scans) {
      this.scans.set(listed.scan, { ...this.scans.get(listed.scan), ...listed });
    }
  }

  /** Newest first: {key, scan, state, at, answer, entry, read}; `read` where this page knows it. */
  rows(entries) {
    const undoing = new Set(entries.filter((one) => one.kind === "reversal").map((one) => one.scan));
    const waiting = entries
      .filter((one) => one.kind === "scan" && one.encounter === this.ref)
      .map((entry) => ({
        key: entry.key,
        scan: null,
        state: entry.state === "refused" ? "failed" : "waiting",
        at: entry.at,
        answer: null,
        entry,
        read: entry,
      }));
    const keys = new Map([...this.numbers].map(([key, number]) => [number, key]));
    const answered = [...this.scans.values()]
      .sort((a, b) => b.scan - a.scan)
      .map((answer) => ({
        key: keys.get(answer.scan) ?? null,
        scan: answer.scan,
        state: answer.reversed ? "reversed" : undoing.has(answer.scan) ? "undoing" : stateOf(answer),
        at: answer.scanned_at,
        answer,
        entry: null,
        read: this.reads.get(keys.get(answer.scan)) ?? null,
      }));
    const rows = [...waiting.reverse(), ...answered];
    this.#pair(rows);
    this.#settle(answered);
    return rows;
  }

  /** The half of a pack that was scanned before the other is told of in the pair's row. */
  #pair(rows) {
    const paired = new Set();
    for (const row of rows) {
      const half = row.entry?.pairs ?? this.pairs.get(row.key);
      const isNone = row.state === "failed" || row.answer?.warnings.some((one) => NO_PAIR.has(one.code));
      if (half && !isNone) paired.add(half);
    }
    for (const row of rows) {
      if (row.key && paired.has(row.key) && !BOOKED.has(row.state)) row.state = "paired";
    }
  }

  /** A question is settled once a later scan of the same item, or of the same lot, was booked. */
  #settle(rows) {
    const bookedLater = new Set();
    for (const row of rows) {
      const { item, lot, serial } = row.answer;
      const material = item?.codes.material ?? item?.name;
      const piece = `${lot ?? ""} ${serial ?? ""}`;
      if (row.state === "needs_choice" && bookedLater.has(material)) row.state = "chosen";
      if (row.state === "half" && bookedLater.has(piece)) row.state = "paired";
      if (BOOKED.has(row.state) && material) bookedLater.add(material).add(piece);
    }
  }

  /** What else of the same item is on the list: {at, count, unit}, or null if this is the first. */
  again(row, rows) {
    const item = row.answer?.item;
    if (!item || !BOOKED.has(row.state)) return null;
    const same = rows.filter(
      (one) => BOOKED.has(one.state) && one.scan <= row.scan && sameItem(one.answer.item, item),
    );
    if (same.length < 2) return null;
    const before = same[1];
    const count = same.reduce((total, one) => total + one.answer.quantity, 0);
    return { at: this.received.get(before.scan) ?? before.at, count, unit: item.unit };
  }
}

/** What an answer is to the nurse; of a pack's second symbol alone, that the first is wanted. */
function stateOf(answer) {
  const isHalf = answer.outcome === "unresolved" && answer.warnings.some((one) => one.code === "first_symbol");
  return isHalf ? "half" : answer.outcome;
}

function sameItem(one, other) {
  if (one?.codes.material && other.codes.material) return one.codes.material === other.codes.material;
  return one?.name === other.name && one?.specification === other.specification;
}
