/** Asking the server: with the page's CSRF token, a time limit, and one shape for every answer. */

const LIMIT = 15_000; // ms; after this the answer counts as lost, and the same key is sent again

export class Server {
  #token;

  constructor(token, person) {
    this.#token = token;
    this.person = person;
  }

  get(path, limit = LIMIT) {
    return ask(path, { headers: { Accept: "application/json" } }, limit);
  }

  post(path, body) {
    const headers = {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": this.#token,
    };
    return ask(path, { method: "POST", headers, body: JSON.stringify(body) }, LIMIT);
  }

  /** What the codes in a picture say: a Blob of a type that the server takes; `frame` if it is one of many. */
  async look(picture, limit, { frame = false } = {}) {
    const send = () => {
      const headers = { Accept: "application/json", "Content-Type": picture.type, "X-CSRFToken": this.#token };
      return ask(`/api/v1/images${frame ? "?frame=true" : ""}`, { method: "POST", headers, body: picture }, limit);
    };
    const answer = await send();
    return answer.body?.code === "page_expired" && (await this.renew()) ? send() : answer;
  }

  /** Fetch this page's token anew; false if nobody, or somebody else, is signed in by now. */
  async renew() {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const data = page.getElementById("page-data");
      const token = page.querySelector('meta[name="csrf-token"]')?.content;
      if (!data || !token || JSON.parse(data.textContent).person !== this.person) return false;
      this.#token = token;
      return true;
    } catch {
      return false;
    }
  }
}

/** {status, body, retryAfter}; status 0: no answer came. Never throws. */
async function ask(path, options, limit) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    const answer = await fetch(path, { ...options, signal: stop.signal, credentials: "same-origin" });
    const text = await answer.text();
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    const body = isJson ? JSON.parse(text) : null;
    return { status: answer.status, body, retryAfter: Number(answer.headers.get("Retry-After")) || null };
  } catch {
    return { status: 0, body: null, retryAfter: null };
  } finally {
    clearTimeout(timer);
  }
}

/** A random version 4 UUID; `crypto.randomUUID` exists only under HTTPS, an intranet often has none. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20, 32].map((end, index) => hex.slice([0, 8, 12, 16, 20][index], end)).join("-");
}
