// Keeps the component in step with the page around it: dark or light, and large print.

/** Follows the page until the returned function is called. */
export function followPage(app) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const update = () => {
    app.classList.toggle("dark", isDark(system.matches));
    app.classList.toggle("large", document.documentElement.classList.contains("zhinan-large"));
  };
  const watch = new MutationObserver(update);
  const attributeFilter = ["class", "data-md-color-scheme"];
  watch.observe(document.documentElement, { attributeFilter });
  watch.observe(document.body, { attributeFilter });
  system.addEventListener("change", update);
  update();
  return () => {
    watch.disconnect();
    system.removeEventListener("change", update);
  };
}

/** Material's dark scheme, else the page's own background, else what the system prefers. */
function isDark(preferred) {
  if (document.body.dataset.mdColorScheme === "slate") return true;
  const brightness = [document.body, document.documentElement].map(backgroundOf).find((value) => value !== null);
  return brightness === undefined ? preferred : brightness < 128;
}

/** Brightness 0 to 255 of an element's background; null where it has none. */
function backgroundOf(element) {
  const parts = /^rgba?\(([^)]*)\)$/.exec(getComputedStyle(element).backgroundColor);
  if (!parts) return null;
  const [red, green, blue, alpha = 1] = parts[1].split(/[,\s/]+/).map(Number);
  return alpha === 0 ? null : 0.299 * red + 0.587 * green + 0.114 * blue;
}
