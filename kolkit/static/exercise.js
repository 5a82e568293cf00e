// The exercise sheet: head, tasks and hand-in, each a widget of its own over one session in the
// kernel. The page writes `proposed`, the kernel `state`. What was answered is kept in this browser
// and proposed again at the next visit; the kernel judges it as if it were typed anew.
const PATIENCE = 15000;

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, className, act) {
  const made = node("button", className, text);
  made.type = "button";
  made.onclick = act;
  return made;
}

function field(id, text) {
  const label = node("label", "kk-ex-field", text);
  const box = node("input");
  box.type = "text";
  box.id = label.htmlFor = id;
  box.autocomplete = "off";
  box.spellcheck = false;
  return { label, box };
}

const filled = (text, values) =>
  Object.entries(values).reduce((told, [name, value]) => told.replace(`{${name}}`, value), text);

// A browser may forbid storage; the sheet works without, answers then live in the answer file.
const storage = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full or forbidden.
    }
  },
};
const plain = (text) => text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
const lastKey = (state) => `kolkit:course:${state.exercise}:last`;
const answersKey = (state, who) =>
  `kolkit:course:${JSON.stringify([state.exercise, plain(who.class_key), plain(who.trainee)])}`;

function speaker(model) {
  let turn = 0;
  let timer = null;
  return {
    propose(content, late) {
      turn = (Math.max(turn, model.get("heard")) + 1) % 2 ** 31;
      model.set("proposed", { ...content, turn });
      model.save_changes();
      clearTimeout(timer);
      const asked = turn;
      if (late) timer = setTimeout(() => model.get("heard") !== asked && late(), PATIENCE);
    },
    stop: () => clearTimeout(timer),
  };
}

function drawHead(model, root) {
  const speak = speaker(model);
  root.classList.add("kk-head", "kk-ex-head");
  const title = node("span", "kk-client");
  const who = node("span", "kk-ex-who");
  const leave = button("", "kk-ex-link", () => {
    storage.write(lastKey(model.get("state")), null);
    speak.propose({ leave: true });
  });
  const languages = node("span", "kk-ex-languages");
  languages.setAttribute("role", "group");
  root.append(title, who, leave, languages);
  const draw = () => {
    const state = model.get("state");
    title.textContent = state.title;
    who.textContent = state.trainee;
    leave.textContent = state.words.leave;
    leave.hidden = state.phase !== "tasks";
    languages.setAttribute("aria-label", state.words.language);
    const focused = languages.contains(document.activeElement) ? document.activeElement.lang : "";
    languages.replaceChildren(...state.languages.map(([key, name]) => {
      const one = button(name, "kk-ex-language", () => speak.propose({ language: key }));
      one.lang = key;
      one.setAttribute("aria-pressed", String(key === state.language));
      return one;
    }));
    if (focused) languages.querySelector(`[lang=${focused}]`)?.focus();
  };
  return { draw, stop: speak.stop };
}

