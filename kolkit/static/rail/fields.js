// The kinds of knob: number with slider, choice, switch, lines of text, table. Each returns the field
// that its label belongs to and how it is set; `at` holds what they share.
const FIELDS = {
  number(at, knob, row, holder) {
    const { here, label, language } = at;
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
      at.held = knob.name;
      box.value = shown(knob, Number(slider.value), language());
      // The widget manager sends one message at a time and keeps only the newest that waits.
      here.move({ [knob.name]: Number(slider.value) }, { drag: knob.name });
    };
    slider.onchange = () => (at.held = null);
    box.onfocus = () => {
      at.held = knob.name;
      box.value = editable(knob, here.stands(knob.name));
      box.select();
    };
    // After Enter the box keeps the focus, and the next value is typed without a new one.
    box.oninput = () => (at.held = knob.name);
    const commit = () => {
      if (at.held !== knob.name) return;
      if (knob.optional && !box.value.trim()) {
        at.held = null;
        if ((here.stands(knob.name) ?? null) !== null) here.move({ [knob.name]: null });
        return;
      }
      let value = parsed(knob, box.value);
      if (value !== null && knob.whole) value = Math.round(value);
      const outside = value !== null
        && ((knob.low !== null && value < knob.low) || (knob.high !== null && value > knob.high));
      if (value === null || outside) {
        at.parts[knob.name].wrong(outside
          ? label("outside").replace("{low}", shown(knob, knob.low, language()))
              .replace("{high}", shown(knob, knob.high, language()))
          : label("not_a_number"));
        return;
      }
      at.held = null;
      if (value !== here.stands(knob.name)) here.move({ [knob.name]: value });
      else at.paint();
    };
    box.onblur = commit;
    box.onkeydown = (event) => {
      if (event.key === "Enter") commit();
      if (event.key === "Escape") {
        at.held = null;
        at.paint();
      }
    };
    return {
      field: box,
      set: (value) => {
        if (at.held === knob.name) return;
        box.value = shown(knob, value, language());
        const chosen = at.chosen(knob.name);
        box.placeholder = chosen === undefined ? label("free") : `${label("free")}: ${shown(knob, chosen, language())}`;
        // Left free, the slider rests where the optimiser put it, a little fainter.
        slider.value = String(value ?? chosen ?? knob.min);
        slider.classList.toggle("kk-free", value === null || value === undefined);
        slider.setAttribute("aria-valuetext", box.value || box.placeholder);
      },
    };
  },

  choice(at, knob, row, holder) {
    const select = node("select");
    for (const [value, text] of knob.options) {
      const option = node("option", "", text);
      option.value = value;
      select.append(option);
    }
    select.onchange = () => at.here.move({ [knob.name]: select.value });
    row.append(select);
    holder.append(row);
    return { field: select, set: (value) => (select.value = value) };
  },

  flag(at, knob, row, holder) {
    const check = node("input");
    check.type = "checkbox";
    check.onchange = () => at.here.move({ [knob.name]: check.checked });
    row.append(check);
    holder.append(row);
    return { field: check, set: (value) => (check.checked = value) };
  },

  text(at, knob, row, holder) {
    const box = node("textarea", "kk-lines");
    box.spellcheck = false;
    box.placeholder = knob.help ?? "";
    box.onfocus = () => (at.held = knob.name);
    box.onblur = () => {
      at.held = null;
      if (box.value !== (at.here.stands(knob.name) ?? "")) at.here.move({ [knob.name]: box.value });
    };
    box.onkeydown = (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.blur();
    };
    holder.append(row, box);
    return { field: box, set: (value) => at.held !== knob.name && (box.value = value ?? "") };
  },

  // Too wide for the rail: a dialog. Only what was changed is kept, one row for each key.
  table(at, knob, row, holder) {
    const { model, here, label } = at;
    const dialog = node("dialog", "kk-dialog");
    dialog.setAttribute("aria-label", knob.label);
    const name = (key) => Object.values(key).join(".");
    const change = (key, column, value) => {
      const rows = (here.stands(knob.name) ?? []).map((own) => ({ ...own }));
      let own = rows.find((r) => Object.entries(key).every(([k, v]) => r[k] === v));
      if (!own) rows.push((own = { ...key }));
      if (value === null) delete own[column];
      else own[column] = value;
      here.move({ [knob.name]: rows.filter((r) => Object.keys(r).length > Object.keys(key).length) });
    };
    const cell = (line, column) => {
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
      return td;
    };
    const fill = () => {
      const { columns, rows } = model.get("tables")[knob.name] ?? { columns: [], rows: [] };
      const focused = dialog.contains(document.activeElement) ? document.activeElement.dataset.at : null;
      const scrolled = dialog.querySelector(".kk-scroll")?.scrollTop ?? 0;
      const head = node("tr");
      for (const text of [label("account"), label("on"), ...columns.map((c) => c.label), label("source")]) {
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
        tr.append(node("td", "", line.label), holds, ...columns.map((column) => cell(line, column)));
        tr.append(node("td", "kk-cell-source", line.own.length ? line.source : line.source || line.status));
        grid.tBodies[0].append(tr);
      }
      const scroll = node("div", "kk-scroll");
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", knob.label);
      scroll.append(grid);
      const told = model.get("notes")[knob.name];
      const foot = node("div", "kk-rail-foot");
      foot.append(
        button("kk-link", label("close"), () => dialog.close()),
        button("kk-link", label("clear"), () => here.back([knob.name])),
        node("div", `kk-upload-note${told?.tone === "error" ? " kk-wrong" : ""}`, told?.text ?? ""),
      );
      dialog.replaceChildren(node("h3", "", knob.label), node("p", "kk-subtitle", knob.help ?? ""), scroll, foot);
      scroll.scrollTop = scrolled;
      if (focused) dialog.querySelector(`[data-at="${CSS.escape(focused)}"]`)?.focus();
    };
    const open = button("kk-link", label("edit"), () => {
      fill();
      dialog.showModal();
    });
    row.append(open);
    holder.append(row, dialog);
    return { field: open, set: () => dialog.open && fill() };
  },
};
