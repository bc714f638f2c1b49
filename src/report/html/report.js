
"use strict";
// Without this everything is there. It sorts, filters, opens and copies; it asks for nothing.
(() => {
  const GRADES = ["confirmed", "probable", "possible", "contradicted"];
  // Below that many rows one sees what is there.
  const MANY = 8;

  const make = (name, words, click) => {
    const element = document.createElement(name);
    element.textContent = words;
    if (name === "button") element.type = "button";
    if (click) element.addEventListener("click", click);
    return element;
  };

  // Sorting: by the words of a cell, numbers in them as numbers, grades by how sure they are.
  const collator = new Intl.Collator("en", { numeric: true });
  const words = (row, column) => {
    const cell = row.cells[column];
    if (!cell) return "";
    const grade = cell.children.length === 1 && cell.querySelector(":scope > .grade");
    if (grade) return String(GRADES.findIndex((name) => grade.classList.contains(name)));
    return cell.textContent.replace(/\s*\u00b6.*$/, "");
  };
  const sort = (table, column) => {
    const head = table.tHead.rows[0].cells[column];
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [words(row, column), row]);
    // What is empty comes last, whichever way.
    const order = ([a], [b]) => (a === "") - (b === "") || (down ? -1 : 1) * collator.compare(a, b);
    rows.sort(order);
    body.append(...rows.map(([, row]) => row));
  };

  // Filtering: things that have all the typed words, and a grade that is chosen.
  const filters = [];
  const filter = (things, before, label) => {
    const texts = new Map();
    const off = new Set();
    const tools = make("div", "");
    tools.className = "tools";
    const input = make("input", "");
    input.type = "search";
    input.placeholder = "Filter";
    input.setAttribute("aria-label", "Filter " + label);
    const output = make("output", "");
    const text = (thing) => {
      if (!texts.has(thing)) texts.set(thing, thing.textContent.toLowerCase());
      return texts.get(thing);
    };
    const apply = () => {
      const typed = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const thing of things) {
        const fits = !off.has(thing.dataset.grade) && typed.every((word) => text(thing).includes(word));
        thing.hidden = !fits;
        shown += fits;
      }
      const partial = shown < things.length;
      tools.classList.toggle("partial", partial);
      output.textContent = partial ? shown + " of " + things.length + " shown" : "";
    };
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 120);
    });
    tools.append(input);
    const grades = GRADES.filter((grade) => things.some((thing) => thing.dataset.grade === grade));
    // The first that is chosen is meant alone, the others with it; none is as good as all.
    const choose = (grade) => {
      if (off.size === 0) grades.filter((other) => other !== grade).forEach((other) => off.add(other));
      else if (!off.delete(grade)) off.add(grade);
      if (off.size === grades.length) off.clear();
      grades.forEach((other, place) => chips[place].setAttribute("aria-pressed", String(!off.has(other))));
      apply();
    };
    const chips = grades.map((grade) => {
      const chip = make("button", "", () => choose(grade));
      const badge = make("b", grade.toUpperCase());
      badge.className = "grade " + grade;
      chip.append(badge);
      chip.setAttribute("aria-pressed", "true");
      return chip;
    });
    if (chips.length > 1) tools.append(...chips);
    tools.append(output);
    before.before(tools);
    const all = () => {
      input.value = "";
      off.clear();
      for (const chip of chips) chip.setAttribute("aria-pressed", "true");
      apply();
    };
    filters.push({ has: new Set(things), all });
    return tools;
  };

  // What is easier to read: times with the time of day apart, paths and names that break between their parts. The
  // file has them whole, so that who searches it finds them.
  const TIME = /^(\d{4}-\d\d-\d\d[T ])(\d\d:\d\d:\d\d)(.*)$/;
  const PIECES = /[^\\/.@_,;=]*[\\/.@_,;=]+|[^\\/.@_,;=]+/g;
  // A long word with places to break, none within a few letters.
  const breakable = (word) => {
    const all = [];
    let part = "";
    for (const piece of word.match(PIECES)) {
      if (part.length > 3) {
        all.push(part, make("wbr", ""));
        part = "";
      }
      part += piece;
    }
    // An extension stays with its name.
    if (part.length < 5) all.pop();
    return [...all, part];
  };
  const refine = (place) => {
    for (const time of place.querySelectorAll(".t:not(.whole)")) {
      time.classList.add("whole");
      const [, date, clock, rest] = TIME.exec(time.textContent) || [];
      if (clock) time.replaceChildren(make("i", date), make("wbr", ""), clock, make("i", rest));
    }
    for (const code of place.querySelectorAll("code:not(.long, .whole)")) {
      code.classList.add("whole");
      const text = code.textContent;
      // Between words it breaks by itself.
      const long = /\s/.test(text) ? 32 : 15;
      const pieces = (text.match(/\S+|\s+/g) || []).flatMap((word) => (word.length < long ? word : breakable(word)));
      if (pieces.length > 1) code.replaceChildren(...pieces);
    }
  };
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      refine(target);
    }
  }, { rootMargin: "800px" });
  document.querySelectorAll("section:not(.each), article").forEach((place) => near.observe(place));
  addEventListener("beforeprint", () => refine(document));

  for (const table of document.querySelectorAll("table.rows")) {
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length < 3) continue;
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
      // No button: Chromium does not print those again on the next page.
      const name = make("span", head.textContent, () => sort(table, column));
      name.tabIndex = 0;
      name.setAttribute("role", "button");
      name.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        sort(table, column);
      });
      head.replaceChildren(name);
    });
    if (rows.length > MANY) filter(rows, table.parentElement, "the rows of this table");
  }

  const movements = Array.from(document.querySelectorAll("article.movement"));
  const bodies = movements.map((movement) => movement.querySelector("details"));
  if (movements.length > 1) {
    const tools = filter(movements, movements[0], "movements by any of their words");
    const open = (is) => () => bodies.forEach((body) => { body.open = is; });
    tools.append(make("button", "Open all", open(true)), make("button", "Close all", open(false)));
  }

  // On a telephone the movements are a list to choose from.
  if (movements.length > 3 && matchMedia("(max-width: 44rem)").matches) bodies.forEach((body) => { body.open = false; });

  // A link to something that is closed or filtered away shows it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    let moved = false;
    for (let at = target; at; at = at.parentElement) {
      if (at.hidden) {
        filters.filter((filter) => filter.has.has(at)).forEach((filter) => filter.all());
        moved = true;
      }
      if (at.localName === "details" && !at.open) {
        at.open = true;
        moved = true;
      }
    }
    if (moved) target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => bodies.forEach((body) => { body.open = true; }));

  // A mark copies the link to where it stands.
  document.addEventListener("click", (event) => {
    const pin = event.target.closest && event.target.closest("a.pin");
    if (!pin) {
      // The same link twice changes no hash.
      if (event.target.closest && event.target.closest('a[href="' + location.hash + '"]')) reveal();
      return;
    }
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(pin.href).then(() => {
      pin.classList.add("copied");
      setTimeout(() => pin.classList.remove("copied"), 1500);
    }, () => {});
  });

  // Where there is room for them, the contents are open in every browser.
  const contents = document.querySelector("details.contents");
  if (contents && matchMedia("(min-width: 75rem)").matches) contents.open = true;
})();
