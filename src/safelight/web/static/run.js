// Follows one run: asks for the part of the page that changes, and puts in what differs.
import { Refused, api, copy, h, seconds, toast } from "./tools.js";

const FIRST = 250, LONGEST = 1000, LOST = 1500;

/** Follow the run inside `place` until it is over; `changed` hears each new status. */
export function follow(place, changed = () => {}) {
  let timer = 0, stopped = false, round = 0;
  const article = () => place.querySelector("[data-run]");
  const tick = () => {
    const run = article();
    const shown = run?.querySelector("[data-elapsed]");
    if (shown) shown.textContent = seconds(Math.max(0, (Date.now() - new Date(run.dataset.started || run.dataset.created)) / 1000));
  };
  const clock = setInterval(tick, 100);
  tick();
  dress(place);

  async function look() {
    let pause = Math.min(LONGEST, FIRST + 50 * round++);
    try {
      const answer = await fetch(`/p/${article().dataset.run}/part`);
      if (stopped) return;
      if (!answer.ok || answer.redirected) throw new Refused(answer.status, {});
      lost(false);
      const before = article().dataset.status;
      replace(place, await answer.text());
      tick();
      if (before !== article().dataset.status) changed(article().dataset.status);
    } catch (error) {
      if (stopped) return;
      if (error instanceof Refused && error.status === 404) return stop();
      lost(true);
      pause = LOST;
    }
    if (article().hasAttribute("data-over")) stop(); else timer = setTimeout(look, pause);
  }

  function lost(isLost) {
    const shown = place.querySelector("[data-lost]");
    if (!isLost) shown?.remove();
    else if (!shown) place.prepend(h("p", { class: "notice warn", role: "status", data: { lost: "" } }, "The server does not answer. What runs goes on, or is dealt with when it is back; this page keeps asking."));
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
    clearInterval(clock);
    place.setAttribute("aria-busy", "false");
  }

  if (article()?.hasAttribute("data-over")) stop();
  else { place.setAttribute("aria-busy", "true"); timer = setTimeout(look, FIRST); }
  return { stop };
}

/** Put in the parts that differ, so that what is looked at, selected or scrolled stays as it is. */
export function replace(place, text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-run]");
  const old = place.querySelector("[data-run]");
  if (!fresh) return;
  if (!old || old.dataset.run !== fresh.dataset.run) {
    place.replaceChildren(fresh);
  } else {
    for (const name of Object.keys(old.dataset)) delete old.dataset[name];
    Object.assign(old.dataset, fresh.dataset);
    for (const part of [...fresh.querySelectorAll("[data-part]")]) {
      const there = old.querySelector(`[data-part="${part.dataset.part}"]`);
      if (there && there.outerHTML !== part.outerHTML && there.dataset.was !== part.outerHTML) {
        const was = part.outerHTML;
        if (part.matches("details") && there.matches("details")) part.open = there.open;
        const end = there.querySelector(".logs");
        const follows = end && end.scrollTop + end.clientHeight >= end.scrollHeight - 8;
        there.replaceWith(part);
        part.dataset.was = was;
        const pre = part.querySelector(".logs");
        if (pre && (follows || !end)) pre.scrollTop = pre.scrollHeight;
      }
    }
  }
  dress(place);
}

/** What only a browser knows of a picture: its size in pixels. */
function dress(place) {
  for (const image of place.querySelectorAll("[data-picture]")) {
    const told = image.closest("figure").querySelector("[data-pixels]");
    const tell = () => { if (image.naturalWidth) told.textContent = `${image.naturalWidth} × ${image.naturalHeight} · `; };
    if (image.complete) tell(); else image.addEventListener("load", tell, { once: true });
  }
}

export async function cancel(place) {
  const run = place.querySelector("[data-run]:not([data-over])");
  if (!run || run.hasAttribute("data-example")) return false;
  try {
    await api("POST", `/v1/predictions/${run.dataset.run}/cancel`, {});
  } catch (error) {
    toast(error.message);
  }
  return true;
}

const place = document.getElementById("run");
if (place) dress(place);
place?.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-cancel]")) return;
  event.preventDefault();
  cancel(place);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && place) cancel(place);
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-json]");
  if (!button) return;
  try {
    const run = await api("GET", button.dataset.copyJson);
    toast(await copy(JSON.stringify(run, null, 2)) ? "Copied" : "The browser does not allow copying here", false);
  } catch (error) {
    toast(error.message);
  }
});
