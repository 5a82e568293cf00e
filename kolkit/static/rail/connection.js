// What happens between page and kernel: slow answers, a lost connection, a kernel that ended. The
// scenario stands in the address all the while, so that a fresh page brings it back.
const SAID = "kolkit-said";
const SLOW_MS = 700;

// A page that is being left closes its kernel by itself: nothing is to be mended then.
let leaving = false;
for (const event of ["beforeunload", "pagehide"]) addEventListener(event, () => (leaving = true));

function reopened(reason) {
  // Voila's own end of a page comes first, and the browser's word that it is one after it.
  setTimeout(() => {
    if (leaving) return;
    leaving = true;
    keep(SAID, reason);
    location.reload();
  }, 300);
}

function watchConnection(model, here, label, say) {
  const kernel = model.widget_manager?.kernel;
  if (document.body.dataset.voila === undefined || !kernel) return;
  const banner = node("div", "kk-banner");
  banner.setAttribute("role", "alert");
  banner.hidden = true;
  document.body.append(banner);
  let away = false;
  const show = (text, action, onclick) => {
    banner.replaceChildren(node("span", "", text), ...(action ? [button("", action, onclick)] : []));
    banner.hidden = false;
  };

  // Asks the server whether this kernel still lives; null if the server cannot be reached.
  const alive = async () => {
    try {
      const path = SERVER.api ? `${SERVER.api}kernels/${kernel.id}` : `${kernel.serverSettings.baseUrl}api/kernels/${kernel.id}`;
      const answer = await fetch(path, { headers: ownHeaders(), credentials: "same-origin", signal: AbortSignal.timeout(4000) });
      if (answer.status === 404) return false;
      return SERVER.api ? (await answer.json()).alive : answer.ok;
    } catch {
      return null;
    }
  };
  const resume = async () => {
    here.remember();
    const living = await alive();
    if (living === false) reopened("restarted");
    // Where it has mended itself, another connection would lose what this one waits for.
    if (living && kernel.connectionStatus !== "connected") {
      show(label("reconnecting"));
      await kernel.reconnect().catch(() => reopened("restarted"));
    }
    if (living === null) show(label("unreachable"), label("resume"), resume);
  };
  const lost = () => {
    if (away) return;
    away = true;
    show(label("lost"), label("resume"), resume);
    const retry = async () => {
      if (!away) return;
      if ((await alive()) !== null) await resume();
      setTimeout(retry, 3000);
    };
    setTimeout(retry, 1500);
  };
  const back = () => {
    if (!away) return;
    away = false;
    banner.hidden = true;
    // What was moved meanwhile did not arrive.
    model.set("asked", model.get("asked") + 1);
    model.set("moved", { ...model.get("moved") });
    model.save_changes();
    say(label("resumed"));
  };
  kernel.connectionStatusChanged.connect((_, status) => {
    if (status === "connected") back();
    else lost();
  });
  kernel.statusChanged.connect((_, status) => {
    if (status === "dead" || status === "autorestarting" || status === "restarting") reopened("restarted");
  });
  kernel.disposed.connect(() => reopened("restarted"));
  addEventListener("offline", lost);
  addEventListener("online", resume);
  document.addEventListener("visibilitychange", () => !document.hidden && kernel.connectionStatus !== "connected" && resume());
  const said = remembered(SAID, "");
  if (said) {
    sessionStorage.removeItem(SAID);
    say(label(said));
  }
}

// An answer that takes long says so, and can be called off.
function watchAnswers(model, here, label, say, hush) {
  let timer;
  let since = 0;
  const waiting = () => model.get("answered") < model.get("asked");
  const look = () => {
    if (!waiting()) {
      if (since) hush("busy");
      since = 0;
      clearInterval(timer);
      timer = undefined;
      return;
    }
    since ||= Date.now();
    const seconds = (Date.now() - since) / 1000;
    if (seconds * 1000 < SLOW_MS) return;
    const actions = SERVER.api && model.widget_manager?.kernel
      ? [[label("cancel"), () => ask(`kernels/${model.widget_manager.kernel.id}/interrupt`, { method: "POST", body: {} }).catch(() => {})]]
      : [];
    say(label("calculating").replace("{seconds}", seconds.toFixed(0)), { slot: "busy", actions });
  };
  const begin = () => (timer ??= setInterval(look, 100));
  const cancelled = (message) => {
    if (message?.kind !== "cancelled") return;
    here.step("past");
    say(label("cancelled"));
  };
  model.on("change:asked", begin);
  model.on("msg:custom", cancelled);
}
