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

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export default {
  render({ model, el }) {
    const card = node("section", "kk-card");
    const title = node("h3");
    const subtitle = node("p", "kk-subtitle");
    const plot = node("div", "kk-plot");
    const foot = node("div", "kk-foot");
    const more = { why: node("div", "kk-more"), table: node("div", "kk-more") };
    const buttons = {};
    for (const kind of ["why", "table"]) {
      more[kind].hidden = true;
      buttons[kind] = node("button");
      buttons[kind].onclick = () => {
        more[kind].hidden = !more[kind].hidden;
        unfold();
        buttons[kind].setAttribute("aria-expanded", String(!more[kind].hidden));
      };
      buttons[kind].setAttribute("aria-expanded", "false");
    }
    buttons.image = node("button");
    buttons.image.onclick = async () =>
      (await plotly(model)).downloadImage(plot, {
        format: "png", scale: 2, width: plot.clientWidth, height: plot.clientHeight,
        filename: model.get("name"),
      });
    const source = node("span", "kk-source");
    for (const button of Object.values(buttons)) button.type = "button";
    foot.append(buttons.why, buttons.table, buttons.image, source);
    card.append(title, subtitle, plot, foot, more.why, more.table);
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
      title.textContent = model.get("title");
      subtitle.textContent = model.get("subtitle");
      plot.setAttribute("aria-label", `${model.get("title")}. ${model.get("subtitle")}`);
      for (const kind of ["why", "table", "image"]) buttons[kind].textContent = labels[kind] ?? kind;
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
        const { data, layout } = model.get("figure");
        const seq = model.get("seq");
        words();
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
    model.on("change:labels", words);
    draw().then(() => {
      resized.observe(card);
      sight.observe(card);
    });
    return () => {
      resized.disconnect();
      model.off("change:figure", changed);
      sight.disconnect();
      model.off("change:labels", words);
      window.Plotly?.purge?.(plot);
    };
  },
};
