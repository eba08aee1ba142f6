// Filters only: without this everything is on the page, unfiltered.
(() => {
  "use strict";
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  const filters = all("select.day-filter");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  const map = document.querySelector(".map");
  const rows = all("tr.visit").map((row) => ({
    row,
    day: row.dataset.day,
    text: Array.from(row.cells, (cell) => plain(cell.textContent)).join("\n"),
  }));
  const dated = all(".route[data-day], .routes > li, article.day");
  let day = "";

  const show = (element, shown) => {
    if (shown) element.removeAttribute("hidden");
    else element.setAttribute("hidden", "");
  };
  const list = () => {
    const words = search.value.split(/\s+/).map(plain).filter(Boolean);
    let shown = 0;
    for (const { row, day: of, text } of rows) {
      const fits = (!day || of === day) && words.every((word) => text.includes(word));
      show(row, fits);
      if (fits) shown += 1;
    }
    count.textContent = count.dataset.text.replace("{n}", shown).replace("{total}", rows.length);
    show(nothing, shown === 0);
  };
  const choose = (value) => {
    day = value;
    for (const filter of filters) filter.value = day;
    for (const element of dated) show(element, !day || element.dataset.day === day);
    map.classList.toggle("one-day", day !== "");
    list();
  };
  const mark = (route) => {
    map.classList.toggle("marked", route !== null);
    for (const line of all(".route")) line.classList.toggle("mark", line.dataset.route === route);
  };

  for (const filter of filters) filter.addEventListener("change", () => choose(filter.value));
  search.addEventListener("input", list);
  document.getElementById("reset").addEventListener("click", () => {
    search.value = "";
    choose("");
    search.focus();
  });
  for (const item of all(".routes > li")) {
    item.addEventListener("mouseenter", () => mark(item.dataset.route));
    item.addEventListener("mouseleave", () => mark(null));
  }
  // Lists that are folded on the screen belong on paper.
  const folded = [];
  addEventListener("beforeprint", () => {
    for (const part of all("details:not([open])")) {
      folded.push(part);
      part.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const part of folded.splice(0)) part.open = false;
  });
  for (const tools of all(".tools")) show(tools, true);
  show(count, true);
  choose("");
})();
