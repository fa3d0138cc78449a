// The form of a model: its values as JSON and back, its files, its faults.
import { api, h, local, toast } from "./tools.js";

const fields = () => [...document.querySelectorAll("[data-field]")];
const isSecret = (field) => field.dataset.kind === "secret";
const control = (field) => field.querySelector("[name]:not([type=file])");
const ownDefault = (field) => JSON.parse(field.dataset.default);

/** One field's value; undefined when it is empty. */
function value(field) {
  const from = control(field);
  switch (field.dataset.kind) {
    case "boolean": return field.querySelector("[type=checkbox]").checked;
    case "integer": case "number": return from.value === "" ? undefined : Number(from.value);
    case "file": return urls(field)[0];
    case "files": { const all = urls(field); return all.length ? all : undefined; }
    case "texts": { const lines = from.value.split("\n").filter(Boolean); return lines.length ? lines : undefined; }
    case "other": try { return from.value.trim() ? JSON.parse(from.value) : undefined; } catch { return from.value; }
    default: return from.value.trim() === "" ? undefined : from.value;
  }
}

/** The input: what is empty, or as it is by itself, is left out. */
export function read({ secrets = false } = {}) {
  const input = {};
  for (const field of fields()) {
    if (isSecret(field) && !secrets) continue;
    const filled = value(field);
    const same = JSON.stringify(filled) === JSON.stringify(ownDefault(field));
    if (filled !== undefined && (!same || "required" in field.dataset)) input[field.dataset.field] = filled;
  }
  return input;
}

/** Fill the form from JSON; names that it does not have are given back. */
export function write(input) {
  for (const field of fields()) {
    if (isSecret(field)) continue;
    const given = input[field.dataset.field] ?? ownDefault(field);
    put(field, given);
  }
  const names = new Set(fields().map((field) => field.dataset.field));
  return Object.keys(input).filter((name) => !names.has(name));
}

function put(field, given) {
  const kind = field.dataset.kind;
  if (kind === "file" || kind === "files") {
    const list = field.querySelector("[data-items]");
    list.replaceChildren();
    for (const url of [given ?? []].flat()) list.append(item(field, { url: String(url) }));
  } else if (kind === "boolean") {
    field.querySelector("[type=checkbox]").checked = Boolean(given);
  } else {
    const text = given ?? "";
    const to = control(field);
    // One that is no choice stays, so that the server can say what is wrong with it.
    if (kind === "choice" && text !== "" && ![...to.options].some((one) => one.value === String(text))) to.append(h("option", {}, String(text)));
    to.value = kind === "texts" && Array.isArray(text) ? text.join("\n") : kind === "other" && text !== "" ? JSON.stringify(text, null, 2) : text;
    const slider = field.querySelector("[data-slider]");
    if (slider) slider.value = text === "" ? slider.min : text;
  }
}

/** Show the faults that the server found, each at its field; the first gets the focus. */
export function showFaults(faults) {
  for (const field of fields()) {
    const fault = faults.find((one) => one.field === field.dataset.field || one.field?.startsWith(`${field.dataset.field}.`));
    const told = field.querySelector("[data-wrong]");
    told.textContent = fault?.description ?? "";
    told.hidden = !fault;
    for (const one of field.querySelectorAll("input, select, textarea")) one.toggleAttribute("aria-invalid", false);
    if (fault) control(field)?.setAttribute("aria-invalid", "true");
  }
  document.querySelector("[aria-invalid=true]")?.focus();
}

// Files: chosen, dropped, pasted or named by address; uploaded at once; in any order.

const urls = (field) => [...field.querySelectorAll(".drop-item[data-url]")].map((one) => one.dataset.url);
export const isUploading = () => document.querySelector('.drop-item[data-state="busy"]') !== null;

