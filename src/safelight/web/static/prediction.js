// A run's own page: it is followed, and what stands beside it is renewed with each of its moves.
import { follow } from "./run.js";

const place = document.getElementById("run");
if (!place.querySelector("[data-over]")) follow(place, renew);

async function renew() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-side]");
  if (fresh) document.querySelector("[data-side]").replaceWith(fresh);
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-delete]") && !confirm("Delete this prediction and its files for good?")) event.preventDefault();
});
