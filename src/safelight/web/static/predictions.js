// The list of predictions: goes on as it is scrolled, says what is new, and selects.
import { h, toast } from "./tools.js";

const MOST = 2000, EMPTY = 5, NEWS = 5000, RUNNING = 1200, AT_ONCE = 24, IN_ZIP = 1000;
const form = document.getElementById("selection"), list = document.getElementById("items");
const news = document.getElementById("news"), older = () => document.getElementById("older");
const boxOf = (item) => item.querySelector("[name=id]"), linkOf = (item) => item.querySelector(".opens");
const itemOf = (element) => element?.closest?.("#items > *");
const byId = (id) => list.querySelector(`[data-id="${CSS.escape(id)}"]`);
const partOf = (address) => address.replace(/^\/predictions\??/, "/predictions/part?");
const many = (count, word) => `${count.toLocaleString()} ${word}${count === 1 ? "" : "s"}`;

async function part(address) {
  const answer = await fetch(address);
  if (!answer.ok || answer.redirected) throw new Error(answer.redirected ? "You are not signed in any more: load the page again." : `The server answered ${answer.status}.`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
const itemsOf = (page) => [...page.querySelectorAll("#items > *")].map((item) => dressed(document.adoptNode(item)));

// Times: as long ago as it is by now, and exactly where the pointer rests.
function tell(time) {
  const passed = (Date.now() - new Date(time.dateTime)) / 1000;
  const [limit, unit] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([least]) => passed >= least) ?? [];
  time.textContent = limit ? `${Math.round(passed / limit)} ${unit} ago` : "just now";
}
function dressed(item, isCurrent = false) {
  const time = item.querySelector("time");
  time.title = new Date(time.dateTime).toLocaleString();
  tell(time);
  for (const one of [linkOf(item), boxOf(item)]) one.tabIndex = isCurrent ? 0 : -1;
  return item;
}
setInterval(() => document.hidden || list.querySelectorAll("time").forEach(tell), 30000);

// Where the keys are: one of the items at a time can be reached with Tab.
let current = null, anchor = null;
function point(item) {
  if (item === current) return;
  if (current?.isConnected) dressed(current);
  current = item;
  if (item) dressed(item, true);
}
for (const item of list.children) dressed(item);
point(list.firstElementChild);
list.addEventListener("focusin", (event) => point(itemOf(event.target)));
function go(item) {
  if (!item) return;
  linkOf(item).focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}
function columns() {
  const top = list.firstElementChild?.offsetTop;
  let count = 0;
  for (const item of list.children) { if (item.offsetTop !== top) break; count += 1; }
  return Math.max(1, count);
}
function steps(key) {
  const isGrid = list.matches("ul");
  return { j: 1, k: -1, ArrowRight: isGrid ? 1 : 0, ArrowLeft: isGrid ? -1 : 0, ArrowDown: isGrid ? columns() : 1, ArrowUp: isGrid ? -columns() : -1 }[key] ?? 0;
}

// What is selected: the boxes of the form, which work without any of this.
const checked = () => [...list.querySelectorAll("[name=id]:checked")].map(itemOf);
function range(from, to, on) {
  const all = [...list.children], [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const item of all.slice(Math.max(0, first), last + 1)) boxOf(item).checked = on;
  count();
}
function count() {
  const items = checked(), files = items.reduce((sum, item) => sum + Number(item.dataset.files), 0);
  document.getElementById("count").textContent = `${items.length.toLocaleString()} selected`;
  const able = (name, can, why) => { const button = form.querySelector(name); button.disabled = !can; button.title = can ? "" : why; };
  able("[data-zip]", files && items.length <= IN_ZIP, files ? `At most ${IN_ZIP} in one download` : "None of these has files");
  able("[data-compare]", items.length === 2, "Select two to compare them");
  able("[data-delete]", items.length, "");
}
const clear = () => { for (const item of checked()) boxOf(item).checked = false; count(); };
list.addEventListener("change", (event) => { anchor = itemOf(event.target); count(); });
list.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
list.addEventListener("click", (event) => {
  const item = itemOf(event.target), box = item && boxOf(item);
  if (!event.shiftKey || !item) return;
  if (event.target !== box) {
    event.preventDefault();
    range(anchor?.isConnected ? anchor : item, item, true);
  } else if (anchor?.isConnected) {
    range(anchor, item, box.checked);
  }
});
form.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
form.addEventListener("formdata", ({ formData }) => {
  formData.set("ids", formData.getAll("id").join(","));
  formData.delete("id");
});
count();

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("dialog")) return;
  if (event.key === "Escape") {
    const open = document.querySelector(".filters[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); } else clear();
    return;
  }
  if (event.target.closest("input:not([name=id]), select, textarea")) return;
  const here = itemOf(document.activeElement), step = steps(event.key);
  if (step && (here || event.key.length === 1)) {
    event.preventDefault();
    const all = [...list.children], at = all.indexOf(here);
    const to = here ? all[Math.min(all.length - 1, Math.max(0, at + step))] : current ?? all[0];
    if (event.shiftKey && here) {
      if (!anchor?.isConnected || !boxOf(anchor).checked) anchor = here;
      const kept = anchor;
      if (Math.abs(all.indexOf(to) - all.indexOf(kept)) < Math.abs(at - all.indexOf(kept))) range(here, to, false);
      range(kept, to, true);
    }
    go(to);
  } else if (event.key === "x" && here) {
    boxOf(here).click();
  } else if (event.key === "a") {
    if (list.firstElementChild) range(list.firstElementChild, list.lastElementChild, true);
  } else if (event.key === "Enter" && here && event.target === boxOf(here)) {
    event.preventDefault();
    linkOf(here).click();
  }
});