function item(field, { url, file }) {
  const name = file ? file.name : url.startsWith("data:") ? "data URI" : decodeURIComponent(url.split("?")[0].split("/").pop() || url);
  const preview = file?.type.startsWith("image/") ? URL.createObjectURL(file) : url && isOurs(url) ? local(url) : url?.startsWith("data:image/") ? url : null;
  const made = h("li", { class: "drop-item", draggable: "true", title: url ?? name },
    preview ? h("img", { src: preview, alt: "" }) : h("span", { class: "drop-thing" }, name.split(".").pop().slice(0, 5)),
    h("span", { class: "drop-name" }, name),
    h("span", { class: "drop-does" },
      field.dataset.kind === "files" && h("button", { type: "button", class: "icon-button", title: "Earlier", "aria-label": `Move ${name} earlier`, onclick: () => { made.previousElementSibling?.before(made); told(field); } }, "‹"),
      field.dataset.kind === "files" && h("button", { type: "button", class: "icon-button", title: "Later", "aria-label": `Move ${name} later`, onclick: () => { made.nextElementSibling?.after(made); told(field); } }, "›"),
      h("button", { type: "button", class: "icon-button", title: "Remove", "aria-label": `Remove ${name}`, onclick: () => { made.remove(); told(field); } }, "×")));
  if (url) made.dataset.url = url;
  made.addEventListener("dragstart", (event) => { event.dataTransfer.effectAllowed = "move"; field.dragged = made; });
  made.addEventListener("dragend", () => { field.dragged = null; });
  made.addEventListener("dragover", (event) => {
    if (!field.dragged || field.dragged === made) return;
    event.preventDefault();
    const box = made.getBoundingClientRect();
    if (event.clientX < box.left + box.width / 2) made.before(field.dragged); else made.after(field.dragged);
    told(field);
  });
  return made;
}

const isOurs = (url) => /\/(outputs|covers)\//.test(url) && new URL(url, location.href).host === location.host;
const told = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));

function add(field, made) {
  const list = field.querySelector("[data-items]");
  if (field.dataset.kind === "file") list.replaceChildren();
  list.append(made);
  told(field);
}

async function upload(field, file) {
  const made = item(field, { file });
  made.dataset.state = "busy";
  add(field, made);
  const body = new FormData();
  body.append("content", file, file.name || "pasted.png");
  try {
    const stored = await api("POST", "/v1/files", body);
    made.dataset.url = stored.urls.get;
    delete made.dataset.state;
  } catch (error) {
    made.dataset.state = "bad";
    made.title = error.message;
    toast(`${file.name} was not uploaded: ${error.message}`);
  }
  told(field);
}

function dressDrop(field) {
  const drop = field.querySelector("[data-drop]"), file = drop.querySelector("[type=file]");
  const addresses = drop.querySelector("[data-addresses]"), list = drop.querySelector("[data-items]");
  const given = [...list.children].map((one) => one.dataset.url);
  list.replaceChildren(...given.map((url) => item(field, { url })));
  addresses.remove();
  file.removeAttribute("name");
  const address = h("input", { type: "url", placeholder: "https://… then Return", "aria-label": `${field.dataset.field}, by address` });
  address.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (address.value.trim() && address.checkValidity()) { add(field, item(field, { url: address.value.trim() })); address.value = ""; } else address.reportValidity();
  });
  const choose = h("button", { type: "button", class: "button small", onclick: () => file.click() }, "Choose…");
  file.classList.add("unseen");
  file.tabIndex = -1;
  drop.append(h("div", { class: "drop-add" }, choose, address), h("p", { class: "hint" }, "Or drop files here, or paste them."));
  file.addEventListener("change", () => { for (const one of file.files) upload(field, one); file.value = ""; });
  drop.addEventListener("dragover", (event) => { if (event.dataTransfer.types.includes("Files")) { event.preventDefault(); drop.classList.add("over"); } });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); for (const one of event.dataTransfer.files) upload(field, one); });
}

for (const field of fields()) {
  if (field.querySelector("[data-drop]")) dressDrop(field);
  const slider = field.querySelector("[data-slider]"), number = field.querySelector("[type=number]");
  slider?.addEventListener("input", () => { number.value = slider.value; });
  number?.addEventListener("input", () => { if (slider) slider.value = number.value === "" ? slider.min : number.value; });
}
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const field = event.target.closest?.("[data-field]")?.querySelector("[data-drop]") ? event.target.closest("[data-field]") : document.querySelector("[data-drop]")?.closest("[data-field]");
  if (files.length && field) { event.preventDefault(); for (const file of files) upload(field, file); }
});
