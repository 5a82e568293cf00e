// The page as one long picture for chats and slides: title, answer, tiles, charts, source and date.
const PICTURE = { width: 1080, margin: 48, gap: 20 };

function wrapped(pen, text, width) {
  const lines = [""];
  // Chinese breaks anywhere, other scripts between words.
  for (const piece of text.match(/[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? []) {
    const longer = lines[lines.length - 1] + piece;
    if (pen.measureText(longer.trimEnd()).width > width && lines[lines.length - 1]) lines.push(piece.trimStart());
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

async function longPicture({ title, source, date }) {
  const style = getComputedStyle(document.querySelector(".kk-page"));
  const colour = (name) => style.getPropertyValue(`--kk-${name}`).trim();
  const { width, margin, gap } = PICTURE;
  const inner = width - 2 * margin;
  const steps = [];
  let y = margin;
  const pen = document.createElement("canvas").getContext("2d");
  const font = (size, weight = 400) => `${weight} ${size}px ${style.fontFamily}`;
  const words = (text, { size, weight = 400, ink = "ink", x = margin, within = inner, leading = 1.3 }) => {
    pen.font = font(size, weight);
    let at = y;
    for (const line of wrapped(pen, text.trim(), within)) {
      const place = at + size;
      steps.push((c) => {
        c.font = font(size, weight);
        c.fillStyle = colour(ink);
        c.fillText(line.trimEnd(), x, place);
      });
      at += size * leading;
    }
    return at;
  };
  const card = (x, top, w, h) => steps.push((c) => {
    c.beginPath();
    c.roundRect(x, top, w, h, 10);
    c.fillStyle = colour("card");
    c.fill();
    c.strokeStyle = colour("hair");
    c.stroke();
  });
  const text = (root, selector) => root.querySelector(selector)?.textContent ?? "";
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((n) => n.offsetParent);

  y = words(title, { size: 18, ink: "muted" }) + 10;
  const answer = seen(".kk-answer")[0];
  y = words(text(answer, ".kk-sentence"), { size: 34, weight: 700 }) + 6;
  y = words(text(answer, ".kk-interval"), { size: 18, ink: "muted" }) + gap;
  const tiles = [...answer.querySelectorAll(".kk-tile")];
  const wide = (inner - 3 * 16) / 4;
  let low = y;
  const tops = y;
  const placed = tiles.map((tile, i) => {
    const x = margin + (i % 4) * (wide + 16);
    const begin = steps.length;
    y = tops + 14;
    for (const [selector, size, weight, ink] of [
      [".kk-label", 16, 400, "muted"], [".kk-value", 27, 700, "ink"],
      [".kk-note", 15, 400, "muted"], [".kk-change", 15, 700, "ink"],
    ]) {
      if (text(tile, selector)) y = words(text(tile, selector), { size, weight, ink, x: x + 16, within: wide - 32 });
    }
    low = Math.max(low, y + 12);
    return [x, begin];
  });
  // Cards lie beneath their words.
  const boxes = [];
  for (const [x] of placed) boxes.push((c) => {
    c.beginPath();
    c.roundRect(x, tops, wide, low - tops, 10);
    c.fillStyle = colour("card");
    c.fill();
    c.strokeStyle = colour("hair");
    c.stroke();
  });
  if (placed.length) steps.splice(placed[0][1], 0, ...boxes);
  y = placed.length ? low + gap : y;

  for (const section of seen(".kk-card:has(.js-plotly-plot)")) {
    const plot = section.querySelector(".js-plotly-plot");
    const height = plot.offsetHeight * Math.min(1.25, (inner - 48) / plot.offsetWidth);
    const url = await window.Plotly.toImage(plot, { format: "png", width: inner - 48, height, scale: 2 });
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const top = y;
    const begin = steps.length;
    y += 22;
    y = words(text(section, "h3"), { size: 21, weight: 700, x: margin + 24, within: inner - 48 });
    y = words(text(section, ".kk-subtitle"), { size: 16, ink: "muted", x: margin + 24, within: inner - 48 }) + 8;
    const at = y;
    steps.push((c) => c.drawImage(picture, margin + 24, at, inner - 48, height));
    y += height + 8;
    y = words(text(section, ".kk-source"), { size: 14, ink: "muted", x: margin + 24, within: inner - 48 }) + 12;
    const end = y;
    const mark = steps.length;
    card(margin, top, inner, end - top);
    steps.splice(begin, 0, ...steps.splice(mark));
    y += gap;
  }
  y = words(source, { size: 15, ink: "muted" });
  y = words(date, { size: 15, ink: "muted" }) + margin;

  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = Math.ceil(y) * 2;
  const c = canvas.getContext("2d");
  c.scale(2, 2);
  c.fillStyle = colour("canvas");
  c.fillRect(0, 0, width, y);
  for (const step of steps) step(c);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
