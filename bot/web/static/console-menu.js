// A list that opens while one types: canned replies after “/” in a reply, colleagues after “@” in a note.
// The focus stays in the field (the combobox pattern of WAI-ARIA); ↑ ↓ choose, Enter or Tab inserts, Escape closes.

const SIGNS = [
  { field: "[data-slash]", pattern: /(?:^|[\s，。；！？])[/／]([^\s/／]*)$/, choices: canned },
  { field: "[data-mention]", pattern: /(?:^|[^A-Za-z0-9._%+-])[@＠]([^\s@＠]*)$/, choices: colleagues },
];
const MOST_SHOWN = 8;

const list = document.createElement("ul");
list.className = "menu";
list.id = "menu";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "可以插入的");
list.hidden = true;
document.querySelector("main").append(list);

let open; // { field, from, found }, while the list is shown
let at = 0;

function canned() {
  const options = [...document.querySelectorAll("[data-insert] option[data-text]")];
  return options.map(({ textContent, dataset }) => ({ title: textContent, about: dataset.text, text: dataset.text }));
}

function colleagues() {
  const options = [...document.querySelectorAll("[data-people] option")];
  return options.map(({ value, label }) => ({ title: label, about: value, text: `@${value} ` }));
}

document.addEventListener("input", ({ target, isTrusted }) => {
  const sign = isTrusted && SIGNS.find(({ field }) => target.matches?.(field));
  if (!sign) return close();
  const typed = target.value.slice(0, target.selectionStart).match(sign.pattern);
  if (!typed) return close();
  const wanted = typed[1].toLowerCase();
  const found = sign.choices().filter(({ title, about }) => `${title} ${about}`.toLowerCase().includes(wanted)).slice(0, MOST_SHOWN);
  if (found.length) show(target, target.selectionStart - typed[1].length - 1, found);
  else close();
});

function show(field, from, found) {
  open = { field, from, found };
  at = 0;
  list.replaceChildren(...found.map(entry));
  field.setAttribute("aria-controls", list.id);
  list.hidden = false;
  const place = field.getBoundingClientRect();
  list.style.left = `${place.left}px`;
  if (place.top > innerHeight / 2) list.style.bottom = `${innerHeight - place.top + 4}px`;
  else list.style.top = `${place.bottom + 4}px`;
  list.style[place.top > innerHeight / 2 ? "top" : "bottom"] = "auto";
  mark();
}

function entry({ title, about }, number) {
  const line = document.createElement("li");
  line.id = `menu-${number}`;
  line.setAttribute("role", "option");
  const more = document.createElement("small");
  more.textContent = about;
  line.append(title, more);
  return line;
}

function mark() {
  for (const [number, line] of [...list.children].entries()) line.setAttribute("aria-selected", number === at);
  open.field.setAttribute("aria-activedescendant", `menu-${at}`);
  list.children[at].scrollIntoView({ block: "nearest" });
}

function close() {
  if (!open) return;
  open.field.removeAttribute("aria-activedescendant");
  open.field.removeAttribute("aria-controls");
  list.hidden = true;
  open = undefined;
}

function take(number) {
  const { field, from, found } = open;
  close();
  field.setRangeText(found[number].text, from, field.selectionStart, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field || event.isComposing) return;
  if (event.key === "ArrowDown") at = (at + 1) % open.found.length;
  else if (event.key === "ArrowUp") at = (at + open.found.length - 1) % open.found.length;
  else if (event.key === "Enter" || event.key === "Tab") take(at);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (open) mark();
}, { capture: true });

list.addEventListener("mousedown", (event) => {
  const line = event.target.closest("li");
  event.preventDefault();
  if (line) take([...list.children].indexOf(line));
});
document.addEventListener("focusout", ({ target }) => {
  if (open?.field === target) close();
});
