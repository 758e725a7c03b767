/** The camera on the scan page: what it shows, what it says, and the choice if more than one code is in view. */

import { Aim } from "./aim.js";
import { Camera, missing } from "./camera.js";
import { el, fill, icon } from "./dom.js";
import { offered, outlines } from "./offer.js";
import { prepared, receive } from "./pictures.js";

const PERIOD = 220; // ms from one look to the next, at the fastest
const SLOW = 500; // ms; the same after a while in which nothing was in view
const SLOW_AFTER = 20_000;
const REST_AFTER = 180_000; // ms without a code in view after which the camera is turned off: it eats the battery
const LONGEST_LOOK = 10_000;
const LONGEST_PAUSE = 8000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Viewfinder {
  #aim = new Aim();
  #camera;
  #turn = 0; // of the loop that looks; another number ends it
  #wanted = false; // a person turned it on; it comes back when the page is seen again
  #failures = 0;
  #lastSeen = 0;
  #reading = false; // a picture somebody brought
  #saidOffer = "";

  /**
   * `meaning(choices)` → those that can be meant now; `scan(choice)` takes one; `nameOf(reading)` → a promise of
   * the article's name or null; `signedOut()` is called when the server knows nobody any more.
   */
  constructor({ at, words, server, sounds, meaning, scan, nameOf, signedOut }) {
    Object.assign(this, { words, server, sounds, meaning, scan, nameOf, signedOut });
    this.#build(at);
    this.#camera = new Camera(this.video, () => this.#stop("busy"));
    receive((files) => this.#bring(files));
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#suspend() : this.#resume()));
    window.addEventListener("pagehide", () => this.#suspend());
    window.addEventListener("pageshow", () => this.#resume());
  }

  // --- the camera ----------------------------------------------------------------------------------------

  async #start() {
    this.#aim.forget();
    this.#wanted = true;
    await this.#open(() => this.#camera.open());
  }

  async #open(open) {
    this.#say(null);
    this.#offer([]);
    this.#show(true);
    const why = await open();
    if (why) return this.#stop(why);
    if (!this.#camera.isOpen) return null; // turned off again while it was opening
    this.#drawTools(await this.#camera.features());
    this.#lastSeen = performance.now();
    this.#failures = 0;
    return this.#camera.isOpen ? this.#run() : null;
  }

  /** Turn it off; `word` says why, if it was not a person. */
  #stop(word = null) {
    this.#wanted = false;
    this.#suspend();
    this.#show(false);
    this.#offer([]);
    this.#say(word);
    if (word && word !== "rested") this.photo.focus({ preventScroll: true });
  }

  #suspend() {
    this.#turn += 1;
    this.#camera.close();
  }

  #resume() {
    if (this.#wanted && !document.hidden && !this.#camera.isOpen) this.#open(() => this.#camera.open());
  }

  async #run() {
    this.#turn += 1;
    const mine = this.#turn;
    while (mine === this.#turn) {
      const began = performance.now();
      const pause = await this.#lookOnce(began, mine);
      const quiet = began - this.#lastSeen;
      if (mine === this.#turn && quiet > REST_AFTER) return this.#stop("rested");
      const period = quiet > SLOW_AFTER ? SLOW : PERIOD;
      await sleep(Math.max(pause, period - (performance.now() - began)));
    }
    return null;
  }

  /** One frame to the server; answers how long to wait at least before the next. */
  async #lookOnce(at, mine) {
    const frame = await this.#camera.frame();
    if (!frame) return 100;
    const answer = await this.server.look(frame.picture, LONGEST_LOOK, { frame: true });
    if (mine !== this.#turn) return 0;
    if (answer.status === 200) {
      this.#failures = 0;
      this.#understand(answer.body, frame, at);
      return 0;
    }
    return this.#failed(answer);
  }

  #failed(answer) {
    if (answer.status === 401) {
      this.#stop();
      this.signedOut();
      return 0;
    }
    this.#failures += 1;
    this.#outline([], null);
    this.#status(answer.status === 0 ? "offline" : "server_busy");
    const pause = answer.status === 503 ? 500 * Math.min(4, this.#failures) : 1000 * 2 ** Math.min(3, this.#failures - 1);
    return Math.min(LONGEST_PAUSE, pause) * (0.85 + 0.3 * Math.random());
  }

  #understand(body, frame, at) {
    const choices = this.meaning(choicesOf(body));
    const { state, scan, offer } = this.#aim.look(choices, at);
    if (state !== "aim") this.#lastSeen = at;
    this.#outline(outlines(body, choices, offer), frame);
    this.#status(state);
    this.#offer(offer);
    if (scan) this.#taken(scan);
  }

  #taken(choice) {
    this.finder.classList.remove("got");
    void this.finder.offsetWidth; // so that the flash begins anew
    this.finder.classList.add("got");
    this.scan(choice);
  }

  // --- pictures ------------------------------------------------------------------------------------------

  async #bring(files) {
    if (this.#reading || !files.length) return;
    this.#stop(); // one thing at a time
    if (files.length > 1) return this.#refuse("one_picture");
    this.#reading = true;
    this.#say("reading");
    try {
      await this.#read(files[0]);
    } finally {
      this.#reading = false;
      this.photo.value = "";
    }
  }

  async #read(file) {
    const { picture, why } = await prepared(file);
    if (why) return this.#refuse(why);
    const answer = await this.server.look(picture, 60_000);
    if (answer.status === 401) {
      this.#say(null);
      return this.signedOut();
    }
    if (answer.status !== 200) return this.#refuse(answer.status ? answer.body?.detail : "offline");
    const choices = this.meaning(choicesOf(answer.body));
    if (!choices.length) return this.#refuse("nothing");
    this.#say(null);
    if (choices.length === 1 && choices[0].certain) return this.scan(choices[0]);
    return this.#offerOf(choices.map((choice) => ({ choice, done: false })));
  }

  /** The choice among what a picture holds; it stays until somebody has had enough of it. */
  #offerOf(list) {
    this.#offer(list, (one) => {
      one.done = true;
      if (list.every((other) => other.done)) this.#offer([]);
      else this.#offerOf(list);
    });
  }

  #refuse(word) {
    this.sounds.play("refused");
    this.#say(word ?? "unreadable");
  }

  // --- what is shown -------------------------------------------------------------------------------------

  #build(at) {
    const { words } = this;
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    const why = missing();
    this.video = el("video", { playsinline: true, muted: true, "aria-label": words.aim });
    this.video.muted = true;
    this.marks = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.marks.setAttribute("aria-hidden", "true");
    this.marks.setAttribute("preserveAspectRatio", "none");
    this.told = el("p", { class: "told", role: "status" });
    this.tools = el("div", { class: "tools" });
    this.finder = el("div", { class: "finder", hidden: true }, this.video, this.marks, this.told, this.tools);
    this.photo = el("input", {
      type: "file",
      id: "camera-photo",
      accept: "image/*",
      capture: "environment",
      onchange: () => this.#bring([...this.photo.files]),
    });
    const photo = el(
      "label",
      { class: `btn ${why ? "primary" : "secondary"} photo`, for: "camera-photo" },
      icon("photo"),
      el("span", {}, coarse ? words.photo : words.file),
      this.photo,
    );
    const open = el("button", { type: "button", class: "btn primary open", onclick: () => this.#start() }, icon("camera"), words.open);
    this.start = el("div", { class: "start" }, why ? null : open, photo);
    this.hint = el("p", { class: "hint" }, why ? words[why] : coarse ? "" : words.paste_how);
    this.said = el("p", { class: "said", role: "status", hidden: true });
    this.choice = el("div", { class: "offer", hidden: true });
    at.replaceChildren(this.finder, this.start, this.hint, this.said, this.choice);
  }

  #show(isOpen) {
    this.finder.hidden = !isOpen;
    this.start.hidden = isOpen;
    this.hint.hidden = isOpen || !this.hint.textContent;
    this.tools.replaceChildren();
    this.#outline([], null);
    if (isOpen) this.#status("opening");
  }

  #drawTools({ torch, zoom, lenses }) {
    const { words } = this;
    this.tools.replaceChildren(
      ...[
        torch ? this.#torch() : null,
        zoom ? this.#zoom(zoom) : null,
        lenses > 1 ? tool("lens", words.lens, () => this.#open(() => this.#camera.nextLens())) : null,
        tool("close", words.close, () => this.#stop()),
      ].filter(Boolean),
    );
  }

  #torch() {
    const button = tool("torch", this.words.torch, () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      this.#camera.torch(on);
    });
    button.setAttribute("aria-pressed", "false");
    return button;
  }

  #zoom({ min, max, now }) {
    const steps = [...new Set([Math.max(1, min), 2, 3].filter((one) => one >= min && one <= max))];
    let step = Math.max(0, steps.indexOf(now));
    const button = el("button", { type: "button", class: "tool zoom", "aria-label": this.words.zoom }, `${steps[step]}×`);
    button.addEventListener("click", () => {
      step = (step + 1) % steps.length;
      button.replaceChildren(`${steps[step]}×`);
      this.#camera.zoom(steps[step]);
    });
    return button;
  }

  #status(word) {
    const text = this.words[word];
    if (this.told.textContent !== text) this.told.replaceChildren(text);
    this.finder.dataset.state = word;
  }

  /** A sentence below: a word of ours, or a sentence of the server's. */
  #say(word) {
    this.said.hidden = !word;
    this.said.replaceChildren(word ? (this.words[word] ?? word) : "");
    this.said.className = word === "reading" || word === "rested" ? "said" : "said bad";
  }

  #outline(shapes, frame) {
    if (frame) this.marks.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    this.marks.replaceChildren(...shapes);
  }

  #offer(list, taken = (one) => this.#aim.take(one.choice)) {
    const said = JSON.stringify(list.map((one) => [one.choice.raw_b64, one.done]));
    if (said === this.#saidOffer) return;
    this.#saidOffer = said;
    this.choice.hidden = !list.length;
    const pick = (one) => {
      taken(one);
      this.scan(one.choice);
    };
    const none = () => {
      for (const one of list) this.#aim.take(one.choice);
      this.#aim.dismiss();
      this.#offer([]);
    };
    this.choice.replaceChildren(...offered(list, { words: this.words, pick, none, nameOf: this.nameOf }));
  }
}

function tool(picture, label, onclick) {
  return el("button", { type: "button", class: `tool ${picture}`, "aria-label": label, title: label, onclick }, icon(picture));
}

/** The server's choices with what `Aim` needs: the contents of the codes that each covers. */
function choicesOf(body) {
  return body.choices.map((choice) => ({
    ...choice,
    parts: choice.symbols.map((place) => body.symbols[place].raw_b64),
    text: body.symbols[choice.symbols[0]].text,
  }));
}
