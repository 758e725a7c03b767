/** Connects a `WedgeReader` to a document: its keys, its timer, its fields. */

const TYPED_INTO = new Set(["text", "search", "number", "tel", "email", "url", "password", "date", "time"]);
const SETTLING = 400; // ms in which an input method may still write into a field that was put back
const AT_ONCE = 8; // characters, digits among them, that come into a field in one piece
const DIGITS = 4;
const AFTER_KEYS = 1000; // ms in which what is written comes from the keys that were pressed

/** Whether a person may be typing into this element. */
export function isEditable(element) {
  if (!element) return false;
  if (element.isContentEditable || ["TEXTAREA", "SELECT"].includes(element.tagName)) return true;
  return element.tagName === "INPUT" && TYPED_INTO.has(element.type);
}

/**
 * Hear a document's keyboard. Returns a function that stops it.
 *
 * `hears`: {scan(scan), capsLock(isOn), slow(), late(ending)}, all but the first may be missing. A scan that
 * began in a field is taken out of it again. Enter never reaches a button or a form.
 */
export function listen(reader, hears, target = document) {
  let timer = null;
  let before = null; // the field as it was when the burst began in it
  let settled = null; // a field just put back: {field, value, until}
  let composing = false; // an input method has the field's last keys
  let lastKeyAt = -Infinity; // of a key that says which one it is
  const swallowed = new Set();

  const rearm = () => {
    clearTimeout(timer);
    if (reader.deadline === null) return;
    // The second turn lets keys be heard first that came while the page was busy.
    timer = setTimeout(() => (timer = setTimeout(tick)), Math.max(0, reader.deadline - performance.now()) + 1);
  };

  const tick = () => {
    const scans = reader.tick(performance.now());
    if (scans.length) deliver(scans);
    else rearm();
  };

  const deliver = (scans) => {
    putBack();
    if (before && document.activeElement === document.body) before.field.focus({ preventScroll: true });
    before = null;
    for (const scan of scans) hears.scan(scan);
  };

  const putBack = () => {
    if (!before) return;
    // An input method that is composing is sent away with the focus, or it would go on with what it has.
    if (composing) before.field.blur();
    settled = { ...before, until: performance.now() + SETTLING };
    restore(before);
  };

  const onKey = (event) => {
    const editable = isEditable(event.target);
    const key = describe(event, editable);
    const over = reader.overBefore(key); // also where the page was too busy for its timer
    if (over.length) deliver(over);
    const answer = reader.press(key);
    if (event.code) lastKeyAt = performance.now();
    hears.capsLock?.(key.caps);
    if (answer.begun) before = editable ? { field: event.target, value: event.target.value } : null;
    if (answer.swallow || (event.type === "keyup" && swallowed.delete(event.code))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type === "keydown") swallowed.add(event.code);
    } else if (event.type === "keydown" && editable) {
      settled = null; // the person goes on typing
    }
    if (answer.restore || (answer.swallow && composing)) putBack();
    if (answer.scans.length) deliver(answer.scans);
    if (answer.late) hears.late?.(answer.late);
    if (answer.slow) hears.slow?.();
    rearm();
  };

  // A handheld's own scanning service writes whole texts into the focused field, without a key.
  const onWhole = (event) => {
    const scan = wholeOf(event, lastKeyAt);
    if (!scan || !isEditable(event.target)) return;
    before = { field: event.target, value: event.target.value };
    event.preventDefault();
    deliver([scan]);
  };

  // A tap on "next patient" must not take along a scan that was waiting for its line end.
  const onTap = () => {
    const scans = reader.flush(performance.now());
    if (scans.length) deliver(scans);
  };

  const onWritten = (event) => {
    if (settled?.field === event.target && performance.now() <= settled.until) restore(settled);
  };

  const onComposing = (event) => {
    composing = event.type === "compositionstart";
    if (!composing) onWritten(event);
  };

  const listeners = {
    keydown: onKey,
    keyup: onKey,
    beforeinput: onWhole,
    input: onWritten,
    compositionstart: onComposing,
    compositionend: onComposing,
    pointerdown: onTap,
  };
  for (const [kind, listener] of Object.entries(listeners)) target.addEventListener(kind, listener, true);
  return () => {
    clearTimeout(timer);
    for (const [kind, listener] of Object.entries(listeners)) target.removeEventListener(kind, listener, true);
  };
}

function describe(event, editable) {
  return {
    type: event.type === "keyup" ? "up" : "down",
    key: event.key,
    code: event.code,
    shift: event.shiftKey,
    ctrl: event.ctrlKey,
    alt: event.altKey,
    meta: event.metaKey,
    caps: event.getModifierState?.("CapsLock") ?? false,
    composing: event.isComposing || event.keyCode === 229,
    repeat: event.repeat,
    time: event.timeStamp,
    editable,
  };
}

/** The scan that an input event is, or null. People paste, and choose words; they do not write codes at once. */
function wholeOf(event, lastKeyAt) {
  const now = performance.now();
  const { data, inputType } = event;
  if (!["insertText", "insertCompositionText"].includes(inputType) || !data || now - lastKeyAt < AFTER_KEYS) return null;
  const raw = data.replace(/[\r\n\t]+$/, "");
  const digits = raw.replace(/[^0-9]/g, "").length;
  if (raw.length < AT_ONCE || digits < DIGITS || /[^\x00-\x7f]/.test(raw)) return null;
  const ending = raw.length < data.length ? "Enter" : null;
  return { raw, startedAt: now, endedAt: now, ending, capsLock: false, strokes: [] };
}

function restore({ field, value }) {
  if (field.value === value || field.value === undefined) return;
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
}
