// The rail: every input as label, typed value and slider. What is typed may carry units people use
// (1.2m, 120万, 20%); what is sent is a plain number within the input's limits.
const UNITS = { "%": 0.01, k: 1e3, m: 1e6, bn: 1e9, "千": 1e3, "万": 1e4, "亿": 1e8 };

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function significant(value, digits = 3) {
  const places = value ? Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))) : 0;
  return value.toFixed(Math.min(places, 6));
}

function shown(knob, value, language) {
  if (value === null || value === undefined) return "";
  if (knob.unit === "%") {
    const percent = Number((value * 100).toFixed(1));
    return language === "zh" ? `${percent}%` : `${percent} %`;
  }
  if (knob.unit === "¥" || (!knob.unit && Math.abs(value) >= 10000)) {
    const sign = knob.unit;
    const steps = language === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e6, "m"], [1e3, "k"]];
    const size = Number(significant(Math.abs(value)));
    for (const [step, unit] of steps) {
      if (size >= step) return `${sign}${Number(significant(size / step))}${unit}`;
    }
    return `${sign}${Math.round(value)}`;
  }
  return `${Number(value.toFixed(3))} ${knob.unit}`.trim();
}

function editable(knob, value) {
  return String(Number((value * knob.scale).toPrecision(12)));
}

function parsed(knob, text) {
  const plain = text.normalize("NFKC").replace(/[¥,\s]|rmb|cny|元|天|days?|×/gi, "").toLowerCase();
  const match = plain.match(/^([-+]?\d*\.?\d+)(%|bn|[km千万亿])?$/);
  if (!match) return null;
  const number = Number(match[1]);
  if (match[2]) return number * UNITS[match[2]];
  return number / knob.scale;
}

