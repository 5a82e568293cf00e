// Saved scenarios: the list in a dialog, saving, and what is compared with what. A newer save by
// somebody else is never overwritten unasked.
const MOST_COMPARED = 3;

function savedOf(model, here, label, say, { identity, named, plain }) {
  const dialog = node("dialog", "kk-dialog kk-saved");
  let listed = { scenarios: [], deleted: [] };
  let chosen = new Map();
  let baseline = "";
  const language = () => model.get("language");
  const options = (more) => ({ language: language(), ...more });
  const when = (text) => new Date(text).toLocaleString(language() === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
  const take = (told) => here.saved({ client: told.client, scenario: told.scenario, id: told.id, version: told.version }, told.inputs);
  const guarded = (work) => async (...given) => {
    try {
      await work(...given);
    } catch (error) {
      wrong(error.message || label("unreachable"));
    }
  };
  const wrong = (text) => (dialog.open ? complain(text) : say(text, { tone: "wrong" }));
  const complain = (text, actions = []) => {
    const place = dialog.querySelector(".kk-complaint");
    place.replaceChildren(node("span", "", text), ...actions.map(([told, work]) => button("kk-link", told, work)));
  };

  async function create(names = {}) {
    const told = await ask("scenarios", options({ method: "POST", body: { ...identity(), ...names } }));
    take(told);
    say(label("saved_as").replace("{name}", `${told.client} · ${told.scenario}`));
  }
  async function replace(version, names = {}) {
    const id = here.named.id;
    try {
      const told = await ask(`scenarios/${id}`, options({
        method: "PUT", body: { ...identity(), ...names }, headers: { "If-Match": version },
      }));
      take(told);
      say(label("saved_as").replace("{name}", `${told.client} · ${told.scenario}`));
    } catch (error) {
      if (error.status === 404) {
        here.name({ id: "", version: "" });
        return create(names);
      }
      if (error.status !== 409 || !error.body.theirs) throw error;
      if (!dialog.open) await show();
      complain(`${error.message} (${when(error.body.theirs.saved_at)})`, [
        [label("open_theirs"), guarded(async () => { await open(id); complain(""); })],
        [label("overwrite"), guarded(async () => { await replace(error.body.theirs.version, names); await refresh(); })],
      ]);
    }
  }
  // Saved before: the same file. Else the name is asked for first.
  async function save() {
    if (here.named.id) return replace(here.named.version);
    await show();
    const fields = [...dialog.querySelectorAll("[name]")];
    const field = fields.find((f) => !f.value) ?? fields.at(-1);
    field.focus();
    field.select();
  }

  async function open(id) {
    const told = await ask(`scenarios/${id}`, options());
    const inputs = { ...told.inputs };
    here.open({ named: { client: told.client, scenario: told.scenario, id: told.id, version: told.version }, base: inputs });
    if (told.language && told.language !== language()) here.move({ language: told.language });
  }

  async function remove(one, row) {
    await ask(`scenarios/${one.id}`, options({ method: "DELETE", headers: { "If-Match": one.version } }));
    const undo = button("kk-link", label("undo"), guarded(async () => {
      await ask(`scenarios/${one.id}/restore`, options({ method: "POST", body: {} }));
      await refresh();
    }));
    row.replaceChildren(node("span", "kk-saved-name", label("deleted").replace("{name}", `${one.client} · ${one.scenario}`)), undo);
    undo.focus();
    chosen.delete(one.id);
    if (here.named.id === one.id) here.name({ id: "", version: "" });
    compare();
  }
  // What was deleted can be brought back later, too.
  function deletedRow(one) {
    const row = node("li", "kk-saved-row");
    const name = `${one.client} · ${one.scenario}`;
    const back = button("kk-link", label("restore"), guarded(async () => {
      await ask(`scenarios/${one.id}/restore`, options({ method: "POST", body: {} }));
      await refresh();
    }));
    back.setAttribute("aria-label", `${label("restore")}: ${name}`);
    row.append(node("span", "kk-saved-name kk-subtitle", label("deleted").replace("{name}", name)), back);
    return row;
  }
  async function duplicate(one) {
    const told = await ask(`scenarios/${one.id}`, options());
    const taken = new Set(listed.scenarios.map((s) => `${s.client}\n${s.scenario}`));
    let scenario = label("copy_of").replace("{name}", told.scenario);
    for (let n = 2; taken.has(`${told.client}\n${scenario}`); n += 1) scenario = `${label("copy_of").replace("{name}", told.scenario)} ${n}`;
    await ask("scenarios", options({ method: "POST", body: { ...told, scenario } }));
    await refresh();
  }
  function rename(one, row) {
    const field = node("input", "kk-name");
    field.value = one.scenario;
    field.setAttribute("aria-label", label("rename"));
    const done = guarded(async () => {
      const told = await ask(`scenarios/${one.id}`, options());
      const renamed = await ask(`scenarios/${one.id}`, options({
        method: "PUT", body: { ...told, scenario: field.value.trim() }, headers: { "If-Match": told.version },
      }));
      if (here.named.id === one.id) here.name({ scenario: renamed.scenario, version: renamed.version });
      await refresh();
    });
    field.onkeydown = (event) => {
      if (event.key === "Enter") done();
      if (event.key === "Escape") {
        event.preventDefault();
        refresh();
      }
    };
    row.replaceChildren(field, button("kk-link", label("rename"), done), button("kk-link", label("cancel"), guarded(refresh)));
    field.focus();
    field.select();
  }

  // The kernel works the comparison out; it is told the inputs, never a file.
  function compare() {
    const others = [...chosen.values()];
    keep(KEPT.compared, { ids: [...chosen.keys()], baseline });
    const first = baseline && chosen.get(baseline);
    model.set("compared", {
      baseline: first ? first.id : "",
      others: others.map(({ id, client, scenario, inputs }) => ({
        id, name: client === named().client ? scenario : `${client} · ${scenario}`, inputs: plain(inputs),
      })),
    });
    model.set("asked", model.get("asked") + 1);
    model.save_changes();
  }
  const choose = guarded(async (one, wanted) => {
    if (!wanted) {
      chosen.delete(one.id);
      if (baseline === one.id) baseline = "";
    } else if (chosen.size >= MOST_COMPARED) {
      await refresh();
      return complain(label("four_at_most"));
    } else {
      chosen.set(one.id, await ask(`scenarios/${one.id}`, options()));
    }
    compare();
    fill();
  });

  function rowOf(one) {
    const row = node("li", `kk-saved-row${one.id === here.named.id ? " kk-here" : ""}`);
    row.dataset.id = one.id;
    if (one.broken) {
      row.append(node("span", "kk-saved-name", `${one.id}.yaml`), node("span", "kk-wrong", one.broken));
      return row;
    }
    const name = `${one.client} · ${one.scenario}`;
    const check = node("input");
    check.type = "checkbox";
    check.checked = chosen.has(one.id);
    check.setAttribute("aria-label", `${label("compare")}: ${name}`);
    check.onchange = () => choose(one, check.checked);
    const told = node("span", "kk-saved-name", name);
    told.append(node("small", "", when(one.saved_at)));
    const act = (text, work) => {
      const made = button("kk-link", text, guarded(work));
      made.setAttribute("aria-label", `${text}: ${name}`);
      return made;
    };
    row.append(check, told);
    if (chosen.has(one.id)) {
      const first = node("label", "kk-baseline");
      const radio = node("input");
      radio.type = "checkbox";
      radio.checked = baseline === one.id;
      radio.onchange = () => {
        baseline = radio.checked ? one.id : "";
        compare();
        fill();
      };
      first.append(radio, label("baseline"));
      row.append(first);
    }
    row.append(
      act(label("open"), async () => { await open(one.id); dialog.close(); }),
      act(label("rename"), () => rename(one, row)),
      act(label("duplicate"), () => duplicate(one)),
      act(label("delete"), () => remove(one, row)),
    );
    return row;
  }

  function fill() {
    // Nobody's own name yet: it is asked for.
    const { client, scenario } = { ...model.get("named").own, ...here.named };
    const field = (key, value = "") => {
      const holder = node("label", "", label(key));
      const input = node("input", "kk-name");
      input.name = key;
      input.value = value;
      input.placeholder = named()[key];
      input.maxLength = 60;
      holder.append(input);
      return holder;
    };
    const form = node("form", "kk-saved-form");
    const state = !here.named.id ? "not_saved_yet" : here.changed() ? "unsaved" : "is_saved";
    // The names stand as typed until the server has taken them; what is wrong is said at the field.
    const names = () => {
      const told = {};
      for (const key of ["client", "scenario"]) {
        const input = form.elements[key];
        told[key] = input.value.trim();
        const fits = told[key] && !told[key].startsWith(".") && !/[<>/\\"|?*:]/.test(told[key]);
        input.setAttribute("aria-invalid", String(!fits));
        if (!fits) {
          complain(label(told[key] ? "bad_name" : "no_name"));
          input.focus();
          return null;
        }
      }
      return told;
    };
    const asNew = button("kk-tool", label("save_as_new"), guarded(async () => {
      const told = names();
      if (!told) return;
      await create(told);
      await refresh();
    }));
    form.append(field("client", client), field("scenario", scenario), node("button", "kk-tool kk-main", label("save")));
    if (here.named.id) form.append(asNew);
    form.append(node("p", "kk-subtitle", label(state)));
    form.onsubmit = (event) => {
      event.preventDefault();
      guarded(async () => {
        const told = names();
        if (!told) return;
        await (here.named.id ? replace(here.named.version, told) : create(told));
        if (!dialog.querySelector(".kk-complaint").textContent) await refresh();
      })();
    };
    const list = node("ul", "kk-saved-list");
    list.append(...listed.scenarios.map(rowOf));
    list.append(...listed.deleted.slice(0, 3).map(deletedRow));
    if (!listed.scenarios.length) list.prepend(node("li", "kk-subtitle", label("none_saved")));
    const pick = node("input");
    pick.type = "file";
    pick.accept = ".yaml,.yml";
    pick.hidden = true;
    pick.onchange = guarded(async () => {
      const file = pick.files[0];
      pick.value = "";
      if (!file) return;
      const told = await ask("upload", options({ method: "POST", body: await file.arrayBuffer(), type: "application/yaml" }));
      here.open({ named: { client: told.client, scenario: told.scenario }, changes: told.inputs });
      dialog.close();
      say(told.note || label("opened").replace("{name}", `${told.client} · ${told.scenario}`), { undo: true });
    });
    const foot = node("div", "kk-rail-foot");
    foot.append(
      button("kk-link", label("load_brief"), () => pick.click()), pick,
      button("kk-link", label("new_scenario"), () => {
        here.open({ named: {} });
        dialog.close();
        say(label("began_anew"), { undo: true });
      }),
      ...(chosen.size ? [button("kk-link", label("stop_comparing"), () => { chosen = new Map(); baseline = ""; compare(); fill(); })] : []),
      button("kk-link", label("close"), () => dialog.close()),
    );
    const complaint = node("div", "kk-complaint");
    complaint.setAttribute("role", "alert");
    dialog.setAttribute("aria-label", label("scenarios"));
    dialog.replaceChildren(
      node("h3", "", label("scenarios")), form, complaint,
      node("p", "kk-subtitle", label("saved_note")),
      ...(listed.scenarios.length ? [node("p", "kk-subtitle", label("tick_to_compare"))] : []), list, foot,
    );
  }
  async function refresh() {
    listed = await ask("scenarios", options());
    fill();
  }
  async function show() {
    await refresh();
    if (!dialog.open) dialog.showModal();
  }

  // What was compared stays so over a reload and from page to page.
  async function recompare() {
    const kept = remembered(KEPT.compared, { ids: [] });
    if (!SERVER.api || !kept.ids?.length) return;
    const found = await Promise.all(kept.ids.map((id) => ask(`scenarios/${id}`, options()).catch(() => null)));
    chosen = new Map(found.filter(Boolean).map((told) => [told.id, told]));
    baseline = chosen.has(kept.baseline) ? kept.baseline : "";
    compare();
  }
  // The link names a saved scenario: what later changes are measured against comes from its file.
  async function arrived() {
    await recompare();
    if (!SERVER.api || !here.named.id || Object.keys(here.base).length) return;
    try {
      const told = await ask(`scenarios/${here.named.id}`, options());
      if (told.version === here.named.version) here.rebase(told.inputs);
      else say(label("saved_since").replace("{when}", when(told.saved_at)), { actions: [[label("open_theirs"), guarded(() => open(told.id))]] });
    } catch {
      here.name({ id: "", version: "" });
    }
  }
  return { dialog, save, show, arrived };
}
