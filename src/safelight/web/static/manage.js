// Deployments, webhooks, tokens and files: asks before things go, uploads, and keeps lists as they are.
import { Refused, api, copy, h, mode, size, toast } from "./tools.js";

document.documentElement.dataset.js = "";
const find = (selector, within = document) => within.querySelector(selector);

// Before something is gone, it is asked for once more.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.elements.sure) return;
  event.preventDefault();
  const picked = [...form.querySelectorAll("[name=id]:checked")];
  if (form.matches("[data-files]") && !picked.length) { toast("Choose the files to delete first."); return; }
  ask(form, picked.length ? `Delete ${picked.length === 1 ? picked[0].closest("tr").querySelector(".file-name").textContent : `${picked.length} files`}?` : form.dataset.confirm);
});

function ask(form, title) {
  const verb = form.dataset.verb ?? form.querySelector("button.danger").textContent.trim();
  const close = () => { dialog.close(); };
  const sure = () => { form.append(h("input", { type: "hidden", name: "sure", value: "1" })); form.submit(); };
  const dialog = h("dialog", { class: "stack", "aria-labelledby": "asked" },
    h("h2", { id: "asked" }, title), h("p", {}, form.dataset.text),
    h("div", { class: "does" }, h("button", { type: "button", class: "button", autofocus: true, onclick: close }, "Keep"), h("button", { type: "button", class: "button danger", onclick: sure }, verb)));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
addEventListener("pageshow", () => { for (const sure of document.querySelectorAll("form[data-confirm] [name=sure]")) sure.remove(); });

// Times to come are told by the clock of whoever looks.

function clocks() {
  for (const time of document.querySelectorAll("[data-clock]")) {
    const at = new Date(time.dateTime), isToday = at.toDateString() === new Date().toDateString();
    time.textContent = at.toLocaleString([], isToday ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
    time.title = at.toLocaleString();
  }
}
clocks();

/** Put in what the server shows now, but for what somebody is about to do there. */
async function renew() {
  const place = find("[data-live]");
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const fresh = find("[data-live]", new DOMParser().parseFromString(await answer.text(), "text/html"));
  if (!fresh || !place) return;
  const chosen = new Set([...place.querySelectorAll("[name=id]:checked")].map((one) => one.value));
  for (const box of fresh.querySelectorAll("[name=id]")) box.checked = chosen.has(box.value);
  place.replaceWith(fresh);
  clocks();
  count();
}
if (find("[data-changes]")) watch(1000);
function watch(pause) {
  setTimeout(async () => {
    if (!document.hidden) await renew().catch(() => {});
    if (find("[data-changes]")) watch(Math.min(pause * 1.3, 15000));
  }, pause);
}

// The signing secret, shown in its place.

find("[data-secret]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget, shown = find("[data-secret-shown]", form), button = find("button.small", form), copies = find(".icon-button", form);
  form.dataset.hides ??= shown.textContent;
  const isShown = !copies.hidden;
  try {
    shown.textContent = isShown ? form.dataset.hides : (await api("GET", "/v1/webhooks/default/secret")).key;
    copies.hidden = isShown;
    button.textContent = isShown ? "Show" : "Hide";
  } catch (error) {
    toast(error.message);
  }
});

// Versions of the model that was named.

const versions = find("[data-versions]");
versions?.elements.model.addEventListener("change", async ({ target }) => {
  const list = document.getElementById("versions");
  list.replaceChildren(h("option", { value: "latest" }));
  if (!/^[^/\s]+\/[^/\s]+$/.test(target.value.trim())) return;
  try {
    const page = await api("GET", `/v1/models/${target.value.trim()}/versions`);
    list.append(...page.results.map((one) => h("option", { value: one.id }, one.created_at.slice(0, 10))));
  } catch { /* the answer to the form says what is wrong */ }
});

// A run of a deployment, with the form of its model.

const runs = find("[data-deployment]");
if (runs) {
  const { isUploading, read, showFaults } = await import("./form.js");
  runs.addEventListener("keydown", (event) => {
    const isText = event.target.matches("textarea");
    if (event.key !== "Enter" || event.isComposing || !((isText && !event.shiftKey) || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    runs.requestSubmit();
  });
  runs.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isUploading()) { toast("A file is still being uploaded."); return; }
    const button = find(".run-bar button", runs), problem = find("[data-error]", runs);
    button.disabled = true;
    problem.hidden = true;
    try {
      const run = await api("POST", `/v1/deployments/${runs.dataset.deployment}/predictions`, { input: read({ secrets: true }) });
      location.href = `/p/${run.id}`;
    } catch (error) {
      const faults = error instanceof Refused ? error.problem.invalid_fields ?? [] : [];
      problem.textContent = error instanceof TypeError ? "The server does not answer. Try again." : error.message;
      problem.hidden = false;
      if (faults.length) find(".rest", runs)?.setAttribute("open", "");
      showFaults(faults.map((one) => ({ ...one, field: one.field.replace(/^input\./, "") })));
    } finally {
      button.disabled = false;
    }
  });
}

