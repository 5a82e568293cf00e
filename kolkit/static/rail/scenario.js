// The scenario on screen: what it was opened from (`base`: a saved brief, or nothing), and what was
// changed since. This page's knobs live in the widget's `moved`; those of other workbooks travel on
// in `others`. The page alone writes them, whole, so that no answer under way can undo a move.
const KEPT = { now: "kolkit-now", steps: "kolkit-steps", base: "kolkit-base", compared: "kolkit-compared" };
const MOST_STEPS = 60;

const remembered = (key, otherwise) => {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const keep = (key, value) => {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still has the address.
  }
};

function scenarioOn(model) {
  const addressed = document.body.dataset.voila !== undefined;
  const followers = [];
  let named = {};
  let base = {};
  let others = {};
  let steps = { past: [], future: [] };
  let dragging = "";
  let dragged = 0;

  const own = (name) => model.get("named").known.includes(name);
  const split = (inputs) => {
    const mine = {};
    const rest = {};
    for (const [name, value] of Object.entries(inputs)) (own(name) ? mine : rest)[name] = value;
    return [mine, rest];
  };
  const changes = () => ({ ...others, ...model.get("moved") });
  const all = () => {
    const whole = { ...base, ...changes() };
    // What was refused is not passed on.
    for (const [name, note] of Object.entries(model.get("notes"))) if (note.tone === "error") delete whole[name];
    return whole;
  };
  const link = () => writeLink(named, all());

  // Browsers limit how often an address may change.
  let later;
  const remember = () => {
    if (!addressed) return;
    clearTimeout(later);
    later = setTimeout(() => {
      keep(KEPT.now, link());
      keep(KEPT.steps, steps);
      keep(KEPT.base, { id: named.id, version: named.version, inputs: base });
      history.replaceState(null, "", location.pathname + location.search + link());
    }, 250);
  };
  const tell = () => {
    remember();
    followers.forEach((follow) => follow());
  };
  const snapshot = () => ({ named: { ...named }, base: { ...base }, changes: changes() });
  const send = () => {
    model.set("base", { client: named.client ?? "", scenario: named.scenario ?? "", inputs: base });
    model.set("asked", model.get("asked") + 1);
    model.save_changes();
    tell();
  };
  const apply = (state) => {
    named = { ...state.named };
    base = { ...state.base };
    const [mine, rest] = split(state.changes);
    others = rest;
    model.set("moved", mine);
    send();
  };
  // One drag is one step back, however many values it passed.
  const note = (drag) => {
    const now = Date.now();
    if (!(drag && drag === dragging && now - dragged < 1500)) {
      steps.past.push(snapshot());
      steps.past.splice(0, steps.past.length - MOST_STEPS);
    }
    steps.future = [];
    dragging = drag;
    dragged = now;
  };

  const here = {
    all,
    link,
    own,
    get named() { return named; },
    get base() { return base; },
    follow: (follow) => followers.push(follow),
    changed: () => Object.keys(changes()).some((name) => name !== "language"),
    stands: (name) => {
      const moved = model.get("moved");
      return name in moved ? moved[name] : model.get("values")[name];
    },
    // `back` are names that return to where they stood when the scenario was opened.
    move(inputs, { drag = "", back = [] } = {}) {
      note(drag);
      const [mine, rest] = split(inputs);
      others = { ...others, ...rest };
      const kept = Object.entries(model.get("moved")).filter(([name]) => !back.includes(name));
      model.set("moved", { ...Object.fromEntries(kept), ...mine });
      send();
    },
    // What could not be put back is still what the answer rests on, and stays in the link.
    keep(inputs) {
      model.set("moved", { ...inputs, ...model.get("moved") });
      send();
    },
    back: (names) => here.move({}, { back: names }),
    // Another scenario in the place of this one; `changes` are those since it was saved.
    open(wanted) {
      note("");
      apply({ changes: {}, base: {}, ...wanted });
    },
    // What is on screen has been saved: it is what later changes are measured against.
    saved(identity, inputs) {
      named = { ...identity };
      base = { ...inputs };
      others = {};
      const refused = Object.entries(model.get("notes")).filter(([, n]) => n.tone === "error").map(([name]) => name);
      model.set("moved", Object.fromEntries(Object.entries(model.get("moved")).filter(([n]) => refused.includes(n))));
      send();
    },
    name(identity) {
      named = { ...named, ...identity };
      send();
    },
    depth: () => steps.past.length,
    can: (way) => steps[way].length > 0,
    step(way) {
      const opposite = way === "past" ? "future" : "past";
      if (!steps[way].length) return;
      dragging = "";
      steps[opposite].push(snapshot());
      apply(steps[way].pop());
    },
    remember,
    // What the address, or the way back to this page, brings along.
    arrive() {
      if (!addressed) return {};
      const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
      const arrived = readLink((cameBack && remembered(KEPT.now, "")) || location.hash);
      named = arrived.named;
      const kept = remembered(KEPT.base, {});
      steps = remembered(KEPT.steps, steps);
      if (named.id && kept.id === named.id && kept.version === named.version) base = kept.inputs ?? {};
      const same = (name) => JSON.stringify(arrived.inputs[name]) === JSON.stringify(base[name]);
      const changed = Object.entries(arrived.inputs).filter(([name]) => !(name in base) || !same(name));
      const [mine, rest] = split(Object.fromEntries(changed));
      others = rest;
      if (Object.keys(mine).length || Object.keys(base).length || Object.keys(named).length) {
        model.set("moved", { ...mine, ...model.get("moved") });
        send();
      }
      // Somebody pasted another link into this tab, or the browser woke an old page.
      window.addEventListener("hashchange", () => location.reload());
      window.addEventListener("pageshow", (event) => event.persisted && location.reload());
      return arrived;
    },
    // The saved brief that the link names has come from the server.
    rebase(inputs) {
      const whole = changes();
      base = { ...inputs };
      const same = ([name, value]) => JSON.stringify(value) === JSON.stringify(base[name]);
      const left = Object.fromEntries(Object.entries(whole).filter((e) => !(e[0] in base) || !same(e)));
      const [mine, rest] = split(left);
      others = rest;
      model.set("moved", mine);
      send();
    },
  };
  return here;
}
