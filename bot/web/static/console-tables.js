// Tables with the class `sorts`: a click on a heading sorts by that column, a second click the other way round.

const UNITS = { 天: 1440, 小时: 60, 分钟: 1 };

// Spans of time in minutes, shares and counts as numbers; anything else as text. `—` is less than all.
function valueOf(text) {
  const spans = [...text.matchAll(/(\d+) (天|小时|分钟)/g)];
  if (spans.length) return spans.reduce((sum, [, count, unit]) => sum + count * UNITS[unit], 0);
  if (text === "—" || text === "") return -1;
  const number = Number(text.replace("%", ""));
  return Number.isNaN(number) ? text : number;
}

function compare(one, other) {
  if (typeof one === typeof other) return typeof one === "number" ? one - other : one.localeCompare(other, "zh-CN");
  return typeof one === "number" ? -1 : 1;
}

function sort(table, heading, place) {
  const isDown = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  const [body] = table.tBodies;
  const keyed = [...body.rows].map((row) => [valueOf(row.cells[place].textContent.trim()), row]);
  keyed.sort(([one], [other]) => compare(one, other) * (isDown ? -1 : 1));
  body.append(...keyed.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sorts")) {
  [...table.tHead.rows[0].cells].forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading, place));
    heading.append(button);
  });
}
