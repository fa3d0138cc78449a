// A check takes some seconds: its button says so.
document.addEventListener("submit", (event) => {
  const button = event.target.closest("[data-check]")?.querySelector("button");
  if (!button) return;
  button.querySelector("span").textContent = "Asking the providers…";
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", (again) => again.preventDefault());
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
