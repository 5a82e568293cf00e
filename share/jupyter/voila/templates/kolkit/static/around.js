// The theme chosen on a dashboard; and, where all seats are taken, another try.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("kk-theme");
  } catch {
    // Storage may be forbidden: the system decides.
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.kkTheme = theme ?? (dark ? "dark" : "light");
  addEventListener("DOMContentLoaded", () => {
    const retry = document.querySelector("meta[name=kk-retry]");
    if (retry) setTimeout(() => location.reload(), 1000 * Number(retry.content));
  });
})();
