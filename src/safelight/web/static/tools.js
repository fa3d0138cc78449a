// Small tools that the modules share: the API, elements, copying, what things are called.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
export const mode = meta("mode");

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.problem = problem;
  }
}

/** Call the API as any client does; `path` begins with /v1. Throws Refused, or TypeError when the server cannot be reached. */
export async function api(method, path, body, { headers = {}, signal } = {}) {
  const isJson = body !== undefined && !(body instanceof FormData);
  const answer = await fetch(`/-/api${path}`, {
    method,
    signal,
    body: isJson ? JSON.stringify(body) : body,
    headers: { "x-csrf": meta("csrf"), "x-mode": mode, ...(isJson && { "content-type": "application/json" }), ...headers },
  });
  if (answer.status === 401) location.href = `/enter?next=${encodeURIComponent(location.pathname + location.search)}`;
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

/** An element: h("a", { href, class, onclick, data: {..} }, "text", child, ...). Text stays text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function toast(text, isBad = true) {
  const shown = h("p", { class: isBad ? "toast bad" : "toast" }, text);
  document.getElementById("toasts").append(shown);
  setTimeout(() => shown.remove(), isBad ? 8000 : 2500);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "unseen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** An address on this server without its origin, which may have another name outside. */
export const local = (address) => { const url = new URL(address, location.href); return url.pathname + url.search; };

export function size(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 999.5 && unit < units.length - 1) { count /= 1000; unit += 1; }
  return `${count.toFixed(unit < 2 ? 0 : 1)} ${units[unit]}`;
}

export function seconds(duration) {
  if (duration < 0.1) return `${Math.round(duration * 1000)} ms`;
  if (duration < 10) return `${duration.toFixed(2)} s`;
  if (duration < 60) return `${duration.toFixed(1)} s`;
  const whole = Math.round(duration), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min ${whole % 60} s`;
}

export function dollars(usd) {
  if (usd === 0) return "$0";
  const digits = usd >= 1 ? 2 : usd >= 0.001 ? 4 : 6;
  return `$${usd.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}

export const isOver = (prediction) => ["succeeded", "failed", "canceled", "aborted"].includes(prediction.status);
