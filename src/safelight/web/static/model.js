// A model's page: the form in its five forms, what it will cost, and its run.
import { Refused, api, dollars, mode, toast } from "./tools.js";
import { isUploading, read, showFaults, write } from "./form.js";
import { follow, replace } from "./run.js";

document.documentElement.dataset.js = "";
const bench = document.querySelector(".workbench");
const form = document.getElementById("input"), place = document.getElementById("run");
const json = document.getElementById("json"), problem = form.querySelector("[data-error]");
const { model, version, root } = bench.dataset;
form.noValidate = true; // the server says what is wrong, also with what another view hides
let view = "form", following = null;

// Form, JSON and code are views of one input.

const tabs = [...bench.querySelectorAll("[data-view]")];
function show(name) {
  if (view === "json" && !readJson()) return;
  view = name;
  for (const tab of tabs) {
    const isOn = tab.dataset.view === name;
    tab.setAttribute("aria-selected", String(isOn));
    tab.tabIndex = isOn ? 0 : -1;
  }
  const panel = ["node", "python", "http"].includes(name) ? "code" : name;
  for (const one of ["form", "json", "code"]) document.getElementById(`view-${one}`).hidden = one !== panel;
  document.getElementById(`view-${panel}`).setAttribute("aria-labelledby", `as-${name}`);
  if (name === "json") json.value = JSON.stringify(read(), null, 2);
  if (panel === "code") showCode();
}
for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab.dataset.view));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    show(next.dataset.view);
    if (view === next.dataset.view) next.focus();
  });
}

function readJson() {
  const told = form.querySelector("[data-wrong-json]");
  try {
    const input = JSON.parse(json.value || "{}");
    if (input === null || typeof input !== "object" || Array.isArray(input)) throw new SyntaxError("An input is an object: { … }");
    const unknown = write(input);
    told.textContent = unknown.length ? `The model does not know ${unknown.join(", ")}: left out.` : "";
    told.hidden = !unknown.length;
    json.removeAttribute("aria-invalid");
    return true;
  } catch (error) {
    told.textContent = error.message;
    told.hidden = false;
    json.setAttribute("aria-invalid", "true");
    json.focus();
    return false;
  }
}
json.addEventListener("change", readJson);

// The code for what is in the form just now; the server writes it.

let code = null, forWhom = "here";
async function showCode() {
  const body = new FormData();
  const meta = document.querySelector("meta[name=csrf]");
  body.append("csrf", meta.content);
  body.append("for", forWhom);
  body.append("input", JSON.stringify(withSecrets(read())));
  const answer = await fetch(`${root}/code`, { method: "POST", body });
  if (!answer.ok) { toast("The code could not be written."); return; }
  code = await answer.json();
  document.getElementById("code").textContent = code[view] ?? "";
  document.getElementById("setup").textContent = code[`${view}-setup`] ?? "";
}
function withSecrets(input) {
  for (const field of document.querySelectorAll('[data-kind="secret"]')) if ("required" in field.dataset || field.querySelector("input").value) input[field.dataset.field] = "[REDACTED]";
  return input;
}
for (const button of bench.querySelectorAll("[data-for]")) {
  button.addEventListener("click", () => {
    forWhom = button.dataset.for;
    for (const one of bench.querySelectorAll("[data-for]")) one.setAttribute("aria-pressed", String(one === button));
    showCode();
  });
}

// What it will cost, before the click.

const cost = form.querySelector("[data-cost]");
let asking = 0;
function estimate() {
  clearTimeout(asking);
  const input = withSecrets(read());
  const isWhole = [...document.querySelectorAll("[data-required]")].every((field) => field.dataset.field in input);
  if (mode !== "live" || !isWhole) return;
  asking = setTimeout(async () => {
    try {
      const quote = await api("POST", `/v1/models/${model}/estimate`, { input, stream: true });
      const usual = cost.dataset.takes ? ` Usually ${cost.dataset.takes}.` : "";
      const known = quote.upstreams.map((one) => one.estimate_usd).filter((one) => one !== null);
      const yours = quote.upstreams.some((one) => one.paid_by === "caller");
      cost.textContent = (!quote.upstreams.length ? "Free." : known.length ? `Up to ${dollars(Math.max(...known))}${yours ? ", on your key" : ""}.` : "No price is known.") + usual;
    } catch { /* what is wrong with the input is told when it runs */ }
  }, 350);
}
form.addEventListener("input", estimate);
estimate();

// Running.

form.addEventListener("keydown", (event) => {
  const isText = event.target.matches("textarea:not(#json)");
  if (event.key === "Enter" && !event.isComposing && ((isText && !event.shiftKey) || event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (view === "json" && !readJson()) return;
  if (isUploading()) { toast("A file is still being uploaded."); return; }
  const button = form.querySelector("[data-run-button]");
  button.disabled = true;
  problem.hidden = true;
  try {
    const input = read({ secrets: true });
    const body = { input, stream: true };
    const run = version
      ? await api("POST", "/v1/predictions", { version: `${model}:${version}`, ...body })
      : await api("POST", `/v1/models/${model}/predictions`, body);
    showFaults([]);
    history.pushState(null, "", `${root}?prediction=${run.id}`);
    await begin(run.id);
  } catch (error) {
    fail(error);
  } finally {
    button.disabled = false;
  }
});

function fail(error) {
  const faults = error instanceof Refused ? error.problem.invalid_fields ?? [] : [];
  const named = faults.map((one) => ({ ...one, field: one.field === "input" && one.type === "required" ? one.description.split(" ")[0] : one.field.replace(/^input\./, "") }));
  const names = [...new Set(named.map((one) => one.field))];
  const areAllHere = names.length && names.every((name) => form.querySelector(`[data-field="${CSS.escape(name)}"]`));
  problem.textContent = areAllHere ? `${names.length === 1 ? "One input needs" : `${names.length} inputs need`} a change: ${names.join(", ")}.` : error instanceof TypeError ? "The server does not answer. Nothing was sent twice; try again." : error.message;
  problem.hidden = false;
  if (view !== "form" && faults.length) show("form");
  showFaults(named);
  if (!faults.length) problem.scrollIntoView({ block: "nearest" });
}

async function begin(id) {
  following?.stop();
  replace(place, await (await fetch(`/p/${id}/part`)).text());
  following = follow(place);
  if (matchMedia("(max-width: 1080px)").matches) place.scrollIntoView({ block: "start", behavior: "smooth" });
}

// "Tweak it" brings the input back without leaving the page; the address tells what is shown.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-tweak]");
  if (!link || event.metaKey || event.ctrlKey || new URL(link.href).pathname !== root) return;
  event.preventDefault();
  const id = new URL(link.href).searchParams.get("prediction");
  try {
    const run = await api("GET", `/v1/predictions/${id}`);
    write(Object.fromEntries(Object.entries(run.input).filter(([, given]) => given !== "[REDACTED]")));
    show("form");
    form.querySelector('[data-kind="text"] textarea')?.focus();
  } catch (error) {
    toast(error.message);
  }
});
addEventListener("popstate", () => location.reload());

form.querySelector("[data-reset]").addEventListener("click", () => {
  write({});
  for (const secret of form.querySelectorAll("[type=password]")) secret.value = "";
  showFaults([]);
  problem.hidden = true;
  show("form");
  estimate();
});

if (place.querySelector("[data-run]:not([data-example])")) following = follow(place);
