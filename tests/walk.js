// One person at a dashboard: a few moves of sliders in sight, then a pause, until time is up.
// Every move is one jump, and waits until the page has answered, so that what is painted belongs to
// it. Resolves with what was measured, where the knobs stand, and every state the page went through.
async ({ seconds, seed, breath, rest, still }) => {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
  const between = ([low, high]) => low + random() * (high - low);
  const hash = () => document.querySelector(".lm-Widget .kk-hash").textContent;
  const inSight = (card) => {
    const box = card.getBoundingClientRect();
    return box.top < innerHeight && box.bottom > 0;
  };

  let painted = [];
  new MutationObserver((changes) => {
    if (!changes.some(({ target }) => inSight(target))) return;
    requestAnimationFrame((now) => painted.push(Math.max(now, performance.now())));
  }).observe(document.body, { subtree: true, attributeFilter: ["data-painted"] });

  const sliders = () =>
    [...document.querySelectorAll(".lm-Widget [data-knob]")].filter((holder) => {
      const slider = holder.querySelector("input[type=range]");
      const free = slider && !slider.disabled && holder.dataset.knob !== still;
      return free && slider.checkVisibility();
    });
  const refused = (name) =>
    document.querySelector(`.lm-Widget [data-knob=${name}]`).className.includes("error");

  const put = (slider, value) => {
    slider.value = String(value);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    slider.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const found = { first: [], last: [], words: [], refused: 0, unanswered: [], moved: {}, trail: [] };
  const move = async () => {
    const holders = sliders();
    const holder = holders[Math.floor(random() * holders.length)];
    const name = holder.dataset.knob;
    const slider = holder.querySelector("input[type=range]");
    const before = [slider.value, hash()];
    const steps = Math.round((slider.max - slider.min) / slider.step);
    const wanted = Number(slider.min) + slider.step * Math.round(random() * steps);
    painted = [];
    const start = performance.now();
    slider.value = String(wanted);
    if (slider.value === before[0]) return;
    put(slider, slider.value);
    const value = Number(slider.value);
    while (hash() === before[1] && !refused(name) && performance.now() - start < 20_000) {
      await sleep(10);
    }
    const answered = performance.now() - start;
    if (refused(name)) {
      found.refused += 1;
      // Back to where it stood: what was accepted before is accepted again.
      if (name in found.moved) put(slider, before[0]);
      else [...holder.querySelectorAll(".kk-reset")].at(-1).click();
      while (refused(name) && performance.now() - start < 20_000) await sleep(10);
      await sleep(300);
      return;
    }
    found.moved[name] = value;
    if (hash() === before[1]) {
      found.unanswered.push(`${name} = ${value}`);
      return;
    }
    found.trail.push([{ ...found.moved }, hash()]);
    // Charts are drawn after the words: wait until nothing in sight has been drawn for a while.
    let drawn = -1;
    while (drawn !== painted.length) {
      drawn = painted.length;
      await sleep(300);
    }
    if (drawn) {
      found.first.push(painted[0] - start);
      found.last.push(painted.at(-1) - start);
    } else {
      found.words.push(answered);
    }
  };

  const until = performance.now() + 1000 * seconds;
  await sleep(random() * Math.min(2000, 200 * seconds));
  while (performance.now() < until) {
    for (let left = 1 + Math.floor(random() * 4); left && performance.now() < until; left--) {
      await move();
      await sleep(between(breath));
    }
    if (performance.now() < until) await sleep(between(rest));
  }
  await sleep(500);
  return found;
}
