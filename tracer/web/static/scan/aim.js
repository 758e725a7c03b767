/**
 * What a camera's looks mean: when one code is scanned, when a person has to say which, when nothing is new.
 *
 * `Aim` is pure. It is given what each look found, with the time of the look, and answers what to do; it
 * touches no camera, no document and no clock, so that every movement of a hand can be played to it.
 *
 * A choice is what the server makes of codes in one picture: {raw_b64, parts, device, certain, half, reading};
 * `parts` are the contents of the codes it covers, `half` is the second code of a pack, without its first. Only
 * looks that were answered count: while the server is away, nothing leaves the view.
 */

export const AIM = Object.freeze({
  looks: 2, // a code is believed when seen so often in looks that follow each other
  patience: 1200, // ms in view before a code without lot or serial is taken: its fuller sister may come into focus
  away: 1500, // ms out of view after which the same code is a new scan
  alone: 2500, // ms that one of several must be alone in view to be meant; so long the question stands
});

export class Aim {
  #options;
  #look = 0;
  #seen = new Map(); // raw_b64 → {choice, first, looks, last}
  #done = []; // what was scanned and has not left the view: {choice, goneSince}
  #question = null; // those that were in view together, and when: {choices, at}

  constructor(options = {}) {
    this.#options = { ...AIM, ...options };
  }

  /**
   * What a look at `at` (ms) found → {state, scan, offer}: "aim" nothing is in view, "steady" something is not yet
   * sure, "got" `scan` is to be scanned, "hold" it was scanned and is still there, "choose" among `offer`
   * ([{choice, done}]).
   */
  look(choices, at) {
    this.#look += 1;
    for (const choice of choices) this.#notice(choice, at);
    for (const [name, one] of this.#seen) if (one.last < this.#look - 1) this.#seen.delete(name);
    this.#forgetWhatLeft(choices, at);
    const present = withoutLesser([...this.#seen.values()]);
    if (present.length > 1) return this.#several(present, at);
    const [one] = present;
    if (this.#isStillAsked(one, at)) return this.#ask();
    this.#question = null;
    if (!one) return answer("aim");
    const believed = one.last === this.#look && one.looks >= this.#options.looks;
    if (this.#isDone(one.choice)) return believed ? this.#otherHalf(one.choice) : answer("hold");
    if (!believed || at - one.first < this.#patienceFor(one)) return answer("steady");
    if (!one.choice.certain) return answer("choose", { offer: [{ choice: one.choice, done: false }] });
    this.#done = [];
    this.take(one.choice);
    return answer("got", { scan: one.choice });
  }

  /** It is scanned: by a look, or because a person said so. */
  take(choice) {
    this.#done.push({ choice, goneSince: null });
  }

  /** Begin anew: a person turned the camera on. */
  forget() {
    this.#seen.clear();
    this.#done = [];
    this.#question = null;
  }

  /** A person says that none of those is meant that were to choose from. */
  dismiss() {
    for (const choice of this.#question?.choices ?? []) this.take(choice);
    this.#question = null;
  }

  #notice(choice, at) {
    const known = this.#seen.get(choice.raw_b64);
    if (!known) {
      this.#seen.set(choice.raw_b64, { choice, first: at, looks: 1, last: this.#look });
      return;
    }
    known.looks += known.last === this.#look ? 0 : 1;
    known.last = this.#look;
    known.choice = choice;
  }

  #forgetWhatLeft(choices, at) {
    for (const one of this.#done) {
      const inView = choices.some((choice) => isSame(choice, one.choice));
      one.goneSince = inView ? null : (one.goneSince ?? at);
    }
    this.#done = this.#done.filter((one) => one.goneSince === null || at - one.goneSince < this.#options.away);
  }

  #isDone(choice) {
    return this.#done.some((one) => isSame(one.choice, choice));
  }

  /** More than one: shown once they were seen in one picture, or each of them more than once. */
  #several(present, at) {
    const together = present.filter((one) => one.last === this.#look).length > 1;
    const steady = present.every((one) => one.looks > 1);
    if (present.every((one) => this.#isDone(one.choice))) return answer("hold");
    if (!together && !steady) return this.#question ? this.#ask() : answer("steady");
    this.#question = { choices: present.map((one) => one.choice), at };
    return this.#ask();
  }

  /** A code that is missed for a moment does not answer the question which of several is meant. */
  #isStillAsked(one, at) {
    if (!this.#question || at - this.#question.at >= this.#options.alone) return false;
    return !one || this.#question.choices.some((choice) => isSame(choice, one.choice));
  }

  #ask() {
    return answer("choose", {
      offer: this.#question.choices.map((choice) => ({ choice, done: this.#isDone(choice) })),
    });
  }

  /** Of a pack with two codes one was scanned before the other came into view: now that one alone. */
  #otherHalf(choice) {
    const isJoined = choice.certain && !choice.parts.includes(choice.raw_b64);
    const scanned = this.#done.flatMap((one) => one.choice.parts);
    const left = choice.parts.filter((part) => !scanned.includes(part));
    if (!isJoined || left.length !== 1) return answer("hold");
    const half = { ...choice, raw_b64: left[0], parts: left };
    this.take(half);
    return answer("got", { scan: half });
  }

  #patienceFor(one) {
    return isBare(one.choice) || !one.choice.certain ? this.#options.patience : 0;
  }
}

function answer(state, { scan = null, offer = [] } = {}) {
  return { state, scan, offer };
}

/** Whether it names an article and nothing of the piece, or a piece and no article: another code may say more. */
function isBare({ device, half, reading }) {
  if (half) return true;
  return device && reading.agency !== "INHOUSE" && !reading.lot && !reading.serial && !reading.expiry;
}

/** Whether two choices may be the same piece in view: they share a code, or nothing they say of one article differs. */
export function isSame(one, other) {
  if (one.parts.some((part) => other.parts.includes(part))) return true;
  const [a, b] = [one.reading, other.reading];
  if (!a.di || a.di !== b.di || a.agency !== b.agency) return false;
  return ["lot", "serial", "expiry"].every((name) => !a[name] || !b[name] || a[name] === b[name]);
}

/** Without those of which another one in view says all and more. */
function withoutLesser(seen) {
  const says = ({ choice }) =>
    ["lot", "serial", "expiry"].filter((name) => choice.reading[name]).length + choice.parts.length;
  return seen.filter(
    (one) => !seen.some((other) => other !== one && isSame(one.choice, other.choice) && says(other) > says(one)),
  );
}
