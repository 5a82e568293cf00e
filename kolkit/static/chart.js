// A chart card. One plotly bundle a page: the page's own if its template loaded it, else asked from
// the kernel once. Updates are drawn with Plotly.react, and only the newest of those that wait.
function plotly(model) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.__kolkitPlotly ??= new Promise((resolve, reject) => {
    const arrived = (message, buffers) => {
      if (message?.kind !== "bundle") return;
      model.off("msg:custom", arrived);
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      script.onload = () => resolve(window.Plotly ?? window.moduleName);
      script.onerror = () => reject(new Error("the chart library did not load"));
      document.head.append(script);
    };
    model.on("msg:custom", arrived);
    model.send({ kind: "bundle" });
  });
  return window.__kolkitPlotly;
}

const OPTIONS = { displayModeBar: false, responsive: false };

// Charts are made for a light page; on a dark one each colour has its counterpart of equal meaning.
const DARK = {
  "#1c2330": "#e9ebee", "#5d6675": "#a9b2c0", "#d9dce1": "#3a4250", "#ffffff": "#1b212b", "#fff": "#1b212b",
  "#1f6f78": "#5fb3bc", "#8fb7bb": "#3d6a70", "#b8402a": "#e8806a", "#e0a698": "#7d4a3e",
  "#c08a2b": "#d9a94f", "#f3ead9": "#3b3424", "#f5f4f0": "#12161d",
};

function inTheme(figure) {
  if (document.documentElement.dataset.kkTheme !== "dark") return figure;
  const told = JSON.stringify(figure).replace(/#[0-9a-f]{3}(?:[0-9a-f]{3})?\b/gi, (c) => DARK[c.toLowerCase()] ?? c);
  return JSON.parse(told);
}

export default {
  render({ model, el }) {
    const card = node("section", "kk-card");
    const lead = node("div", "kk-lead");
    lead.tabIndex = 0;
    lead.setAttribute("role", "region");
    const title = node("h3");
    const subtitle = node("p", "kk-subtitle");
    const plot = node("div", "kk-plot");
    const foot = node("div", "kk-foot");
    const more = { why: node("div", "kk-more"), table: node("div", "kk-more") };
    const buttons = {};
    for (const kind of ["why", "table"]) {
      more[kind].hidden = true;
      // A wide table scrolls sideways: also for those who have no mouse.
      more[kind].tabIndex = 0;
      more[kind].setAttribute("role", "region");
      buttons[kind] = button("", "", () => {
        more[kind].hidden = !more[kind].hidden;
        unfold();
        buttons[kind].setAttribute("aria-expanded", String(!more[kind].hidden));
      });
      buttons[kind].setAttribute("aria-expanded", "false");
    }
    buttons.image = button("", "", async () =>
      (await plotly(model)).downloadImage(plot, {
        format: "png", scale: 2, width: plot.clientWidth, height: plot.clientHeight,
        filename: model.get("name"),
      }));
    buttons.sheet = button("", "", () => model.send({ kind: "xlsx" }));
    const received = (message, buffers) => {
      if (message?.kind === "sheet") {
        download(new Blob([buffers[0]], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" }),
          `${fileName(model.get("name"))}.xlsx`);
      }
    };
    model.on("msg:custom", received);
    const source = node("span", "kk-source");
    foot.append(buttons.why, buttons.table, buttons.image, buttons.sheet, source);
    card.append(lead, title, subtitle, plot, foot, more.why, more.table);
    plot.setAttribute("role", "img");
    el.append(card);

    // What is folded away is filled in when it is opened.
    const unfold = () => {
      for (const kind of ["why", "table"]) {
        if (!more[kind].hidden) more[kind].innerHTML = model.get(kind);
      }
    };
    const words = () => {
      const labels = model.get("labels");
      card.hidden = !model.get("title");
      if (lead.innerHTML !== model.get("lead")) lead.innerHTML = model.get("lead");
      lead.hidden = !model.get("lead");
      lead.setAttribute("aria-label", model.get("title"));
      title.textContent = model.get("title");
      subtitle.textContent = model.get("subtitle");
      plot.setAttribute("aria-label", `${model.get("title")}. ${model.get("subtitle")}`);
      for (const [kind, button] of Object.entries(buttons)) {
        button.textContent = labels[kind] ?? kind;
        button.setAttribute("aria-label", `${button.textContent}: ${model.get("title")}`);
        more[kind]?.setAttribute("aria-label", `${button.textContent}: ${model.get("title")}`);
      }
      source.textContent = labels.source ?? "";
      unfold();
    };
    let drawing = false;
    let waiting = true;
    const draw = async () => {
      waiting = true;
      if (drawing) return;
      drawing = true;
      while (waiting) {
        waiting = false;
        const library = await plotly(model);
        const { data, layout } = inTheme(model.get("figure"));
        const seq = model.get("seq");
        words();
        if (!data) {
          card.dataset.painted = String(seq);
          plot.replaceChildren();
          library.purge(plot);
          continue;
        }
        await library.react(plot, data, { ...layout, width: plot.clientWidth || undefined }, OPTIONS);
        card.dataset.painted = String(seq);
        performance.mark(`kolkit:painted:${model.get("name")}`, { detail: seq });
      }
      drawing = false;
    };
    // A card out of sight is redrawn when the page has time, so that what is seen follows at once.
    let seen = true;
    const sight = new IntersectionObserver(([entry]) => (seen = entry.isIntersecting));
    const changed = () => (seen ? draw() : (window.requestIdleCallback ?? setTimeout)(draw));
    const resized = new ResizeObserver(() => {
      if (plot.clientWidth && plot.clientWidth !== plot._fullLayout?.width) draw();
    });
    words();
    model.on("change:figure", changed);
    for (const trait of ["labels", "title", "lead"]) model.on(`change:${trait}`, words);
    addEventListener("kolkit:theme", draw);
    draw().then(() => {
      resized.observe(card);
      sight.observe(card);
    });
    return () => {
      resized.disconnect();
      model.off("change:figure", changed);
      sight.disconnect();
      model.off("msg:custom", received);
      removeEventListener("kolkit:theme", draw);
      for (const trait of ["labels", "title", "lead"]) model.off(`change:${trait}`, words);
      window.Plotly?.purge?.(plot);
    };
  },
};
