// Fills the printed pages: what a chapter's last page leaves white is what its parts, and a short
// chapter after it, are laid out by. Runs once under print media, before the charts are drawn.
function kolkitFlow(depth) {
  const SLACK = 8; // pixels that print may be higher than this measure
  const ROOM = 0.25; // of a page left white: less is how a chapter may end
  const WITH_NEXT = "h2, h3, .kicker, .headline, .lead-why";
  const box = (node) => node.getBoundingClientRect();

  // Pages that a chain of sections takes, and the white left on the last one. Their children are
  // not broken, save tables outside of chapters, whose rows are.
  const poured = (sections) => {
    const nodes = sections.flatMap((section) => [...section.children].filter((n) => box(n).height));
    if (!nodes.length) return { pages: 1, white: depth };
    let pages = 1;
    let start = box(nodes[0]).top;
    let kept = null;
    for (const node of nodes) {
      kept ??= box(node).top;
      if (box(node).bottom - start > depth - SLACK && kept > start) {
        pages += 1;
        start = kept;
      }
      if (!node.matches(WITH_NEXT)) kept = null;
    }
    return { pages, white: depth - (box(nodes.at(-1)).bottom - start) };
  };

  // The third chart beside the second, or in full width where its reading follows.
  const stack = (sections) => {
    const [pair, rest] = [sections[0].querySelector(".pair"), sections[1]];
    const figure = pair?.children[1];
    const headline = rest?.querySelector(".headline");
    if (!figure || !headline || !rest.matches(".continued")) return;
    const before = poured(sections);
    if (before.white < ROOM * depth) return;
    const turn = () => {
      pair.classList.toggle("single");
      rest.classList.toggle("stacked");
      figure.querySelector("h3").classList.toggle("headline");
    };
    headline.after(figure);
    turn();
    if (poured(sections).pages > before.pages) tighten(sections);
    if (poured(sections).pages <= before.pages) return;
    pair.append(figure);
    turn();
  };

  // Where smaller print saves a whole page, it does.
  const tighten = (sections) => {
    const before = poured(sections).pages;
    const loose = sections.filter((section) => !section.matches(".tight"));
    for (const section of loose) section.classList.add("tight");
    if (poured(sections).pages < before) return;
    for (const section of loose) section.classList.remove("tight");
  };

  const chains = [];
  for (const section of document.querySelectorAll(".page")) {
    if (section.matches(".continued") && chains.length) chains.at(-1).push(section);
    else chains.push([section]);
  }
  // A chapter that fits beneath the one before goes on there, under that one's running head.
  const join = (open, chain) => {
    const joined = [...open, ...chain];
    const { pages } = poured(open);
    for (const section of chain) section.classList.add("joined");
    if (poured(joined).pages > pages) tighten(joined);
    if (poured(joined).pages === pages) {
      for (const section of chain) section.style.page = getComputedStyle(open[0]).page;
      return true;
    }
    for (const section of chain) section.classList.remove("joined");
    return false;
  };

  let open = chains.shift();
  for (const chain of chains) {
    const last = chain[0].matches(".part-appendix");
    if (chain[0].matches(".chapter")) tighten(chain);
    if (!last && join(open, chain)) {
      open.push(...chain);
      continue;
    }
    if (open[0].matches(".chapter")) stack(open);
    if (last) break;
    // Contents and reading aid stand on the page that has more room.
    const aside = open[0].querySelector(":scope > .aside");
    if (aside && chain[0].matches(".changes")) chain[0].append(aside);
    open = chain;
  }
  if (document.querySelector(".changes.joined")) return;
  for (const section of document.querySelectorAll(".answer, .changes")) {
    section.classList.add("roomy");
    if (poured([section]).pages > 1) section.classList.remove("roomy");
  }
}
