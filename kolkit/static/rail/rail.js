// The rail: presets, groups of knobs, the order file.
function railOf(model, here, label, say) {
  const rail = node("div", "kk-rail");
  rail.setAttribute("role", "region");
  // JupyterLab must not read what is typed here as its own shortcuts.
  rail.dataset.lmSuppressShortcuts = "true";
  // Nor may it move the focus from a slider to the notebook.
  rail.addEventListener("focusin", (event) => event.stopPropagation());

  const at = {
    model, here, label, held: null, parts: {},
    language: () => model.get("language"),
    chosen: (name) => model.get("chosen")[name],
    paint: () => Object.values(at.parts).forEach((part) => part.paint()),
  };

  function knobOf(knob) {
    const holder = node("div", "kk-knob");
    holder.dataset.knob = knob.name;
    const row = node("div", "kk-row");
    const name = node("label", "", knob.label);
    name.title = knob.help ?? "";
    const more = button("kk-more-about", "i", () => {
      about.hidden = !about.hidden;
      more.setAttribute("aria-expanded", String(!about.hidden));
    });
    more.setAttribute("aria-expanded", "false");
    row.append(name, more);
    const made = FIELDS[knob.kind](at, knob, row, holder);
    made.field.id = `kk-${model.model_id ?? "rail"}-${knob.name}`;
    name.htmlFor = made.field.id;
    const under = node("div", "kk-under");
    const note = node("span");
    note.id = `${made.field.id}-note`;
    made.field.setAttribute("aria-describedby", note.id);
    const about = node("div", "kk-about");
    about.hidden = true;
    const lock = button("kk-reset", "", () => {
      const free = (here.stands(knob.name) ?? null) === null;
      here.move({ [knob.name]: free ? at.chosen(knob.name) : null });
    });
    const reset = button("kk-reset", label("reset"), () => {
      at.held = null;
      here.back([knob.name]);
    });
    reset.setAttribute("aria-label", `${label("reset")}: ${knob.label}`);
    under.append(note, lock, reset);
    holder.append(under, about);
    at.parts[knob.name] = {
      paint() {
        const value = here.stands(knob.name);
        const told = model.get("notes")[knob.name] ?? { text: "", tone: "source" };
        const changed = knob.name in model.get("moved");
        made.set(value);
        // What was counted in a file stands until the file is removed.
        holder.querySelectorAll("input, select, textarea").forEach((i) => (i.disabled = told.tone === "file"));
        holder.className = `kk-knob kk-tone-${told.tone}${changed ? " kk-changed" : ""}`;
        note.className = "";
        note.textContent = told.text;
        note.title = about.textContent = [knob.help, told.help].filter(Boolean).join(" ");
        more.hidden = !about.textContent;
        more.setAttribute("aria-label", `${label("about")}: ${knob.label}`);
        if (more.hidden) about.hidden = true;
        const chosen = at.chosen(knob.name);
        const free = (value ?? null) === null;
        lock.hidden = !knob.optional || chosen === undefined;
        lock.textContent = free ? label("lock").replace("{value}", shown(knob, chosen, at.language())) : label("unlock");
        lock.setAttribute("aria-label", `${lock.textContent}: ${knob.label}`);
        reset.hidden = !changed;
        under.hidden = !changed && !told.text && lock.hidden;
      },
      wrong(text) {
        under.hidden = false;
        note.className = "kk-wrong";
        note.textContent = text;
      },
    };
    return holder;
  }

  // Starting points: the ends of what is plausible, and cases from the literature.
  function presets() {
    const found = model.get("presets");
    const bar = node("div", "kk-presets");
    if (!found.length) return bar;
    const name = node("label", "", label("preset"));
    const select = node("select");
    select.id = `kk-${model.model_id ?? "rail"}-preset`;
    name.htmlFor = select.id;
    select.append(node("option", "", label("choose")));
    for (const preset of found) {
      const option = node("option", "", preset.title);
      option.value = preset.key;
      select.append(option);
    }
    select.onchange = () => {
      const preset = found.find((p) => p.key === select.value);
      select.selectedIndex = 0;
      if (!preset) return;
      if (preset.inputs) {
        here.move(preset.inputs);
        say(`${preset.title}: ${preset.note}`, { undo: true });
      } else {
        say(label("working"));
        model.send({ kind: "preset", key: preset.key });
      }
    };
    bar.append(name, select);
    return bar;
  }

  function groupOf(group, open) {
    const section = node("details", "kk-group");
    section.dataset.id = group.id;
    section.open = open.has(group.id) ? open.get(group.id) : !group.folded;
    const title = node("summary");
    title.append(node("h2", "", group.title), node("span", "kk-count"));
    section.append(title, ...group.knobs.map(knobOf));
    return section;
  }

  // A folded group says how many of its knobs were changed.
  function counts() {
    for (const group of model.get("spec")) {
      const changed = group.knobs.filter((k) => k.name in model.get("moved")).length;
      const place = rail.querySelector(`[data-id="${group.id}"] .kk-count`);
      if (place) place.textContent = changed ? label("changed").replace("{n}", changed) : "";
    }
  }

  function upload() {
    const rules = model.get("upload");
    if (!rules.max_bytes) return [];
    const pick = node("input");
    pick.type = "file";
    pick.accept = rules.accept;
    pick.hidden = true;
    const note = node("div", `kk-upload-note${rules.error ? " kk-wrong" : ""}`, rules.error ?? rules.note);
    note.setAttribute("role", "status");
    pick.onchange = async () => {
      const file = pick.files[0];
      pick.value = "";
      if (!file) return;
      note.className = "kk-upload-note";
      note.textContent = file.size > rules.max_bytes ? label("too_large") : label("uploading");
      if (file.size <= rules.max_bytes) {
        model.send({ kind: "upload", name: file.name }, undefined, [await file.arrayBuffer()]);
      }
    };
    const made = [button("kk-link kk-upload", label("upload"), () => pick.click())];
    if (rules.loaded) {
      made.push(button("kk-link kk-remove", label("remove"), () => here.move({ orders_counted: {} })));
    }
    return [...made, pick, note];
  }

  function build() {
    const open = new Map([...rail.querySelectorAll("details.kk-group")].map((d) => [d.dataset.id, d.open]));
    const scrolled = rail.scrollTop;
    rail.setAttribute("aria-label", label("knobs"));
    at.parts = {};
    const foot = node("div", "kk-rail-foot");
    const all = button("kk-link", label("reset_all"), () => {
      at.held = null;
      here.back(Object.keys(model.get("moved")));
    });
    foot.append(all, ...upload());
    const typed = label("typed_in") ? [node("div", "kk-typed-in", label("typed_in"))] : [];
    rail.replaceChildren(...typed, presets(), ...model.get("spec").map((group) => groupOf(group, open)), foot);
    rail.scrollTop = scrolled;
    paint();
  }

  const paint = () => {
    at.paint();
    counts();
  };
  return { element: rail, build, paint, release: () => (at.held = null) };
}