function drawHandIn(model, root) {
  root.classList.add("kk-rail", "kk-ex-rail");
  const points = node("div", "kk-ex-points");
  const list = node("ol", "kk-ex-list");
  const why = node("p", "kk-ex-why");
  const save = button("", "kk-ex-button", () => {
    const { name, text } = model.get("state").file;
    const link = node("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  const pick = node("input");
  pick.type = "file";
  pick.accept = ".json";
  pick.hidden = true;
  const load = button("", "kk-ex-link kk-ex-load", () => pick.click());
  const notice = node("p", "kk-ex-notice");
  notice.setAttribute("role", "status");
  pick.onchange = async () => {
    const file = pick.files[0];
    pick.value = "";
    if (!file) return;
    if (file.size > model.get("max_bytes")) {
      notice.textContent = model.get("state").words.too_large;
      return;
    }
    model.send({ kind: "load" }, undefined, [await file.arrayBuffer()]);
  };
  const heading = node("h2");
  root.append(heading, points, list, save, load, pick, notice, why);
  const draw = () => {
    const { words, marks, tasks, phase, notice: told } = model.get("state");
    heading.textContent = words.hand_in;
    points.textContent = filled(words.points, { n: marks[0], m: marks[1] });
    list.replaceChildren(...tasks.map((task) => {
      const row = node("li", `kk-ex-${task.status}`, task.title);
      row.append(node("small", "", words[task.status]));
      return row;
    }));
    list.hidden = points.hidden = phase !== "tasks";
    save.textContent = words.download;
    save.hidden = phase !== "tasks";
    load.textContent = words.load;
    notice.textContent = phase === "tasks" ? told : "";
    why.textContent = words.hand_in_why;
  };
  return { draw, stop() {} };
}

function drawTasks(model, root) {
  const speak = speaker(model);
  const id = `kk-ex-${model.model_id ?? "sheet"}`;
  root.classList.add("kk-ex");
  const say = node("p", "kk-ex-notice");
  say.setAttribute("role", "status");
  const page = node("div");
  root.append(page, say);
  let at = null;
  let built = "";
  let parts = null;

  function signIn() {
    const { words, intro } = model.get("state");
    const form = node("form", "kk-card kk-ex-card");
    const trainee = field(`${id}-trainee`, words.trainee);
    const key = field(`${id}-key`, words.class_key);
    const start = node("button", "kk-ex-button", words.start);
    form.append(
      node("p", "kk-ex-intro", intro), node("h2", "", words.sign_in),
      node("p", "kk-subtitle", words.sign_in_why),
      trainee.label, trainee.box, key.label, key.box, start,
    );
    form.onsubmit = (event) => {
      event.preventDefault();
      const who = { trainee: trainee.box.value, class_key: key.box.value };
      const answers = storage.read(answersKey(model.get("state"), who)) ?? {};
      speak.propose({ ...who, answers }, () => (say.textContent = words.offline));
    };
    page.replaceChildren(form);
  }

  function caseTable(state) {
    const [head, ...rows] = state.case;
    const table = node("table", "kk-table");
    table.append(node("caption", "", state.case_title));
    const top = table.createTHead().insertRow();
    for (const text of head) {
      const cell = node("th", "", text);
      cell.scope = "col";
      top.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((text, i) => {
        const cell = node(i ? "td" : "th", "", text);
        if (!i) cell.scope = "row";
        line.append(cell);
      });
    }
    const holder = node("div", "kk-ex-case");
    holder.tabIndex = 0;
    holder.append(table);
    return holder;
  }

  function numberEntry(task, words) {
    const { label, box } = field(`${id}-answer`, words.answer);
    const unit = node("span", "kk-ex-unit", task.unit);
    unit.id = `${id}-unit`;
    box.setAttribute("aria-describedby", unit.id);
    box.inputMode = "text";
    box.maxLength = task.longest;
    return { nodes: [label, box, unit], read: () => box.value.trim(), focus: box };
  }

  function choiceEntry(task, words) {
    const set = node("fieldset", "kk-ex-options");
    set.append(node("legend", "", words.answer));
    for (const [key, text] of task.entries) {
      const row = node("label");
      const radio = node("input");
      Object.assign(radio, { type: "radio", name: `${id}-${task.key}`, value: key });
      row.append(radio, node("span", "", text));
      set.append(row);
    }
    const read = () => set.querySelector("input:checked")?.value ?? "";
    return { nodes: [set], read, focus: set.querySelector("input") };
  }

  function orderEntry(task, words) {
    const list = node("ol", "kk-ex-order");
    list.setAttribute("aria-label", words.answer);
    const move = (row, step, again) => {
      const rows = [...list.children];
      const to = rows.indexOf(row) + step;
      if (to < 0 || to >= rows.length) return;
      list.insertBefore(row, step > 0 ? rows[to].nextSibling : rows[to]);
      again.focus();
      say.textContent = [...list.children].map((r, i) => `${i + 1}. ${r.dataset.text}`).join(", ");
    };
    for (const [key, text] of task.entries) {
      const row = node("li");
      Object.assign(row.dataset, { key, text });
      const up = button("↑", "kk-ex-move", () => move(row, -1, up));
      const down = button("↓", "kk-ex-move", () => move(row, 1, down));
      up.setAttribute("aria-label", filled(words.up, { item: text }));
      down.setAttribute("aria-label", filled(words.down, { item: text }));
      row.append(node("span", "", text), up, down);
      list.append(row);
    }
    const read = () => [...list.children].map((row) => row.dataset.key).join(",");
    return { nodes: [list], read, focus: list };
  }

  function build(state, task) {
    const { words, tasks } = state;
    const card = node("section", "kk-card kk-ex-card");
    card.dataset.task = task.key;
    const dots = node("nav", "kk-ex-dots");
    dots.setAttribute("aria-label", words.tasks);
    tasks.forEach((one, i) => dots.append(button(String(i + 1), "kk-ex-dot", () => go(i))));
    const count = node("p", "kk-subtitle", filled(words.task, { n: at + 1, m: tasks.length }));
    const heading = node("h2", "", task.title);
    heading.tabIndex = -1;
    const form = node("form", "kk-ex-form");
    const entry = { number: numberEntry, choice: choiceEntry, order: orderEntry }[task.kind](task, words);
    const check = node("button", "kk-ex-button", words.check);
    form.append(...entry.nodes, check);
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = entry.read();
      if (!text) return entry.focus.focus();
      tell("note", words.checking);
      speak.propose({ question: task.key, text }, () => tell("note", words.offline));
    };
    const feedback = node("div", "kk-ex-feedback");
    feedback.setAttribute("role", "status");
    feedback.setAttribute("aria-live", "polite");
    const tried = node("p", "kk-ex-tries");
    const beside = node("div", "kk-ex-beside");
    beside.append(feedback, tried);
    const work = node("div", "kk-ex-work");
    work.append(form, beside);
    const solution = node("div", "kk-ex-solution");
    const back = button(words.back, "kk-ex-button kk-ex-quiet", () => go(at - 1));
    const next = button(words.next, "kk-ex-button kk-ex-quiet", () => go(at + 1));
    back.disabled = at === 0;
    next.disabled = at === tasks.length - 1;
    const foot = node("div", "kk-ex-foot");
    foot.append(back, next);
    card.append(dots, count, heading, node("p", "kk-ex-prompt", task.prompt));
    if (task.case) card.append(caseTable(state));
    card.append(work, solution, foot);
    page.replaceChildren(card);
    const tell = (tone, text) => {
      feedback.className = `kk-ex-feedback kk-ex-tone-${tone}`;
      // Said again even where the words are the same.
      feedback.replaceChildren(node("span", "", text));
    };
    parts = { dots, form, check, tried, solution, next, heading, tell, status: task.status };
  }

  function go(to) {
    at = to;
    built = "";
    draw();
    parts.heading.focus();
  }

  function update(state, task) {
    const { words, tasks } = state;
    [...parts.dots.children].forEach((dot, i) => {
      dot.className = `kk-ex-dot kk-ex-${tasks[i].status}`;
      dot.setAttribute("aria-current", i === at ? "step" : "false");
      dot.setAttribute("aria-label", `${filled(words.task, { n: i + 1, m: tasks.length })}: `
        + words[tasks[i].status]);
    });
    const closed = task.status === "right" || task.status === "shown";
    parts.form.querySelectorAll("input, button").forEach((one) => (one.disabled = closed));
    parts.tell(task.tone, task.feedback);
    const texts = Object.fromEntries(task.entries);
    const told = task.attempts.map((text) =>
      task.kind === "number" ? text : text.split(",").map((key) => texts[key]).join(" → "));
    const left = closed ? "" : ` · ${filled(words.left, { n: task.left })}`;
    parts.tried.textContent = told.length ? `${words.answers}: ${told.join(" · ")}${left}` : "";
    parts.solution.replaceChildren(...(task.solution
      ? [node("strong", "", words.solution), node("p", "", task.solution)] : []));
    const finished = tasks.every((one) => one.status === "right" || one.status === "shown");
    say.textContent = finished ? words.finished : "";
    // Once answered, Enter goes on.
    if (closed && parts.status !== task.status && !parts.next.disabled) parts.next.focus();
    parts.next.classList.toggle("kk-ex-quiet", !closed);
    parts.status = task.status;
  }

  const draw = () => {
    const state = model.get("state");
    if (state.phase !== "tasks") {
      at = null;
      if (built !== `sign_in ${state.language}`) signIn();
      built = `sign_in ${state.language}`;
      say.textContent = state.notice;
      return;
    }
    storage.write(lastKey(state), { trainee: state.trainee, class_key: state.class_key,
      language: state.language });
    // A fresh kernel knows nothing yet: that must not wipe what is kept.
    if (Object.keys(state.answers).length) storage.write(answersKey(state, state), state.answers);
    const open = state.tasks.findIndex((task) => task.status === "open" || task.status === "tried");
    if (at === null) at = Math.max(0, open);
    const wanted = `${state.language} ${state.trainee} ${state.class_key} ${at}`;
    if (built !== wanted) build(state, state.tasks[at]);
    built = wanted;
    update(state, state.tasks[at]);
  };

  // What an earlier visit left in this browser, or what it answered under the notebook's own name.
  const restore = () => {
    const state = model.get("state");
    if (Object.keys(state.answers).length) return;
    const last = storage.read(lastKey(state));
    if (state.phase === "tasks") {
      const answers = storage.read(answersKey(state, state));
      if (answers && Object.keys(answers).length) speak.propose({ answers });
    } else if (last?.trainee && last?.class_key) {
      speak.propose({ ...last, answers: storage.read(answersKey(state, last)) ?? {} });
    }
  };
  return { draw, restore, stop: speak.stop };
}

export default {
  render({ model, el }) {
    const root = node("div", "kk-panel");
    // JupyterLab must not read what is typed here as its own shortcuts, take Tab for its cells or
    // move the focus to its notebook.
    root.dataset.lmSuppressShortcuts = "true";
    for (const kind of ["focusin", "keydown"]) {
      root.addEventListener(kind, (event) => event.stopPropagation());
    }
    el.append(root);
    const kinds = { head: drawHead, tasks: drawTasks, hand_in: drawHandIn };
    const part = kinds[model.get("part")](model, root);
    part.restore?.();
    // What was said may leave the state as it was: then only `heard` tells that it arrived.
    const followed = "change:state change:heard";
    model.on(followed, part.draw);
    part.draw();
    return () => {
      model.off(followed, part.draw);
      part.stop();
    };
  },
};
