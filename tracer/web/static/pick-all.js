// One box that ticks all boxes of its form that bear a name, and shows whether all, some or none are ticked.
for (const head of document.querySelectorAll("[data-pick-all]")) {
  const boxes = () => [...head.form.querySelectorAll(`input[type=checkbox][name="${head.dataset.pickAll}"]`)];
  const show = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    head.checked = ticked > 0 && ticked === boxes().length;
    head.indeterminate = ticked > 0 && !head.checked;
  };
  head.addEventListener("change", () => boxes().forEach((box) => { box.checked = head.checked; }));
  head.form.addEventListener("change", show);
  show();
}