export default {
  render({ model, el }) {
    const rail = node("div", "kk-rail");
    // JupyterLab must not read what is typed here as its own shortcuts.
    rail.dataset.lmSuppressShortcuts = "true";
    // Nor may it move the focus from a slider to the notebook.
    rail.addEventListener("focusin", (event) => event.stopPropagation());
    el.append(rail);
    let parts = {};
    let held = null;

    // What the link that led here carries: `#k1=` and the moved knobs of the whole walk as JSON.
    // The kernel checks them like anything typed; those of other workbooks only travel on.
    const carried = (() => {
      try {
        return JSON.parse(decodeURIComponent(location.hash.match(/^#k1=(.*)$/)?.[1] ?? "{}"));
      } catch {
        return {};
      }
    })();
    const onward = (event) => {
      const step = event.target.closest?.("[data-kk-step]");
      if (step) {
        held = null;
        send({ ...model.get("moved"), ...JSON.parse(step.dataset.kkStep) });
        paint();
        return;
      }
      const link = event.target.closest?.("a.kk-onward");
      if (!link) return;
      link.hash = scenario();
    };
    const scenario = () => {
      const all = { ...others, ...model.get("moved") };
      // What was refused is not passed on.
      for (const [name, note] of Object.entries(model.get("notes"))) {
        if (note.tone === "error") delete all[name];
      }
      return Object.keys(all).length ? `#k1=${encodeURIComponent(JSON.stringify(all))}` : "";
    };
    // The address keeps what was moved, for a reload and the way back; browsers limit how often.
    let later;
    const remember = () => {
      if (!document.body.dataset.voila) return;
      clearTimeout(later);
      later = setTimeout(() => history.replaceState(null, "", location.pathname + location.search + scenario()), 300);
    };
    const others = {};
    const arrived = {};
    for (const [name, value] of Object.entries(Object(carried))) {
      (name in model.get("values") ? arrived : others)[name] = value;
    }
    document.addEventListener("click", onward, true);

    const label = (key) => model.get("labels")[key] ?? key;
    // The page alone writes `moved`, whole, so that no answer that is under way can undo a move.
    const send = (moved) => {
      model.set("moved", moved);
      model.save_changes();
      remember();
    };
    const move = (name, value) => send({ ...model.get("moved"), [name]: value });
    const putBack = (name) => {
      const { [name]: _, ...others } = model.get("moved");
      held = null;
      send(others);
      paint();
    };
    const stands = (name) => {
      const moved = model.get("moved");
      return name in moved ? moved[name] : model.get("values")[name];
    };

    function numeric(knob, row, holder) {
      const box = node("input", "kk-box");
      const slider = node("input");
      box.type = "text";
      box.inputMode = "decimal";
      box.autocomplete = "off";
      slider.type = "range";
      Object.assign(slider, { min: knob.min, max: knob.max, step: knob.step });
      slider.setAttribute("aria-label", knob.label);
      row.append(box);
      holder.append(row, slider);
      slider.oninput = () => {
        held = knob.name;
        box.value = shown(knob, Number(slider.value), model.get("language"));
        // The widget manager sends one message at a time and keeps only the newest that waits.
        move(knob.name, Number(slider.value));
      };
      slider.onchange = () => (held = null);
      box.onfocus = () => {
        held = knob.name;
        box.value = editable(knob, stands(knob.name));
        box.select();
      };
      // After Enter the box keeps the focus, and the next value is typed without a new one.
      box.oninput = () => (held = knob.name);
      const restore = () => {
        held = null;
        paint();
      };
      const commit = () => {
        if (held !== knob.name) return;
        if (knob.optional && !box.value.trim()) {
          held = null;
          move(knob.name, null);
          paint();
          return;
        }
        let value = parsed(knob, box.value);
        if (value !== null && knob.whole) value = Math.round(value);
        const outside = value !== null
          && ((knob.low !== null && value < knob.low) || (knob.high !== null && value > knob.high));
        if (value === null || outside) {
          parts[knob.name].wrong(outside
            ? label("outside").replace("{low}", shown(knob, knob.low, model.get("language")))
                .replace("{high}", shown(knob, knob.high, model.get("language")))
            : label("not_a_number"));
          return;
        }
        held = null;
        if (value !== stands(knob.name)) move(knob.name, value);
        paint();
      };
      box.onblur = commit;
      box.onkeydown = (event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") restore();
      };
      return {
        field: box,
        set: (value) => {
          if (held === knob.name) return;
          box.value = shown(knob, value, model.get("language"));
          box.placeholder = label("free");
          // Left free, the slider rests at its start, a little fainter.
          slider.value = String(value ?? knob.min);
          slider.classList.toggle("kk-free", value === null || value === undefined);
          slider.setAttribute("aria-valuetext", box.value);
        },
      };
    }

    function choice(knob, row, holder) {
      const select = node("select");
      for (const [value, text] of knob.options) {
        const option = node("option", "", text);
        option.value = value;
        select.append(option);
      }
      select.onchange = () => move(knob.name, select.value);
      row.append(select);
      holder.append(row);
      return { field: select, set: (value) => (select.value = value) };
    }

    function lines(knob, row, holder) {
      const box = node("textarea", "kk-lines");
      box.spellcheck = false;
      box.setAttribute("aria-label", knob.label);
      box.placeholder = knob.help ?? "";
      box.onfocus = () => (held = knob.name);
      box.onblur = () => {
        held = null;
        if (box.value !== (stands(knob.name) ?? "")) move(knob.name, box.value);
      };
      box.onkeydown = (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.blur();
      };
      holder.append(row, box);
      return { field: box, set: (value) => held !== knob.name && (box.value = value ?? "") };
    }

    // Too wide for the rail: a dialog. Only what was changed is kept, one row for each key.
    function table(knob, row, holder) {
      const open = node("button", "kk-link", label("edit"));
      open.type = "button";
      const dialog = node("dialog", "kk-dialog");
      dialog.setAttribute("aria-label", knob.label);
      const name = (key) => Object.values(key).join(".");
      const change = (key, column, value) => {
        const rows = (stands(knob.name) ?? []).map((own) => ({ ...own }));
        const same = (own) => Object.entries(key).every(([k, v]) => own[k] === v);
        let own = rows.find(same);
        if (!own) rows.push((own = { ...key }));
        if (value === null) delete own[column];
        else own[column] = value;
        const kept = rows.filter((r) => Object.keys(r).length > Object.keys(key).length);
        move(knob.name, kept);
      };
      const fill = () => {
        const { columns, rows } = model.get("tables")[knob.name] ?? { columns: [], rows: [] };
        const focused = dialog.contains(document.activeElement) ? document.activeElement.dataset.at : null;
        const scrolled = dialog.querySelector(".kk-scroll")?.scrollTop ?? 0;
        const head = node("tr");
        for (const text of ["", label("on"), ...columns.map((c) => c.label), label("source")]) {
          head.append(node("th", "", text));
        }
        const grid = node("table", "kk-table");
        grid.append(node("thead"), node("tbody"));
        grid.tHead.append(head);
        for (const line of rows) {
          const tr = node("tr");
          const check = node("input");
          check.type = "checkbox";
          check.checked = line.on;
          check.dataset.at = `${name(line.key)}.on`;
          check.setAttribute("aria-label", `${line.label}: ${label("on")}`);
          check.onchange = () => change(line.key, "bookable", check.checked);
          const holds = node("td");
          holds.append(check);
          tr.append(node("td", "", line.label), holds);
          for (const column of columns) {
            const td = node("td");
            const box = node("input", `kk-box${line.own.includes(column.name) ? " kk-own" : ""}`);
            const value = line.values[column.name];
            box.value = value === null ? "" : String(Number((value * column.scale).toPrecision(6)));
            box.inputMode = "decimal";
            box.dataset.at = `${name(line.key)}.${column.name}`;
            box.setAttribute("aria-label", `${line.label}: ${column.label}`);
            box.onchange = () => {
              const typed = box.value.trim() ? parsed(column, box.value) : null;
              box.classList.toggle("kk-refused", typed === null && !!box.value.trim());
              if (typed !== null || !box.value.trim()) change(line.key, column.name, typed);
            };
            td.append(box);
            tr.append(td);
          }
          tr.append(node("td", "kk-cell-source", line.own.length ? line.source : line.source || line.status));
          grid.tBodies[0].append(tr);
        }
        const scroll = node("div", "kk-scroll");
        scroll.append(grid);
        const foot = node("div", "kk-rail-foot");
        const told = model.get("notes")[knob.name];
        const done = node("button", "kk-link", label("close"));
        const clear = node("button", "kk-link", label("clear"));
        done.type = clear.type = "button";
        done.onclick = () => dialog.close();
        clear.onclick = () => putBack(knob.name);
        foot.append(done, clear, node("div", `kk-upload-note${told?.tone === "error" ? " kk-wrong" : ""}`, told?.text ?? ""));
        dialog.replaceChildren(node("h3", "", knob.label), node("p", "kk-subtitle", knob.help ?? ""), scroll, foot);
        scroll.scrollTop = scrolled;
        if (focused) dialog.querySelector(`[data-at="${CSS.escape(focused)}"]`)?.focus();
      };
      open.onclick = () => {
        fill();
        dialog.showModal();
      };
      row.append(open);
      holder.append(row, dialog);
      return { field: open, set: () => dialog.open && fill() };
    }

    function flag(knob, row, holder) {
      const check = node("input");
      check.type = "checkbox";
      check.onchange = () => move(knob.name, check.checked);
      row.append(check);
      holder.append(row);
      return { field: check, set: (value) => (check.checked = value) };
    }

    function build() {
      const open = new Set([...rail.querySelectorAll("details[open]")].map((d) => d.dataset.id));
      rail.replaceChildren();
      parts = {};
      for (const group of model.get("spec")) {
        const section = node(group.folded ? "details" : "section", "kk-group");
        section.dataset.id = group.id;
        if (group.folded) section.open = open.has(group.id);
        section.append(node(group.folded ? "summary" : "h2", "", group.title));
        for (const knob of group.knobs) section.append(one(knob));
        rail.append(section);
      }
      rail.append(foot());
      paint();
    }

    function one(knob) {
      const holder = node("div", "kk-knob");
      holder.dataset.knob = knob.name;
      const row = node("div", "kk-row");
      const name = node("label", "", knob.label);
      name.title = knob.help ?? "";
      row.append(name);
      const made = { number: numeric, choice, flag, text: lines, table }[knob.kind](knob, row, holder);
      made.field.id = `kk-${model.model_id ?? "rail"}-${knob.name}`;
      name.htmlFor = made.field.id;
      const under = node("div", "kk-under");
      const note = node("span");
      const reset = node("button", "kk-reset", label("reset"));
      reset.type = "button";
      reset.onclick = () => putBack(knob.name);
      under.append(note, reset);
      holder.append(under);
      parts[knob.name] = {
        paint() {
          const value = stands(knob.name);
          const told = model.get("notes")[knob.name] ?? { text: "", tone: "source" };
          const changed = knob.name in model.get("moved");
          made.set(value);
          // What was counted in a file stands until the file is removed.
          holder.querySelectorAll("input, select, textarea").forEach((i) => (i.disabled = told.tone === "file"));
          holder.className = `kk-knob kk-tone-${told.tone}${changed ? " kk-changed" : ""}`;
          note.className = "";
          note.textContent = told.text;
          note.title = told.help ?? "";
          reset.hidden = !changed;
          under.hidden = !changed && !told.text;
        },
        wrong(text) {
          under.hidden = false;
          note.className = "kk-wrong";
          note.textContent = text;
        },
      };
      return holder;
    }

    function foot() {
      const bar = node("div", "kk-rail-foot");
      const all = node("button", "kk-link", label("reset_all"));
      all.type = "button";
      all.onclick = () => {
        held = null;
        send({});
        paint();
      };
      bar.append(all);
      const rules = model.get("upload");
      if (!rules.max_bytes) return bar;
      const pick = node("input");
      pick.type = "file";
      pick.accept = rules.accept;
      pick.hidden = true;
      const button = node("button", "kk-link kk-upload", label("upload"));
      button.type = "button";
      button.onclick = () => pick.click();
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
      bar.append(button);
      if (rules.loaded) {
        const remove = node("button", "kk-link kk-remove", label("remove"));
        remove.type = "button";
        remove.onclick = () => model.send({ kind: "remove" });
        bar.append(remove);
      }
      bar.append(pick, note);
      return bar;
    }

    const paint = () => Object.values(parts).forEach((part) => part.paint());
    const told = () => {
      paint();
      remember();
    };
    const followed = {
      spec: build, labels: build, upload: build, values: paint, notes: told, tables: paint,
    };
    for (const [trait, follow] of Object.entries(followed)) model.on(`change:${trait}`, follow);
    build();
    if (Object.keys(arrived).length) {
      send({ ...arrived, ...model.get("moved") });
      paint();
    }
    return () => {
      document.removeEventListener("click", onward, true);
      for (const [trait, follow] of Object.entries(followed)) model.off(`change:${trait}`, follow);
    };
  },
};
