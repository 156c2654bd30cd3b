// What the desk does beyond what Unfold brings, for those who hear it.

document.addEventListener("DOMContentLoaded", () => {
  // An icon is drawn from its name: beside words, a screen reader would read "upload_file Imports".
  for (const icon of document.querySelectorAll("a > .material-symbols-outlined, button > .material-symbols-outlined")) {
    if (icon.parentElement.textContent.trim() !== icon.textContent.trim()) icon.setAttribute("aria-hidden", "true");
  }
  document.getElementById("main")?.setAttribute("role", "main");
});
