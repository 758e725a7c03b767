// Sections that show something moving (data-live="moving") are fetched again until they say that it is still.
const EVERY = 1000;
const moving = () => [...document.querySelectorAll("[data-live=moving]")];

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const section of moving()) {
    const other = fresh.getElementById(section.id);
    // What has the focus stays: somebody is about to press it.
    if (other && !section.contains(document.activeElement)) section.replaceWith(document.adoptNode(other));
    else if (other?.dataset.live === "still") section.replaceWith(document.adoptNode(other));
  }
}

async function keepOn() {
  while (moving().length) {
    await new Promise((wake) => setTimeout(wake, EVERY));
    if (!document.hidden) await renew().catch(() => {}); // a server that is away comes back
  }
}

keepOn();
