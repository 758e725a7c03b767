/** Small things for building what is shown: always text, never markup out of data. */

const SVG = "http://www.w3.org/2000/svg";
let sprite = "/static/icons.svg";

export function useSprite(address) {
  sprite = address;
}

/** An element. `on…` attributes are listeners, `class` and the rest are attributes; null children are left out. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** A picture of ours that only repeats what words beside it say. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** "{n} s" with values put in. */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** "12800.00" → "12,800.00"; a decimal string is never made a float. */
export function grouped(decimal) {
  const [whole, cents] = String(decimal).split(".");
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return cents === undefined ? spaced : `${spaced}.${cents}`;
}

export function money(decimal) {
  return decimal.startsWith("-") ? `−¥${grouped(decimal.slice(1))}` : `¥${grouped(decimal)}`;
}

/** Sum of decimal strings with two places, exactly. */
export function sum(decimals) {
  const cents = decimals.reduce((total, one) => total + BigInt(one.replace(".", "")), 0n);
  const digits = String(cents < 0n ? -cents : cents).padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const two = (number) => String(number).padStart(2, "0");

/** The time of day; with the date if it is not today's. */
export function timeOfDay(value, now = new Date()) {
  const at = new Date(value);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return clock;
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
}

/** A server's sentence with its exact instants as a person reads them. */
export function readable(sentence) {
  const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g;
  return sentence.replace(instant, (found) => timeOfDay(found));
}

/** "Just now", "12 s ago", "3 min ago", or the time of day. */
export function ago(at, words, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - new Date(at)) / 1000));
  if (seconds < 2) return words.just_now;
  if (seconds < 60) return fill(words.seconds_ago, { n: seconds });
  if (seconds < 3600) return fill(words.minutes_ago, { n: Math.floor(seconds / 60) });
  return timeOfDay(at);
}
