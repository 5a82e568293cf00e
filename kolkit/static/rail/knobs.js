// The widget: the rail of inputs, and on a dashboard the bar of the scenario.
export default {
  render({ model, el }) {
    const label = (key, otherwise) => model.get("labels")[key] ?? otherwise ?? key;
    const notices = node("div", "kk-notices");
    notices.setAttribute("role", "status");
    const here = scenarioOn(model);
    const { say, hush, stale } = noticesIn(notices, { undo: () => here.step("past"), depth: here.depth, label });
    const rail = railOf(model, here, label, say);
    const desk = deskOf(model, here, label, say, hush, rail);
    el.append(rail.element);
    document.body.append(notices);
    const bar = document.querySelector(".kk-at-head");
    if (bar) bar.append(desk.element);
    else rail.element.before(desk.element);

    const clicked = (event) => {
      const step = event.target.closest?.("[data-kk-step]");
      if (step) {
        rail.release();
        here.move(JSON.parse(step.dataset.kkStep));
        return;
      }
      const link = event.target.closest?.("a.kk-onward");
      if (link) link.hash = here.link();
    };
    document.addEventListener("click", clicked, true);
    const received = (message, buffers) => {
      if (message?.kind === "apply") {
        here.move(message.inputs, { back: message.back });
        say(message.note, { undo: true });
      } else if (message?.kind === "kept") {
        here.keep(message.inputs);
        say(message.note, { tone: "wrong" });
      } else if (message?.kind === "counted") {
        here.move({ orders_counted: message.counts });
      }
    };
    model.on("msg:custom", received);

    const build = () => {
      rail.build();
      desk.build();
    };
    const paint = () => {
      rail.paint();
      desk.paint();
    };
    // Comparing takes longer than a slider should wait: it follows when the hand rests.
    let resting;
    const compareSoon = () => {
      clearTimeout(resting);
      if (model.get("compared").others?.length) resting = setTimeout(() => model.send({ kind: "compare" }), 450);
    };
    const told = () => {
      paint();
      here.remember();
    };
    const followed = {
      spec: build, labels: build, upload: build, presets: build,
      values: paint, tables: paint, chosen: paint, notes: told, answered: compareSoon,
    };
    for (const [trait, follow] of Object.entries(followed)) model.on(`change:${trait}`, follow);
    here.follow(paint);
    here.follow(stale);
    const arrived = here.arrive();
    build();
    if (arrived.newer) say(label("newer_link"));
    else if (arrived.damaged) say(label("damaged_link"), { tone: "wrong" });
    desk.arrived();
    watchAnswers(model, here, label, say, hush);
    watchConnection(model, here, label, say);
    return () => {
      document.removeEventListener("click", clicked, true);
      model.off("msg:custom", received);
      for (const [trait, follow] of Object.entries(followed)) model.off(`change:${trait}`, follow);
      notices.remove();
      desk.element.remove();
    };
  },
};
