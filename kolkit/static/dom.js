// What every widget uses to build its part of the page.
function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(className, text, onclick) {
  const made = node("button", className, text);
  made.type = "button";
  if (onclick) made.onclick = onclick;
  return made;
}

// What our server says about itself; elsewhere (plain Voila, a notebook) there is nothing to read.
const SERVER = (() => {
  try {
    const told = JSON.parse(document.getElementById("jupyter-config-data").textContent);
    return { api: told.kolkitApi, index: told.kolkitIndex, access: told.kolkitAccess, beside: told.kolkitBeside };
  } catch {
    return {};
  }
})();

function download(blob, name) {
  const link = node("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A name as part of a file's name.
const fileName = (text) => text.normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "kolkit";