// Older ones, when the end comes near; not without end, and not for ever where nothing fits.
let empty = 0, loading = false;
const near = new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && empty < EMPTY && list.children.length < MOST) more();
}, { rootMargin: "1200px" });
async function more() {
  const link = older().querySelector("[data-older]");
  if (loading || !link) return;
  loading = true;
  link.setAttribute("aria-disabled", "true");
  try {
    const page = await part(partOf(link.getAttribute("href"))), found = itemsOf(page).filter((item) => !byId(item.dataset.id));
    empty = found.length ? 0 : empty + 1;
    add(found, (items) => list.append(...items));
    older().querySelector("[data-older]").replaceWith(page.querySelector("[data-older]") ?? "");
  } catch (error) {
    link.removeAttribute("aria-disabled");
    toast(error.message);
    return;
  } finally {
    loading = false;
  }
  watch();
  const told = document.getElementById("empty");
  if (told && !older().querySelector("[data-older]")) told.replaceChildren(h("h2", {}, "No prediction fits"), h("p", {}, "All of them have been looked at. Take a filter away."));
}
function watch() {
  near.disconnect();
  const link = older().querySelector("[data-older]");
  if (!link) return;
  if (empty >= EMPTY) link.textContent = "Look further";
  near.observe(link);
}
function add(items, put) {
  if (!items.length) return;
  put(items);
  document.getElementById("empty")?.remove();
  (list.closest(".table-wrap") ?? list).hidden = false;
  if (!current?.isConnected) point(list.firstElementChild);
}
older().addEventListener("click", (event) => {
  if (!event.target.closest("[data-older]") || list.children.length >= MOST || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  empty = 0;
  more();
});
watch();

// What has come since: said, and put in when it is asked for.
let fresh = [], pause = NEWS;
async function lookForNews() {
  if (!document.hidden) {
    try {
      const query = new URLSearchParams(location.search);
      query.set("since", list.firstElementChild?.dataset.created ?? news.dataset.since);
      const page = await part(`/predictions/part?${query}`);
      fresh = itemsOf(page).filter((item) => !byId(item.dataset.id));
      pause = NEWS;
      tellNews();
    } catch {
      pause = Math.min(60000, pause * 2);
    }
  }
  setTimeout(lookForNews, pause);
}
function tellNews() {
  const text = fresh.length ? `Show ${fresh.length >= 100 ? "100 or more new ones" : many(fresh.length, "new prediction")}` : "";
  if (news.textContent !== text) news.replaceChildren(...(text ? [h("button", { type: "button", class: "button small", onclick: showNews }, text)] : []));
}
function showNews() {
  if (fresh.length >= 100) return location.reload();
  const first = fresh[0];
  add(fresh, (items) => list.prepend(...items));
  fresh = [];
  tellNews();
  scrollTo({ top: 0 });
  go(first);
}
if (news.hasAttribute("data-first")) setTimeout(lookForNews, pause);

// Those that run and can be seen, as they are by now.
async function renew() {
  const seen = document.hidden ? [] : [...list.querySelectorAll(":scope > :not([data-over])")].filter((item) => {
    const box = item.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  }).slice(0, AT_ONCE);
  if (seen.length) {
    try {
      const query = new URLSearchParams([...seen.map((item) => ["id", item.dataset.id]), ["view", list.matches("ul") ? "grid" : "table"]]);
      for (const item of itemsOf(await part(`/predictions/part?${query}`))) renewed(byId(item.dataset.id), item);
    } catch { /* asked again */ }
  }
  setTimeout(renew, RUNNING);
}
function renewed(old, item) {
  if (!old || (old.dataset.status === item.dataset.status && old.dataset.files === item.dataset.files)) return;
  const focused = old.contains(document.activeElement) && document.activeElement.matches("input") ? boxOf : old.contains(document.activeElement) && linkOf;
  boxOf(item).checked = boxOf(old).checked;
  if (anchor === old) anchor = item;
  old.replaceWith(item);
  if (current === old) point(item);
  if (focused) focused(item).focus({ preventScroll: true });
  count();
}
renew();

// A picture that is gone leaves a word, not a broken sign.
list.addEventListener("error", ({ target }) => {
  if (target.matches("img")) target.replaceWith(h("p", { class: "tile-says hint" }, "The file is gone."));
}, true);

// Deleting: asked first, and what became of each is told.
form.querySelector("[data-delete]").addEventListener("click", (event) => {
  event.preventDefault();
  const items = checked(), files = items.reduce((sum, item) => sum + Number(item.dataset.files), 0);
  const running = items.filter((item) => !item.hasAttribute("data-over")).length;
  const sure = h("button", { type: "button", class: "button danger", onclick: () => remove(dialog, sure) }, "Delete for good");
  const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask" },
    h("h2", { id: "ask" }, `Delete ${many(items.length, "prediction")}?`),
    h("p", {}, `Inputs and logs${files ? ` and ${many(files, "file")}` : ""} are deleted for good${files ? "; the addresses of the files stop working" : ""}. What the runs cost stays in the usage.`),
    running ? h("p", { class: "notice warn" }, `${running} of these still ${running === 1 ? "runs" : "run"} and will not be deleted: cancel first.`) : null,
    h("div", { class: "ask-does" }, h("button", { type: "button", class: "button", autofocus: true, onclick: () => dialog.close() }, "Keep"), sure));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
});
async function remove(dialog, button) {
  button.disabled = true;
  button.textContent = "Deleting…";
  const body = new URLSearchParams(new FormData(form));
  body.set("sure", "yes");
  try {
    const answer = await fetch("/predictions/delete", { method: "POST", body });
    const report = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report");
    if (!answer.ok || !report) throw new Error("Nothing was deleted: load the page again, and try once more.");
    for (const id of report.dataset.deleted.split(",").filter(Boolean)) byId(id)?.remove();
    if (!list.children.length) {
      (list.closest(".table-wrap") ?? list).hidden = true;
      if (older().querySelector("[data-older]")) more();
      else form.before(h("div", { class: "empty", id: "empty" }, h("h2", {}, "Nothing left here"), h("p", {}, h("a", { href: "/predictions" }, "Show all predictions"))));
    }
    if (!current?.isConnected) point(list.firstElementChild);
    clear();
    document.getElementById("report").replaceWith(document.adoptNode(report));
    dialog.close();
    document.getElementById("report").focus();
  } catch (error) {
    dialog.close();
    toast(error.message);
  }
}

// The form of the filters: an address without what is empty, and days as they are here.
const narrow = document.getElementById("narrow"), zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone) { narrow.elements.zone.value = zone; narrow.querySelector("[data-zone]").textContent = zone; }
narrow.addEventListener("formdata", ({ formData }) => {
  if (!formData.get("from") && !formData.get("to")) formData.delete("zone");
  for (const name of [...formData.keys()]) if (!formData.get(name)) formData.delete(name);
});
document.addEventListener("click", (event) => {
  const open = document.querySelector(".filters[open]");
  if (open && !open.contains(event.target)) open.open = false;
});
