/** Pictures somebody brings: a photo just taken, a file, an image pasted or dropped on the page. */

const TAKEN = new Set(["image/jpeg", "image/png", "image/webp"]);
const LARGEST = 12 * 1024 * 1024; // bytes the server takes
const LARGEST_TO_SHRINK = 64 * 1024 * 1024; // beyond that a phone has no room to try
const LONGEST_SIDE = 4096; // pixels to which a picture is shrunk that would be too large

/** {picture} to send, or {why}: "no_picture", "too_large". What the server does not take is drawn anew. */
export async function prepared(file) {
  if (TAKEN.has(file.type) && file.size <= LARGEST) return { picture: file };
  if (file.type === "image/svg+xml") return { why: "no_picture" };
  if (file.size > LARGEST_TO_SHRINK) return { why: "too_large" };
  const picture = await redrawn(file);
  if (picture && picture.size <= LARGEST) return { picture };
  return { why: file.size > LARGEST ? "too_large" : "no_picture" };
}

/** The picture as a JPEG of a fitting size; null if this browser cannot show it. */
async function redrawn(file) {
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    return null;
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

/** Hear of images pasted anywhere, and dropped on the page; `onFiles` gets them all, images or not. */
export function receive(onFiles, target = document) {
  const carries = (data) => [...(data?.types ?? [])].includes("Files");
  target.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return; // text belongs to the field
    event.preventDefault();
    onFiles([...event.clipboardData.files]);
  });
  target.addEventListener("dragover", (event) => {
    if (!carries(event.dataTransfer)) return;
    event.preventDefault(); // else the browser would leave the page for the picture
    event.dataTransfer.dropEffect = "copy";
  });
  target.addEventListener("drop", (event) => {
    if (!carries(event.dataTransfer)) return;
    event.preventDefault();
    onFiles([...event.dataTransfer.files]);
  });
}
