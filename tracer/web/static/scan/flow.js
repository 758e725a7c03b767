/** What happens on the scan page, in order: place, wristband, pieces, undo. It draws nothing itself. */

import { swapCase } from "./evidence.js";
import { History } from "./history.js";
import { Outbox } from "./outbox.js";
import { joined, partnerOf } from "./pairing.js";
import { wristbandOf } from "./patients.js";
import { newKey } from "./server.js";

const PLACE = "tracer.place"; // of this device
const PATIENT = "tracer.patient"; // of this tab: a reference, never a name
const DOUBLE = 300; // ms between two identical scans that are one pull of the trigger
const PATIENCE = 2500; // ms a scan waits for the word whether it is a wristband

export class Flow {
  #last = { raw: null, endedAt: -Infinity };
  #turn = Promise.resolve();
  #refreshing = null;
  #epoch = 0; // grows with everything that makes a list under way out of date

  /** `tell(word, values)` says something in passing; `draw()` shows the present state. */
  constructor({ data, server, sounds, tell, draw, storage = localStorage }) {
    Object.assign(this, { data, server, sounds, tell, draw });
    this.place = data.places.find((one) => one.code === storage.getItem(PLACE)) ?? null;
    if (data.places.length === 1) [this.place] = data.places;
    this.patient = null;
    this.history = null;
    this.patients = [];
    this.asked = null;
    this.current = null; // {key} or {scan}: the row on the card
    this.ending = null;
    this.storage = storage;
    this.outbox = new Outbox({
      storage,
      server,
      request,
      onAnswer: (entry, answer) => this.#answered(entry, answer),
      onRefused: (entry) => this.#notTaken(entry),
      onChange: () => this.draw(),
    });
  }

  async start() {
    this.draw();
    this.outbox.pump();
    this.#loadWard();
    const kept = sessionStorage.getItem(PATIENT);
    if (kept && this.place) await this.#meet(kept, { again: true });
  }

  choosePlace(code) {
    this.place = this.data.places.find((one) => one.code === code) ?? null;
    if (this.place) this.storage.setItem(PLACE, code);
    this.patients = [];
    this.#loadWard();
    this.draw();
  }

  /** One scan, or one typed code; scans are taken one after the other. `raw_b64` has what is no text, exactly. */
  scanned(scan) {
    if (scan.raw === this.#last.raw && scan.startedAt - this.#last.endedAt <= DOUBLE) {
      this.#last.endedAt = scan.endedAt;
      this.tell("double");
      return;
    }
    this.#last = { raw: scan.raw, endedAt: scan.endedAt };
    const at = new Date().toISOString();
    this.sounds.play("read");
    const { raw, raw_b64, capsLock } = scan;
    this.#turn = this.#turn.then(() => this.#take({ raw, raw_b64, caps_lock: capsLock || undefined }, at));
  }

  async #take(read, at) {
    const { raw } = read;
    if (!this.place) return this.#object("choose_place");
    const ref = wristbandOf(read.caps_lock ? swapCase(raw) : raw, this.data);
    if (!this.patient) {
      return ref ? this.#meet(ref) : this.#object("not_wristband");
    }
    const { patient, history } = this; // whoever is on the page when the answer comes
    if (ref === patient.ref) return this.tell("same_patient");
    if (ref && (await this.#isPatient(ref))) return null;
    const partner = partnerOf(read, history.rows(this.outbox.mine()));
    const wanted = partner ? { ...joined(partner.read, read), pairs: partner.key } : read;
    return this.#send({ ...wanted, at, encounter: patient.ref });
  }

  choose(ref) {
    return this.#meet(ref);
  }

  /** The person says that an unknown reference is a wristband all the same. */
  confirm(asked) {
    this.#open({ ref: asked.ref, name: "", bed: "", confirmed: false, charged: "0.00", orders: [], scans: [] });
  }

  cancelQuestion() {
    this.asked = null;
    this.draw();
  }

  next() {
    sessionStorage.removeItem(PATIENT);
    Object.assign(this, { patient: null, history: null, current: null, asked: null, ending: null });
    this.#loadWard();
    this.draw();
  }

  /** Look a wristband up; who is known is opened, of others the nurse is asked. */
  async #meet(ref, { again = false } = {}) {
    const answer = await this.server.get(address(ref));
    if (answer.status === 200 && (answer.body.known || again)) return this.#open(answer.body);
    if (answer.status === 401) {
      this.outbox.needsSignIn = true;
      return this.draw();
    }
    if (answer.status === 422) return this.#object("not_wristband");
    const why = answer.status === 200 ? "why_unknown" : answer.status === 404 ? "why_elsewhere" : "why_offline";
    this.asked = { ref, why };
    this.sounds.play("refused");
    return this.draw();
  }

