// Loaded in the head before the first paint: large print, remembered on this device only.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");
  const stored = () => { try { return localStorage.getItem("zhinan-large") === "yes"; } catch { return false; } };
  const store = (large) => { try { localStorage.setItem("zhinan-large", large ? "yes" : "no"); } catch { /* private mode */ } };
  root.classList.toggle("zhinan-large", stored());
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-zn-large]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(root.classList.contains("zhinan-large")));
      button.addEventListener("click", () => {
        const large = root.classList.toggle("zhinan-large");
        button.setAttribute("aria-pressed", String(large));
        store(large);
      });
    }
  });
})();
