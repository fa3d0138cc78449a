// What every page has: shortcuts, copying, local times.
import { copy, toast } from "./tools.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const from = button.dataset.copyFrom;
  const text = from ? document.getElementById(from).textContent : button.dataset.copy;
  toast(await copy(text) ? "Copied" : "The browser does not allow copying here", false);
});

const places = { e: "/", p: "/predictions", f: "/files", d: "/deployments", u: "/usage", w: "/webhooks", t: "/tokens", h: "/upstreams" };
let going = 0;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable], dialog");
  if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
  const shortcut = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (shortcut) {
    event.preventDefault();
    if (shortcut.matches("input, textarea, select")) shortcut.focus(); else shortcut.click();
  } else if (event.key === "g") {
    going = Date.now();
  } else if (places[event.key] && Date.now() - going < 1200) {
    location.href = places[event.key];
  } else if (event.key === "?") {
    showKeys();
  }
});

function showKeys() {
  const dialog = document.createElement("dialog");
  const rows = [["/", "Search"], ["g e", "Explore"], ["g p", "Predictions"], ["g f", "Files"], ["g d", "Deployments"], ["g u", "Usage"], ["g w", "Webhooks"], ["g t", "Tokens"], ["g h", "Upstreams"]];
  if (document.querySelector("#run")) rows.unshift(["Ctrl Return", "Run"], ["Esc", "Cancel the run"]);
  for (const shortcut of document.querySelectorAll("[data-shortcut][data-shortcut-for]")) rows.push([shortcut.dataset.shortcut, shortcut.dataset.shortcutFor.replace(/^./, (first) => first.toUpperCase())]);
  const list = document.createElement("dl");
  list.className = "facts-list keys";
  for (const [keys, what] of rows) {
    const term = document.createElement("dt");
    for (const key of keys.split(" ")) { const one = document.createElement("kbd"); one.textContent = key; term.append(one, " "); }
    const meaning = document.createElement("dd");
    meaning.textContent = what;
    list.append(term, meaning);
  }
  const title = document.createElement("h2");
  title.textContent = "Keyboard shortcuts";
  dialog.append(title, list);
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (!time.title) time.title = moment.toLocaleString();
}
