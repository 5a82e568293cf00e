// What a dashboard's page does before and while its widgets come to life: theme, stages, knobs on a
// narrow screen. Loaded in the head, so that a dark page is dark from its first moment.
(() => {
  const root = document.documentElement;
  const wanted = (() => {
    try {
      return localStorage.getItem("kk-theme");
    } catch {
      return null;
    }
  })();
  const system = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.kkTheme = wanted ?? (system.matches ? "dark" : "light");
  // A workbook served by itself has no others beside it to lead to.
  if (!location.pathname.includes("/render/")) root.classList.add("kk-alone");
  // Voila's own page calls this while it runs the notebook.
  window.voila_heartbeat = () => {};

  const STAGES = {
    kernel: "1/3 Starting the calculation… · 正在启动计算…",
    model: "2/3 Running the model… · 正在运行模型…",
    controls: "3/3 Connecting the controls… · 正在连接控件…",
  };
  const began = performance.now();
  let stage = "kernel";
  let ticking;
  const tell = () => {
    const status = document.getElementById("kk-status");
    if (!status) return;
    const seconds = Math.floor((performance.now() - began) / 1000);
    status.textContent = stage ? `${STAGES[stage]}${seconds > 1 ? ` ${seconds} s` : ""}` : "";
    // Controls connect within a second or two; where one never comes, a fresh page does.
    if (stage === "controls" && seconds > 20) {
      const again = document.createElement("button");
      again.type = "button";
      again.textContent = "Load again · 重新载入";
      again.onclick = () => location.reload();
      status.append(" ", again);
    }
    if (!stage) clearInterval(ticking);
  };
  const reach = (next) => {
    stage = next;
    tell();
  };
  // The page arrives piece by piece: what is there says how far it is.
  const arriving = new MutationObserver(() => {
    if (document.querySelector(".kk-cell")) root.classList.add("kk-begun");
    if (stage === "kernel" && document.getElementById("jupyter-config-data")) reach("model");
  });
  arriving.observe(root, { childList: true, subtree: true });
  ticking = setInterval(tell, 500);

  addEventListener("DOMContentLoaded", () => {
    arriving.disconnect();
    tell();
    kolkitDraw();
    const waiting = new Set(document.querySelectorAll("[data-kk-widget]"));
    if (!waiting.size) return reach("");
    reach("controls");
    // A live widget is shown once it has content; until then the static picture stays in its place.
    const seen = new MutationObserver(() => {
      for (const cell of waiting) {
        if (cell.querySelector(".lm-Widget .kk-panel, .lm-Widget .kk-rail, .lm-Widget [data-painted]")) {
          cell.classList.add("kk-live");
          waiting.delete(cell);
        }
      }
      if (waiting.size) return;
      seen.disconnect();
      reach("");
      performance.mark("kolkit:live");
    });
    seen.observe(document.getElementById("kk-page"), {
      childList: true, subtree: true, attributes: true, attributeFilter: ["data-painted"],
    });
    // The address holds the scenario, so that a plain link within the page would overwrite it.
    document.querySelector(".kk-skip").onclick = () => document.getElementById("kk-answer")?.focus();
    const opener = document.querySelector(".kk-open-knobs");
    opener.onclick = () => {
      const open = document.body.classList.toggle("kk-knobs-open");
      opener.setAttribute("aria-expanded", String(open));
      // The sentence that follows the knobs stands above them.
      if (open) document.getElementById("kk-answer")?.scrollIntoView({ block: "start" });
    };
  });
})();
