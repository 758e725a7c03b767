/** What this device knows of its scanner: thresholds somebody set (wedge.js names them), and its line end. */

import { listen } from "./listening.js";
import { DEFAULTS, WedgeReader } from "./wedge.js";

const KEPT = "tracer.scanner";
/** The thresholds that may be set, and between what; all in ms. */
export const LIMITS = Object.freeze({
  pace: [20, 500],
  fieldPace: [5, 60],
  silence: [100, 3000],
  patience: [300, 5000],
});

/** {pace, fieldPace, silence, patience, suffix}; whatever is unset or cannot be right is left out. */
export function readScanner(storage = localStorage) {
  let kept;
  try {
    kept = JSON.parse(storage.getItem(KEPT)) ?? {};
  } catch {
    kept = {};
  }
  const known = {};
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    if (Number.isFinite(kept[name]) && kept[name] >= least && kept[name] <= most) known[name] = kept[name];
  }
  if (typeof kept.suffix === "boolean") known.suffix = kept.suffix;
  return known;
}

export function keepScanner(changes, storage = localStorage) {
  storage.setItem(KEPT, JSON.stringify({ ...readScanner(storage), ...changes }));
}

/** The threshold in force. */
export function threshold(name, scanner = readScanner()) {
  return scanner[name] ?? DEFAULTS[name];
}

/** Hear this device's scanner, and keep what is learned of it. `hears` as in `listen`; `more`: other thresholds. */
export function hearScanner(hears, more = {}) {
  const reader = new WedgeReader({ ...readScanner(), ...more });
  let suffix = reader.suffix;
  const learn = () => {
    if (reader.suffix === suffix) return;
    suffix = reader.suffix;
    keepScanner({ suffix });
  };
  const stop = listen(reader, {
    ...hears,
    scan: (scan) => {
      learn();
      hears.scan(scan);
    },
    late: (ending) => {
      learn();
      hears.late?.(ending);
    },
  });
  return stop;
}
