/** Draws the trend with bokeh's own JavaScript, fetched from this machine once the page is there to be read. */

const place = document.getElementById("trend");
const item = JSON.parse(document.getElementById("trend-data").textContent);

const script = document.createElement("script");
script.src = place.dataset.script;
script.addEventListener("load", async () => {
  await window.Bokeh.embed.embed_item(item, "trend");
  place.dataset.drawn = "yes";
});
document.head.append(script);
