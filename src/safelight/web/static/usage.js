// What a column or a part says, beside the title of its chart, while it is pointed at.
for (const panel of document.querySelectorAll(".panel")) {
  const readout = panel.querySelector("[data-readout]");
  if (!readout) continue;
  const usual = readout.textContent;
  panel.addEventListener("pointerover", (event) => {
    readout.textContent = event.target.closest("[data-says]")?.dataset.says ?? usual;
  });
  panel.addEventListener("pointerleave", () => { readout.textContent = usual; });
}