// Files: several at a time, each with its progress.

const upload = find("[data-upload]");
if (upload) {
  const input = find("[type=file]", upload), waiting = [];
  let busy = 0;
  find("[data-send]", upload).hidden = true;
  input.classList.add("unseen");
  find("label", upload).className = "button primary";
  find("label", upload).textContent = "Upload files…";
  find("[data-drop-hint]", upload).hidden = false;
  input.addEventListener("change", () => { take(input.files); input.value = ""; });
  addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) { event.preventDefault(); document.body.classList.add("over"); } });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
  addEventListener("drop", (event) => { event.preventDefault(); document.body.classList.remove("over"); take(event.dataTransfer?.files ?? []); });
  addEventListener("paste", (event) => take(event.clipboardData?.files ?? []));
  addEventListener("beforeunload", (event) => { if (busy || waiting.length) event.preventDefault(); });

  function take(files) {
    for (const file of files) {
      const told = h("span", { class: "hint" }, size(file.size));
      const bar = h("progress", { max: 1, value: 0, "aria-label": `${file.name} uploaded` });
      const row = h("li", {}, file.type.startsWith("image/") ? h("img", { src: URL.createObjectURL(file), alt: "" }) : h("span", { class: "thing" }, file.name.split(".").pop().slice(0, 4)), h("div", {}, h("div", { class: "name" }, file.name), bar), told);
      find("[data-uploads]").append(row);
      waiting.push({ file, row, bar, told });
    }
    next();
  }

  function next() {
    while (busy < 3 && waiting.length) send(waiting.shift());
  }

  function send(one) {
    const { file, row, bar, told } = one, request = new XMLHttpRequest(), body = new FormData();
    busy += 1;
    body.append("content", file, file.name || "pasted.png");
    request.open("POST", "/-/api/v1/files");
    request.setRequestHeader("x-csrf", find("meta[name=csrf]").content);
    request.setRequestHeader("x-mode", mode);
    request.responseType = "json";
    const stop = h("button", { type: "button", class: "quiet", onclick: () => request.abort() }, "Stop");
    told.replaceChildren(size(file.size), " ", stop);
    request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
    request.onloadend = () => {
      busy -= 1;
      bar.remove();
      const stored = request.response;
      if (request.status === 201) {
        told.replaceChildren(h("button", { type: "button", class: "button small", onclick: async () => toast(await copy(stored.urls.get) ? "Copied" : "The browser does not allow copying here", false) }, "Copy address"));
      } else {
        const text = stored?.detail || (request.status ? `The server answered ${request.status}.` : "It was stopped, or the server does not answer.");
        row.lastChild.previousSibling.append(h("div", { class: "bad" }, text));
        told.replaceChildren(h("button", { type: "button", class: "button small", onclick: () => { row.remove(); take([file]); } }, "Try again"));
      }
      next();
      if (!busy && !waiting.length) renew().catch(() => {});
    };
    request.send(body);
  }
}

function count() {
  const bar = find("[data-picked]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-files] [name=id]")], picked = boxes.filter((one) => one.checked).length;
  find("[data-count]", bar).textContent = picked ? `${picked} selected` : "";
  find("button", bar).disabled = !picked;
  const all = find("[data-all]");
  all.checked = picked === boxes.length;
  all.indeterminate = picked > 0 && picked < boxes.length;
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const one of document.querySelectorAll("[data-files] [name=id]")) one.checked = event.target.checked;
  if (event.target.matches("[data-all], [data-files] [name=id]")) count();
});
count();
