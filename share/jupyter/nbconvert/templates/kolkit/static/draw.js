// Draws the static charts of a page. window.__kolkitReady resolves when the last one is drawn:
// printing waits for it, and so do tests.
window.kolkitDraw = function () {
  const draw = (node) => {
    const figure = JSON.parse(node.querySelector("script").textContent);
    node.removeAttribute("data-kk-figure");
    return Plotly.newPlot(node, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  };
  const waiting = [...document.querySelectorAll("[data-kk-figure]")];
  window.__kolkitReady = Promise.all(waiting.map(draw)).then((drawn) => drawn.length);
  return window.__kolkitReady;
};
