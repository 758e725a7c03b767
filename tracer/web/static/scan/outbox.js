/**
 * What was scanned and has no answer yet: kept on the device, sent in order, never lost and never doubled.
 *
 * Each entry is stored under a name of its own before it is sent, with the key the server knows it by, and
 * removed only when an answer is there; so a reload, a dead battery or a lost answer costs nothing: the
 * same key is sent again, and the server answers as it did. An entry holds no name of a patient.
 *
 * entry: {id, key, person, kind: "scan"|"reversal", at, state: "waiting"|"refused", tries, detail?, …}
 */

const PREFIX = "tracer.out.";
const LONGEST_PAUSE = 30_000;

/** What an answer means for the entry: it has one, wait, get a new token, sign in, or it never will be taken. */
export function verdict(status, code) {
  if (status >= 200 && status < 300) return "answered";
  if (status === 0 || status >= 500 || [408, 425, 429].includes(status)) return "retry";
  if (status === 409 && code === "key_in_flight") return "retry";
  if (status === 401) return "sign_in";
  if (code === "page_expired") return "renew";
  return "refused";
}

/** ms until the next try: 1, 2, 4 … 30 s, or what the server asks for; a little apart from other devices. */
export function pauseAfter(tries, retryAfter, chance = Math.random()) {
  const wanted = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(tries - 1, 5));
  return Math.max(wanted, (retryAfter ?? 0) * 1000) * (0.85 + 0.3 * chance);
}

export class Outbox {
  #storage;
  #server;
  #request;
  #sending = false;
  #timer = null;
  #last = 0;

  /** `request(entry)` → {path, body}; `onAnswer(entry, body)`, `onRefused(entry)`, `onChange()` tell the page. */
  constructor({ storage, server, request, onAnswer, onRefused, onChange }) {
    this.#storage = storage;
    this.#server = server;
    this.#request = request;
    Object.assign(this, { onAnswer, onRefused, onChange });
    this.sent = 0;
    this.needsSignIn = false;
    this.isOffline = false;
  }

  /** Every entry kept on this device, in the order they were made. */
  entries() {
    const names = Object.keys(this.#storage).filter((name) => name.startsWith(PREFIX)).sort();
    return names.map((name) => read(this.#storage, name)).filter(Boolean);
  }

  mine() {
    return this.entries().filter((entry) => entry.person === this.#server.person);
  }

  counts() {
    const all = this.entries();
    const mine = all.filter((entry) => entry.person === this.#server.person);
    return {
      sent: this.sent,
      waiting: mine.filter((entry) => entry.state === "waiting").length,
      refused: mine.filter((entry) => entry.state === "refused").length,
      others: all.length - mine.length,
    };
  }

  /** Keep an entry and begin to send. Throws if the device has no room left: then nothing was taken. */
  add(entry) {
    // Two pages of one device may add in the same millisecond; the key keeps their names apart.
    this.#last = Math.max(Date.now(), this.#last + 1);
    const id = `${PREFIX}${String(this.#last).padStart(15, "0")}.${entry.key}`;
    const kept = { ...entry, id, person: this.#server.person, state: "waiting", tries: 0 };
    this.#write(kept);
    this.onChange();
    this.pump();
    return kept;
  }

  /** Change what is kept of a waiting entry. */
  update(id, changes) {
    const entry = read(this.#storage, id);
    if (entry) this.#write({ ...entry, ...changes });
  }

  /** A person has seen that it was refused. */
  dismiss(id) {
    this.#storage.removeItem(id);
    this.onChange();
  }

  /** Send what waits, one after the other, until something stands in the way. */
  async pump() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      let entry;
      while ((entry = this.mine().find((one) => one.state === "waiting"))) {
        if (!(await this.#sendOne(entry))) break;
      }
    } finally {
      this.#sending = false;
      this.onChange();
    }
  }

  async #sendOne(entry) {
    const { path, body } = this.#request(entry);
    const answer = await this.#server.post(path, body);
    const kept = read(this.#storage, entry.id) ?? entry;
    const what = verdict(answer.status, answer.body?.code);
    this.isOffline = answer.status === 0;
    if (what === "answered" && answer.body) {
      this.#storage.removeItem(entry.id);
      this.sent += 1;
      this.needsSignIn = false;
      this.onAnswer(kept, answer.body);
      this.onChange();
      return true;
    }
    if (what === "refused") {
      const refused = { ...kept, state: "refused", detail: answer.body?.detail ?? `HTTP ${answer.status}` };
      this.#write(refused);
      this.onRefused(refused);
      this.onChange();
      return true;
    }
    const tries = kept.tries + 1;
    this.#write({ ...kept, tries });
    if (what === "renew" && (await this.#server.renew())) return tries < 20 || this.#later(tries, answer.retryAfter);
    this.needsSignIn = what !== "retry";
    return this.#later(tries, answer.retryAfter);
  }

  #later(tries, retryAfter) {
    this.#timer = setTimeout(() => this.pump(), pauseAfter(tries, retryAfter));
    return false;
  }

  #write(entry) {
    this.#storage.setItem(entry.id, JSON.stringify(entry));
  }
}

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return null;
  }
}
