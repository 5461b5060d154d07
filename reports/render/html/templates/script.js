"use strict";
(() => {
  const inflated = async (place) => {
    const text = document.getElementById("pack" + place).textContent;
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).text();
  };
  const unpack = async (place) => {
    const target = document.querySelector(`[data-pack="${place}"]`);
    if (!target) return;
    const text = await inflated(place);
    if (target.dataset.pack === undefined) return;
    delete target.dataset.pack;
    target.innerHTML = text;
  };

  const body = document.querySelector("#overview tbody");
  const count = document.getElementById("count");
  const filter = document.getElementById("filter");
  const show = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    count.textContent = `${shown} of ${body.rows.length}`;
  };
  filter.addEventListener("input", show);

  const key = (row, column, numeric) => {
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    const number = parseFloat(cell.dataset.v === undefined ? cell.textContent : cell.dataset.v.replace("inf", "Infinity"));
    return Number.isNaN(number) ? -1 : number;
  };
  const heads = [...document.querySelectorAll("#overview th")];
  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
    const numeric = head.firstElementChild.dataset.kind === "number";
    const first = numeric ? "descending" : "ascending";
    const second = numeric ? "ascending" : "descending";
    const way = head.getAttribute("aria-sort") === first ? second : first;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", way);
    const sign = way === "ascending" ? 1 : -1;
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const keyed = [...body.rows].map((row) => [key(row, column, numeric), row]);
    keyed.sort(([a], [b]) => sign * (numeric ? (a < b ? -1 : a > b ? 1 : 0) : order(a, b)));
    body.append(...keyed.map(([, row]) => row));
  }));

  const go = async (name, group) => {
    const found = document.getElementById("g" + group);
    if (found) {
      await unpack(group);
      found.open = true;
    }
    const entry = document.getElementById(name);
    if (!entry) return;
    if (entry.tagName === "DETAILS") entry.open = true;
    entry.scrollIntoView();
  };
  document.addEventListener("toggle", (event) => {
    const waiting = event.target.open && event.target.querySelector(":scope > [data-pack]");
    if (waiting) unpack(waiting.dataset.pack);
  }, true);

  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-group]");
    if (link) {
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      await go(link.hash.slice(1), link.dataset.group);
    }
    const button = event.target.closest("button.copy");
    if (button) {
      const done = await copied(button.parentElement.querySelector("code").textContent);
      button.textContent = done ? "Copied" : "Select it";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    }
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.open = true; }));

  const note = document.querySelector("[data-note]");
  const begin = async () => {
    if (note) {
      await unpack(0);
      note.remove();
    }
    show();
    const link = location.hash && document.querySelector(`a[data-group][href="${CSS.escape(location.hash).replace(/^\\#/, "#")}"]`);
    if (link) await go(link.hash.slice(1), link.dataset.group);
    document.documentElement.dataset.ready = "";
  };
  begin();
})();
