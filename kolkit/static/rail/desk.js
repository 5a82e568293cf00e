// The bar of the scenario: undo, save, compare, share, download, language, light or dark.
const THEME = "kk-theme";

function isDark() {
  return document.documentElement.dataset.kkTheme === "dark";
}

// A button that opens what lies beneath it; Escape and a click elsewhere close it.
function menu(className, title, fill) {
  const holder = node("div", `kk-menu ${className}`);
  const sheet = node("div", "kk-sheet");
  sheet.hidden = true;
  const opener = button("kk-tool", title);
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-haspopup", "true");
  const close = () => {
    sheet.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  };
  opener.onclick = () => {
    if (!sheet.hidden) return close();
    sheet.replaceChildren(...fill(close));
    sheet.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    sheet.querySelector("button, input, select, a")?.focus();
  };
  holder.onkeydown = (event) => {
    if (event.key !== "Escape" || sheet.hidden) return;
    close();
    opener.focus();
  };
  addEventListener("click", (event) => !holder.contains(event.target) && close());
  holder.append(opener, sheet);
  return holder;
}

function deskOf(model, here, label, say, hush, rail) {
  const desk = node("div", "kk-desk");
  desk.setAttribute("role", "toolbar");
  const named = () => ({
    client: here.named.client || model.get("named").client,
    scenario: here.named.scenario || model.get("named").scenario,
  });
  const page = () => document.querySelector(".lm-Widget .kk-journey")?.textContent ?? "";
  // What the notebook itself was opened with lies beneath what the page knows.
  const identity = () => ({
    ...named(), language: model.get("language"), notebook: decodeURIComponent(location.pathname).split("/render/")[1] ?? "",
    inputs: { ...model.get("named").given, ...plain(here.all()) },
  });
  // The language of the page is not an input of the scenario.
  const plain = ({ language: _, ...inputs }) => inputs;
  const saved = savedOf(model, here, label, say, { identity, named, plain });

  function share() {
    const address = node("input", "kk-address");
    address.readOnly = true;
    address.value = location.origin + location.pathname + here.link();
    address.setAttribute("aria-label", label("link"));
    const note = node("p", "kk-subtitle", SERVER.access ? label(`access_${SERVER.access}`) : label("access_here"));
    const copy = button("kk-tool kk-main", label("copy"), async () => {
      address.select();
      // Without https the clipboard may be closed to pages; the old command still works.
      await (navigator.clipboard?.writeText(address.value) ?? Promise.reject()).catch(() => document.execCommand("copy"));
      copy.textContent = label("copied");
    });
    const parts = [node("h3", "", label("share")), address, copy, note];
    if (address.value.length > 1900) parts.push(node("p", "kk-subtitle kk-wrong", label("long_link")));
    parts.push(button("kk-link", label("picture"), picture));
    return parts;
  }

  async function picture() {
    say(label("working"), { slot: "picture" });
    const { client, scenario } = named();
    const image = await longPicture({
      title: [client, scenario, page()].filter(Boolean).join(" · "),
      source: label("picture_source").replace("{hash}", model.get("named").hash),
      date: new Date().toLocaleDateString(model.get("language") === "zh" ? "zh-CN" : "en-GB", { dateStyle: "long" }),
    });
    download(image, `${fileName(`${client} ${scenario} ${page()}`)}.png`);
    hush("picture");
  }

  async function yaml() {
    const answer = await ask("brief", { method: "POST", body: identity(), language: model.get("language"), raw: true });
    download(await answer.blob(), `${fileName(`${named().client} ${named().scenario}`)}.yaml`);
  }

  // The report of what is on screen, made beside the page; it says how far it is.
  async function report(kind) {
    const slot = `report-${kind}`;
    const language = model.get("language");
    const { job } = await ask("reports", {
      method: "POST", language,
      body: { ...identity(), id: here.named.id, currency: model.get("named").currency, pdf: kind === "pdf" },
    });
    let stopped = false;
    const stop = () => {
      stopped = true;
      ask(`reports/${job}`, { method: "DELETE", language }).catch(() => {});
      hush(slot);
    };
    for (;;) {
      const told = await ask(`reports/${job}`, { language });
      if (stopped) return;
      if (told.state === "done") break;
      if (told.state === "failed" || told.state === "cancelled") throw new Refusal(told.message, 500, told);
      const left = told.seconds_left ? label("seconds_left").replace("{n}", Math.ceil(told.seconds_left)) : "";
      const text = [label(`making_${kind}`), label(`stage_${told.stage || told.state}`, ""), left].filter(Boolean).join(" · ");
      say(text, { slot, done: told.done ?? 0, actions: [[label("cancel"), stop]] });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const answer = await ask(`reports/${job}/${kind}`, { language, raw: true });
    download(await answer.blob(), `${fileName(`${named().client} ${named().scenario}`)}.${kind}`);
    say(label("downloaded"), { slot });
  }

  const guarded = (work) => async () => {
    try {
      await work();
    } catch (error) {
      say(error.message || label("unreachable"), { tone: "wrong" });
    }
  };

  const home = node("a", "kk-tool kk-home", "⌂");
  const undo = button("kk-tool", "↶", () => { rail.release(); here.step("past"); });
  const redo = button("kk-tool", "↷", () => { rail.release(); here.step("future"); });
  const save = button("kk-tool", "", guarded(() => saved.save()));
  const theme = button("kk-tool kk-theme", "◐", () => {
    const wanted = isDark() ? "light" : "dark";
    document.documentElement.dataset.kkTheme = wanted;
    try {
      localStorage.setItem(THEME, wanted);
    } catch { /* it holds for this page */ }
    dispatchEvent(new Event("kolkit:theme"));
    paint();
  });
  const language = button("kk-tool", "", () => here.move({ language: model.get("language") === "zh" ? "en" : "zh" }));

  function build() {
    desk.setAttribute("aria-label", label("scenario"));
    home.href = SERVER.index ?? "";
    home.title = label("home");
    home.setAttribute("aria-label", label("home"));
    undo.title = label("undo");
    redo.title = label("redo");
    undo.setAttribute("aria-label", label("undo"));
    redo.setAttribute("aria-label", label("redo"));
    theme.setAttribute("aria-label", label("theme"));
    theme.title = label("theme");
    save.textContent = label("save");
    language.textContent = model.get("language") === "zh" ? "English" : "中文";
    language.lang = model.get("language") === "zh" ? "en" : "zh";
    const item = (text, work) => (close) => button("kk-item", text, () => { close(); guarded(work)(); });
    const items = SERVER.api
      ? [item(label("download_pdf"), () => report("pdf")), item(label("download_xlsx"), () => report("xlsx")),
         item(label("download_yaml"), yaml), item(label("picture"), picture)]
      : [item(label("picture"), picture)];
    const own = SERVER.api ? [button("kk-tool", label("scenarios"), guarded(() => saved.show())), save] : [];
    const inVoila = document.body.dataset.voila !== undefined;
    if (inVoila) document.documentElement.lang = model.get("language") === "zh" ? "zh-CN" : "en";
    desk.replaceChildren(
      ...(SERVER.index ? [home] : []), undo, redo, ...own,
      ...(inVoila ? [menu("kk-share", label("share"), share)] : []),
      menu("kk-download", label("download"), (close) => items.map((make) => make(close))),
      language,
      ...(inVoila ? [theme] : []),
      saved.dialog,
    );
    paint();
  }
  function paint() {
    undo.disabled = !here.can("past");
    redo.disabled = !here.can("future");
    theme.setAttribute("aria-pressed", String(isDark()));
    if (document.body.dataset.voila !== undefined) {
      const { client, scenario } = named();
      document.title = [page(), client, scenario].filter(Boolean).join(" · ");
    }
    save.classList.toggle("kk-main", here.changed());
    save.title = here.named.id ? label(here.changed() ? "unsaved" : "is_saved") : label("not_saved_yet");
  }
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches?.("input[type=text], textarea")) return;
    const key = event.key.toLowerCase();
    if (key === "z" || key === "y") {
      event.preventDefault();
      rail.release();
      here.step(key === "y" || event.shiftKey ? "future" : "past");
    } else if (key === "s" && SERVER.api) {
      event.preventDefault();
      guarded(() => saved.save())();
    }
  });
  return { element: desk, build, paint, arrived: saved.arrived };
}
