// Two pictures laid over each other; a slider, or the pointer, says how much of each is seen.
for (const figure of document.querySelectorAll("[data-compare]")) {
  const stage = figure.querySelector(".compare-stage"), label = figure.querySelector(".compare-range");
  const range = label.querySelector("input");
  const set = (at) => { range.value = at; stage.style.setProperty("--at", `${at}%`); };
  figure.classList.add("over");
  label.hidden = false;
  range.addEventListener("input", () => set(Number(range.value)));
  const point = (event) => {
    const box = stage.getBoundingClientRect();
    set(Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width)));
  };
  stage.addEventListener("pointerdown", (event) => { stage.setPointerCapture(event.pointerId); point(event); });
  stage.addEventListener("pointermove", (event) => { if (event.buttons) point(event); });
  set(50);
}
