// Asked of a page before it is printed: every text that a reader sees, the texts that each chart
// drew, what does not fit into its place and, where a theme dresses the page, what it hides.
(themed) => {
  const SLACK = 1.5;
  const seen = (node) => node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const told = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 80);

  const LEAST_CONTRAST = 1.5, LEAST_SIZE = 4;
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const kept = (make, known = new Map()) => (key) => known.get(key) ?? known.set(key, make(key)).get(key);
  // Whatever notation a colour has: red, green, blue and alpha, each 0 to 1.
  const parts = kept((colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
  });
  const over = ([r, g, b, alpha], ground) => [r, g, b].map((part, i) => part * alpha + ground[i] * (1 - alpha));
  const luminance = (colour) => colour
    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  // What an element stands on; null for a picture, or for what it was moved over.
  const ground = kept((node) => {
    if (!node) return [1, 1, 1];
    const { backgroundColor, backgroundImage, position } = getComputedStyle(node);
    const own = parts(backgroundColor);
    if (backgroundImage !== "none" || (own[3] < 1 && /absolute|fixed/.test(position))) return null;
    const behind = own[3] < 1 ? ground(node.parentElement) : own;
    return behind && over(own, behind);
  });
  const hides = kept((node) => {
    const { webkitTextFillColor, fontSize, opacity } = getComputedStyle(node);
    if (!seen(node) || parseFloat(fontSize) < LEAST_SIZE) return true;
    const behind = ground(node);
    if (!behind) return false;
    const [r, g, b, alpha] = parts(webkitTextFillColor);
    const [dark, light] = [over([r, g, b, alpha * opacity], behind), behind].map(luminance).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05) < LEAST_CONTRAST;
  });

  const texts = [];
  const hidden = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (!data.trim() || parent.closest("svg, script, style, template, [data-kk-mark]")) continue;
    const box = parent.getBoundingClientRect();
    if (themed && box.width > 1.5 && parent.checkVisibility() && hides(parent)) hidden.push(told(parent));
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
  return { texts, charts, tight, hidden };
}
