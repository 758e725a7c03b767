/** Connects a `WedgeReader` to a document: its keys, its timer, its fields. */

const TYPED_INTO = new Set(["text", "search", "number", "tel", "email", "url", "password", "date", "time"]);

/** Whether a person may be typing into this element. */
export function isEditable(element) {
  if (!element) return false;
  if (element.isContentEditable || ["TEXTAREA", "SELECT"].includes(element.tagName)) return true;
  return element.tagName === "INPUT" && TYPED_INTO.has(element.type);
}

/**
 * Hear a document's keyboard; `onScan` is called with every scan. Returns a function that stops it.
 *
 * A scan that began in a field is taken out of it again. Enter never reaches a button or a form.
 */
export function listen(reader, onScan, target = document) {
  let timer = null;
  let before = null; // the field as it was when the burst began in it
  const swallowed = new Set();

  const rearm = () => {
    clearTimeout(timer);
    const { deadline } = reader;
    if (deadline === null) return;
    timer = setTimeout(() => {
      const scan = reader.tick(performance.now());
      if (scan) deliver(scan);
      else rearm();
    }, Math.max(0, deadline - performance.now()) + 1);
  };

  const deliver = (scan) => {
    if (before) restore(before);
    onScan(scan);
  };

  const onKey = (event) => {
    const editable = isEditable(event.target);
    const answer = reader.press(describe(event, editable));
    if (answer.begun) before = editable ? { field: event.target, value: event.target.value } : null;
    if (answer.swallow || (event.type === "keyup" && swallowed.delete(event.code))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (event.type === "keydown") swallowed.add(event.code);
    }
    if (answer.restore && before) restore(before);
    if (answer.scan) deliver(answer.scan);
    rearm();
  };

  target.addEventListener("keydown", onKey, true);
  target.addEventListener("keyup", onKey, true);
  return () => {
    clearTimeout(timer);
    target.removeEventListener("keydown", onKey, true);
    target.removeEventListener("keyup", onKey, true);
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
    composing: event.isComposing || event.keyCode === 229,
    repeat: event.repeat,
    time: event.timeStamp,
    editable,
  };
}

function restore({ field, value }) {
  if (field.value === value || field.value === undefined) return;
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
}
