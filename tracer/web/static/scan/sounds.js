/**
 * Three sounds a nurse can tell apart without looking: read, booked, refused. With them the device shakes.
 *
 * Browsers give sound only after a person's first tap or key; until then only the picture speaks.
 */

const KEPT = "tracer.sound";
// Each tone: [hertz, starts at ms, lasts ms, loudness, shape]
const TONES = {
  read: [[1600, 0, 45, 0.12, "sine"]],
  booked: [[880, 0, 90, 0.25, "sine"], [1320, 95, 140, 0.25, "sine"]],
  refused: [[220, 0, 180, 0.3, "square"], [180, 230, 260, 0.3, "square"]],
};
const SHAKES = { read: [], booked: [40], refused: [90, 60, 160] };

export class Sounds {
  #context = null;

  constructor(target = window) {
    this.isOn = localStorage.getItem(KEPT) !== "off";
    const wake = () => this.#wake();
    for (const kind of ["pointerdown", "keydown"]) target.addEventListener(kind, wake, { capture: true });
  }

  turn(on) {
    this.isOn = on;
    localStorage.setItem(KEPT, on ? "on" : "off");
    if (on) this.play("read");
  }

  play(name) {
    document.dispatchEvent(new CustomEvent("tracer:sound", { detail: name }));
    if (SHAKES[name].length && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(SHAKES[name]);
    if (!this.isOn || this.#context?.state !== "running") return;
    const now = this.#context.currentTime;
    for (const [hertz, start, lasts, loudness, shape] of TONES[name]) {
      this.#tone(hertz, now + start / 1000, lasts / 1000, loudness, shape);
    }
  }

  #tone(hertz, start, seconds, loudness, shape) {
    const source = new OscillatorNode(this.#context, { type: shape, frequency: hertz });
    const gain = new GainNode(this.#context, { gain: 0 });
    // Ramps: a tone that is cut off clicks.
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.008);
    gain.gain.setValueAtTime(loudness, start + seconds - 0.02);
    gain.gain.linearRampToValueAtTime(0, start + seconds);
    source.connect(gain).connect(this.#context.destination);
    source.start(start);
    source.stop(start + seconds);
  }

  #wake() {
    if (!window.AudioContext) return;
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
  }
}

/** Keep the screen on while a patient is being served, where the browser can (it wants HTTPS). */
export async function keepAwake() {
  if (!navigator.wakeLock || document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock.request("screen");
  } catch {
    // A low battery says no; nothing depends on it.
  }
}
