// A scenario as an address: `#k=2&client=…&scenario=…&s=<saved as>&v=<version>&<input>=<value>…`.
// Every input that was set is in it, so that whoever opens it needs no file; `s` and `v` only say
// what it was saved as. The first kind, `#k1=<JSON of the inputs>`, still opens.
const LINK_VERSION = 2;
const NAMES = { client: "client", scenario: "scenario", id: "s", version: "v" };

function readLink(hash) {
  const found = { named: {}, inputs: {}, newer: false };
  const put = (name, value) => {
    if (/^[a-z][a-z0-9_]*$/.test(name)) found.inputs[name] = value;
  };
  try {
    const first = hash.match(/^#k1=(.*)$/);
    if (first) {
      for (const [name, value] of Object.entries(JSON.parse(decodeURIComponent(first[1])))) put(name, value);
      return found;
    }
    const told = new URLSearchParams(hash.slice(1));
    if (!told.has("k")) return found;
    found.newer = Number(told.get("k")) > LINK_VERSION;
    for (const [key, short] of Object.entries(NAMES)) {
      if (told.get(short)) found.named[key] = told.get(short);
      told.delete(short);
    }
    told.delete("k");
    for (const [name, text] of told) put(name, name === "language" ? text : JSON.parse(text));
  } catch {
    // A link that was cut or mistyped opens with what could be read.
  }
  return found;
}

function writeLink(named, inputs) {
  const told = new URLSearchParams({ k: LINK_VERSION });
  for (const [key, short] of Object.entries(NAMES)) if (named[key]) told.set(short, named[key]);
  for (const [name, value] of Object.entries(inputs)) {
    told.set(name, name === "language" ? value : JSON.stringify(value));
  }
  return told.size > 1 ? `#${told}` : "";
}
