// What the pages do beyond plain HTML. All of them work without this file.

// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// Coming back with the browser's back button: the form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  }
});

// After a form was refused, one goes on at the first field that is wrong.
if (!document.querySelector("[autofocus]")) {
  document.querySelector('form[method="post"] [aria-invalid="true"]')?.focus();
}

// The hand-over page sends itself on.
document.querySelector("form[data-autosubmit]")?.requestSubmit();

// A menu closes on Escape and on a click elsewhere.
document.addEventListener("click", (event) => closeMenus((menu) => !menu.contains(event.target)));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus((menu) => menu.contains(document.activeElement));
});

function closeMenus(which) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!which(menu)) continue;
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector("summary").focus();
  }
}

// An address that the server found goes into its field, unless somebody has typed there meanwhile.
document.addEventListener("address-found", ({ target, detail }) => {
  const field = document.getElementById("id_slug");
  const isPressed = target.matches("button");
  if (field.value && !isPressed) return;
  field.value = detail.slug;
  field.removeAttribute("aria-invalid");
  if (isPressed) field.focus();
});

// How many are ticked of a list that has room for fewer. The server counts again.
document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-room]");
  if (!list) return;
  const room = Number(list.dataset.room);
  const ticked = Number(list.dataset.elsewhere) + list.querySelectorAll("input:checked").length;
  const state = ticked > room ? "over" : ticked < room ? "left" : "fits";
  const count = list.querySelector("output");
  list.classList.toggle("stays--over", state === "over");
  list.querySelector("[data-ours]")?.remove();
  count.textContent = count.dataset[state].replace("{n}", ticked.toLocaleString(document.documentElement.lang));
});
