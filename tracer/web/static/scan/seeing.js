/** The camera as one more scanner of the page: what it reads goes the way of every scan. */

import { wristbandOf } from "./patients.js";
import { Viewfinder } from "./viewfinder.js";

const GIVE_UP = 4000; // ms for an article's name, which is only a help

/** Put the camera into a page. */
export function seeing({ at, data, server, sounds, flow }) {
  const names = new Map(); // DI → promise of a name
  const nameOf = (reading) => {
    if (!names.has(reading.di)) {
      const path = `/api/v1/codes/udi/${encodeURIComponent(reading.di)}`;
      names.set(reading.di, server.get(path, GIVE_UP).then((answer) => nameIn(answer.body?.item)));
    }
    return names.get(reading.di);
  };
  return new Viewfinder({
    at,
    words: { ...data.words, ...data.words.camera },
    server,
    sounds,
    meaning: (choices) => meant(choices, flow.patient, data),
    scan: (choice) => flow.scanned(scanOf(choice.raw_b64)),
    nameOf,
    signedOut() {
      flow.outbox.needsSignIn = true;
      flow.draw();
    },
  });
}

/**
 * Of all codes in a picture those that can be meant at this step: a wristband where one is waited for; then
 * devices; then a pack's second symbol, which the page joins to its first, whichever comes first; else anything.
 */
export function meant(choices, patient, data) {
  if (!patient) {
    const bands = choices.filter((one) => !one.device && wristbandOf(scanOf(one.raw_b64).raw, data));
    if (bands.length) return bands.map((one) => ({ ...one, certain: true }));
  }
  const devices = choices.filter((one) => one.device);
  if (devices.length) return devices;
  const halves = choices.filter((one) => one.reading.agency === "HIBC" && one.reading.error?.code === "missing_di");
  return halves.length ? halves.map((one) => ({ ...one, certain: true, half: true })) : choices;
}

/** A scan of these bytes: as text where they are text, and as they are where they are none. */
export function scanOf(raw_b64) {
  const bytes = Uint8Array.from(atob(raw_b64), (one) => one.charCodeAt(0));
  const now = performance.now();
  const when = { startedAt: now, endedAt: now };
  try {
    return { raw: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), ...when };
  } catch {
    return { raw: new TextDecoder("utf-8").decode(bytes), raw_b64, ...when };
  }
}

function nameIn(item) {
  if (!item) return null;
  return [item.name, item.specification].filter(Boolean).join(" ");
}
