// Asked of a page before it is printed: every text that a reader sees, the texts that each chart
// drew, and what does not fit into its place.
() => {
  const SLACK = 1.5;
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const told = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 80);

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!data.trim() || parent.closest("svg, script, style, template, [data-kk-mark]")) continue;
    const box = parent.getBoundingClientRect();
    if (seen(parent) && box.width > 1.5) texts.push(data.trim());
  }

  const charts = [];
  const tight = [];
  for (const plot of document.querySelectorAll(".kk-plot")) {
    const frame = plot.getBoundingClientRect();
    const labels = [];
    for (const label of plot.querySelectorAll("svg text")) {
      const box = label.getBoundingClientRect();
      if (!told(label) || !seen(label) || !box.width) continue;
      labels.push(label.textContent.trim());
      const out = box.left < frame.left - SLACK || box.right > frame.right + SLACK
        || box.top < frame.top - SLACK || box.bottom > frame.bottom + SLACK;
      if (out) tight.push(`the chart label “${told(label)}” is cut off`);
    }
    charts.push(labels);
  }

  const wide = [...document.querySelectorAll(".page *, .cover *")].filter((node) => {
    if (node.closest("svg, .kk-plot") || !seen(node) || node.clientWidth < 2) return false;
    const { display, overflowY } = getComputedStyle(node);
    if (display === "inline") return false;
    return node.scrollWidth > node.clientWidth + SLACK
      || (overflowY === "hidden" && node.scrollHeight > node.clientHeight + SLACK);
  });
  for (const node of wide) {
    if (!wide.some((other) => other !== node && node.contains(other))) {
      tight.push(`“${told(node)}” is wider than its ${node.matches("td, th") ? "table cell" : "place"}`);
    }
  }
  return { texts, charts, tight };
}
