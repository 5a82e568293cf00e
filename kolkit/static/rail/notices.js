// One calm sentence at the foot of the page: what was done, how far something is, what to do now.
const NOTICE_MS = 9000;

function noticesIn(place, { undo, depth, label }) {
  const slots = new Map();
  const hush = (slot) => {
    const shownNow = slots.get(slot);
    if (!shownNow) return;
    clearTimeout(shownNow.timer);
    shownNow.element.remove();
    slots.delete(slot);
  };
  const say = (text, { slot = "said", tone = "", actions = [], undo: undoable = false, done } = {}) => {
    let one = slots.get(slot);
    if (!one) {
      one = { element: node("div") };
      slots.set(slot, one);
      place.append(one.element);
    }
    clearTimeout(one.timer);
    one.undoes = undoable ? depth() : undefined;
    one.element.className = `kk-notice${tone ? ` kk-${tone}` : ""}`;
    const offered = undoable ? [[label("undo"), () => { undo(); hush(slot); }], ...actions] : actions;
    // Nothing under the finger is replaced while it only counts.
    const key = JSON.stringify(offered.map(([told]) => told));
    if (one.key !== key) {
      one.key = key;
      one.text = node("span");
      one.bar = node("progress");
      one.bar.max = 1;
      one.bar.setAttribute("aria-label", text);
      one.element.replaceChildren(one.text, one.bar, ...offered.map(([told, work]) => button("", told, work)),
        button("kk-dismiss", "×", () => hush(slot)));
      one.element.lastChild.setAttribute("aria-label", label("close"));
    }
    one.text.textContent = text;
    one.bar.hidden = done === undefined;
    one.bar.value = done ?? 0;
    if (done === undefined && slot !== "busy") one.timer = setTimeout(() => hush(slot), NOTICE_MS);
  };
  // An offer to undo holds for the step it was made after.
  const stale = () => {
    for (const [slot, one] of slots) if (one.undoes !== undefined && one.undoes !== depth()) hush(slot);
  };
  return { say, hush, stale };
}
