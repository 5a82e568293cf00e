// A scenario as an address: `#k=2&client=…&scenario=…&s=<saved as>&v=<version>&<input>=<value>…`.
// Every input that was set is in it, so that whoever opens it needs no file; `s` and `v` only say
// what it was saved as, and the last, `z`, how many inputs there are, so that a cut link shows. The first kind, `#k1=<JSON of the inputs>`, still opens.
const LINK_VERSION = 2;
const NAMES = { client: "client", scenario: "scenario", id: "s", version: "v" };

function readLink(hash) {
  const found = { named: {}, inputs: {}, newer: false, damaged: false };
  const put = (name, text) => {
    try {
      const value = name === "language" ? text : JSON.parse(text);
      if (/^[a-z][a-z0-9_]*$/.test(name)) found.inputs[name] = value;
    } catch {
      found.damaged = true;
    }
  };
  const first = hash.match(/^#k1=(.*)$/);
  if (first) {
    try {
      const told = JSON.parse(decodeURIComponent(first[1]));
      for (const [name, value] of Object.entries(told)) put(name, name === "language" ? value : JSON.stringify(value));
    } catch {
      found.damaged = true;
    }
    return found;
  }
  const told = new URLSearchParams(hash.slice(1));
  if (!told.has("k")) return found;
  found.newer = Number(told.get("k")) > LINK_VERSION;
  const count = told.get("z");
  for (const [key, short] of Object.entries(NAMES)) {
    if (told.get(short)) found.named[key] = told.get(short);
    told.delete(short);
  }
  told.delete("k");
  told.delete("z");
  found.damaged = !found.newer && Number(count ?? -1) !== told.size;
  for (const [name, text] of told) put(name, text);
  return found;
}

function writeLink(named, inputs) {
  const told = new URLSearchParams({ k: LINK_VERSION });
  for (const [key, short] of Object.entries(NAMES)) if (named[key]) told.set(short, named[key]);
  for (const [name, value] of Object.entries(inputs)) {
    told.set(name, name === "language" ? value : JSON.stringify(value));
  }
  if (told.size === 1) return "";
  told.set("z", Object.keys(inputs).length);
  return `#${told}`;
}