  /** While a patient is being served: is this another patient's wristband? Then go over to them. */
  async #isPatient(ref) {
    const listed = this.patients.some((one) => one.ref === ref);
    const answer = await this.server.get(address(ref), PATIENCE);
    if (answer.status === 200 && answer.body.known) {
      this.#open(answer.body);
      this.tell("switched", { ref });
      return true;
    }
    if (!listed) return false;
    this.next();
    this.asked = { ref, why: "why_offline" };
    this.draw();
    return true;
  }

  #open(encounter) {
    sessionStorage.setItem(PATIENT, encounter.ref);
    this.patient = encounter;
    this.history = new History(encounter.ref);
    this.history.refresh(encounter);
    Object.assign(this, { current: null, asked: null, ending: null });
    this.draw();
  }

  #send(wanted) {
    const entry = {
      kind: "scan",
      key: newKey(),
      location: this.place.code,
      encounter: this.patient?.ref,
      ...wanted,
    };
    if (entry.encounter === this.patient?.ref) this.current = { key: entry.key };
    this.#keep(entry);
  }

  #keep(entry) {
    try {
      this.outbox.add(entry);
    } catch {
      this.#object("no_room");
    }
  }

  /** Another scan of the same code, with the quantity that was asked for, or the reason. */
  again(row, more) {
    const read = this.#raws.get(row.scan);
    if (!read) return this.tell("scan_again");
    return this.#send({ ...read, at: new Date().toISOString(), ...more });
  }

  #raws = new Map(); // scan number → {raw, raw_b64, caps_lock}, of this page

  undo(row) {
    if (row.entry) {
      // It may have been booked although no answer came: the undo follows its answer.
      this.outbox.update(row.entry.id, { undo: true });
      return this.draw();
    }
    this.current = { scan: row.scan };
    return this.#reverse(row.scan, this.history.ref);
  }

  #reverse(scan, encounter) {
    this.#keep({ kind: "reversal", key: newKey(), scan, encounter, at: new Date().toISOString() });
  }

  dismiss(row) {
    this.current = null;
    this.outbox.dismiss(row.entry.id);
  }

  show(row) {
    this.current = row.scan ? { scan: row.scan } : { key: row.key };
    this.draw();
  }

  askEnd(order) {
    this.ending = order?.order_no ?? null;
    this.draw();
  }

  async endOrder(order) {
    const answer = await this.server.post(`/api/v1/orders/${encodeURIComponent(order.order_no)}/end`, {});
    this.ending = null;
    if (answer.status !== 200) this.tell(answer.body?.detail ? "says" : "try_again", { detail: answer.body?.detail });
    await this.refresh();
  }

  /** Bring the patient's list and orders up to date; a list that was overtaken by an answer is not taken. */
  async refresh() {
    const ref = this.history?.ref;
    if (!ref) return;
    this.#epoch += 1;
    const asked = this.#epoch;
    const answer = await this.server.get(address(ref));
    if (asked !== this.#epoch) return;
    if (answer.status === 200 && this.history?.ref === ref) {
      this.history.refresh(answer.body);
      this.patient = { ...this.patient, ...answer.body, confirmed: answer.body.confirmed };
    }
    this.draw();
  }

  #answered(entry, answer) {
    this.#epoch += 1; // whatever list is under way is older than this; the next one is asked for below
    const here = this.history?.ref === entry.encounter;
    if (entry.kind === "reversal") {
      if (here) this.history.reverse(answer);
      this.sounds.play("read");
    } else {
      this.#raws.set(answer.scan, readOf(entry));
      if (here) this.history.take(entry, answer);
      const booked = ["charged", "used"].includes(answer.outcome);
      this.sounds.play(booked ? "booked" : asksForMore(answer) ? "read" : "refused");
      if (booked && entry.undo) this.#reverse(answer.scan, entry.encounter);
      if (!here && !booked) this.tell("left_behind", { ref: entry.encounter });
    }
    if (here) this.#refreshSoon();
  }

  #notTaken(entry) {
    this.sounds.play("refused");
    if (entry.kind === "reversal") {
      // Undone before, or nothing to undo: the list will say which; the undo need not be kept.
      this.tell("says", { detail: entry.detail });
      this.outbox.dismiss(entry.id);
      this.#refreshSoon();
    } else if (this.history?.ref !== entry.encounter) {
      this.tell("left_behind", { ref: entry.encounter });
    }
  }

  #refreshSoon() {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => this.refresh(), 200);
  }

  #object(word) {
    this.sounds.play("refused");
    this.tell(word);
    this.draw();
  }

  async #loadWard() {
    const place = this.place;
    if (!place) return;
    const answer = await this.server.get(`${this.data.patients}?location=${encodeURIComponent(place.code)}`);
    if (answer.status !== 200 || this.place !== place) return;
    this.patients = answer.body.patients;
    this.draw();
  }
}

function address(ref) {
  return `/api/v1/encounters/${encodeURIComponent(ref)}`;
}

/** Whether the other symbol of the pack is all that is missing. */
function asksForMore(answer) {
  return answer.warnings.some((one) => one.code === "second_symbol" || one.code === "first_symbol");
}

/** What the scanner gave, of an entry. */
function readOf({ raw, raw_b64, caps_lock }) {
  return { raw, raw_b64, caps_lock };
}

/** What is sent for an entry: the same every time, or the server would take the key for misused. */
export function request(entry) {
  if (entry.kind === "reversal") {
    return { path: `/api/v1/scans/${entry.scan}/reversal`, body: { idempotency_key: entry.key } };
  }
  const body = {
    idempotency_key: entry.key,
    ...(entry.raw_b64 ? { raw_b64: entry.raw_b64 } : { raw: entry.raw }),
    location: entry.location,
    encounter: entry.encounter,
    scanned_at: entry.at,
  };
  if (entry.caps_lock) body.caps_lock = true;
  if (entry.quantity) body.quantity = entry.quantity;
  if (entry.override_reason) body.override_reason = entry.override_reason;
  return { path: "/api/v1/scans", body };
}
