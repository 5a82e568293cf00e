// Words made by the kernel: the sentence, tiles, ledger, method.
export default {
  render({ model, el }) {
    const panel = document.createElement("div");
    const open = () => [...panel.querySelectorAll("details")].map((d) => d.open);
    const show = () => {
      const were = open();
      panel.className = `kk-panel ${model.get("css_class")}`;
      panel.innerHTML = model.get("html");
      // A client's folder holds only the workbooks of that report.
      for (const link of SERVER.beside ? panel.querySelectorAll("a.kk-onward") : []) {
        if (!SERVER.beside.includes(link.getAttribute("href"))) link.remove();
      }
      panel.querySelectorAll("details").forEach((d, i) => (d.open = were[i] ?? false));
    };
    if (model.get("css_class") === "kk-answer") panel.setAttribute("aria-live", "polite");
    model.on("change:html", show);
    show();
    el.append(panel);
    return () => model.off("change:html", show);
  },
};
