/** The device's camera: opened, looked through, lit, zoomed, closed. It draws nothing and sends nothing. */

const KEPT = "tracer.camera"; // of this device: the lens somebody chose
const LONGEST_SIDE = 1280; // pixels of a frame that is sent: small DataMatrix codes want no fewer
const QUALITY = 0.85;
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1080 } };

/** Why there is no live camera here, or null if there may be one: "insecure", "unsupported". */
export function missing() {
  if (!window.isSecureContext) return "insecure";
  return navigator.mediaDevices?.getUserMedia ? null : "unsupported";
}

export class Camera {
  #video;
  #stream = null;
  #turn = 0; // of opening; another number makes one that is under way out of date
  #canvas = document.createElement("canvas");
  #onLost;

  /** `onLost` is called when the camera stops by itself: unplugged, or taken by another program. */
  constructor(video, onLost) {
    this.#video = video;
    this.#onLost = onLost;
  }

  get isOpen() {
    return this.#stream !== null;
  }

  /** Open the camera at the back. Answers why not: "denied", "none", "busy"; null if it is open, or was closed meanwhile. */
  async open() {
    this.close();
    const mine = this.#turn;
    let stream;
    try {
      stream = await this.#ask(localStorage.getItem(KEPT));
    } catch (error) {
      return mine === this.#turn ? reasonOf(error) : null;
    }
    if (mine !== this.#turn) return stop(stream); // a person took a while to allow it
    this.#stream = stream;
    this.#track.addEventListener("ended", () => this.isOpen && this.#onLost());
    this.#video.srcObject = this.#stream;
    try {
      await this.#video.play();
    } catch (error) {
      if (mine !== this.#turn) return null;
      this.close();
      return reasonOf(error);
    }
    if (this.#can("focusMode", "continuous")) await this.#set({ focusMode: "continuous" });
    return null;
  }

  close() {
    this.#turn += 1;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** What this camera offers: {torch, zoom: null or {min, max, now}, lenses}. */
  async features() {
    const able = this.#track?.getCapabilities?.() ?? {};
    const { min, max } = able.zoom ?? {};
    const devices = await navigator.mediaDevices.enumerateDevices();
    return {
      torch: Boolean(able.torch),
      zoom: max > min ? { min, max, now: this.#track.getSettings().zoom ?? min } : null,
      lenses: devices.filter((one) => one.kind === "videoinput").length,
    };
  }

  torch(on) {
    return this.#set({ torch: on });
  }

  zoom(factor) {
    return this.#set({ zoom: factor });
  }

  /** Go over to the next of several lenses; that one is used from now on. */
  async nextLens() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const ids = devices.filter((one) => one.kind === "videoinput").map((one) => one.deviceId);
    const next = ids[(ids.indexOf(this.#track?.getSettings().deviceId) + 1) % ids.length];
    if (next) localStorage.setItem(KEPT, next);
    return this.open();
  }

  /** What the frame on the page shows now, as {picture: JPEG, width, height}; null while there is nothing yet. */
  async frame() {
    const seen = this.#visible();
    if (!this.isOpen || !seen) return null;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(seen.width, seen.height));
    const [width, height] = [Math.round(seen.width * scale), Math.round(seen.height * scale)];
    Object.assign(this.#canvas, { width, height });
    const paper = this.#canvas.getContext("2d", { willReadFrequently: false });
    paper.drawImage(this.#video, seen.left, seen.top, seen.width, seen.height, 0, 0, width, height);
    const picture = await new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return picture && { picture, width, height };
  }

  /** The part of the picture that the page shows: it fills its frame, and the rest is cut off. */
  #visible() {
    const { videoWidth, videoHeight, clientWidth, clientHeight, readyState } = this.#video;
    if (readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !videoWidth || !clientWidth) return null;
    const scale = Math.max(clientWidth / videoWidth, clientHeight / videoHeight);
    const [width, height] = [clientWidth / scale, clientHeight / scale];
    return { left: (videoWidth - width) / 2, top: (videoHeight - height) / 2, width, height };
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0] ?? null;
  }

  async #ask(lens) {
    const ask = (which) => navigator.mediaDevices.getUserMedia({ audio: false, video: { ...WANTED, ...which } });
    if (lens) {
      try {
        return await ask({ deviceId: { exact: lens } });
      } catch (error) {
        if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
        localStorage.removeItem(KEPT); // it is gone
      }
    }
    return ask({ facingMode: { ideal: "environment" } });
  }

  #can(name, value) {
    return (this.#track?.getCapabilities?.()[name] ?? []).includes?.(value) ?? false;
  }

  async #set(constraint) {
    try {
      await this.#track?.applyConstraints({ advanced: [constraint] });
    } catch {
      // It was offered and is not kept: the picture goes on without it.
    }
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
  return null;
}

function reasonOf(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "denied";
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "none";
  return "busy";
}
