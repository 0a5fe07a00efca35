// What is proposed while one types: matters, documents, common questions. Nothing is sent before one is chosen.
import { element } from "./element.js";

const PAUSE_MS = 180;
const LONGEST = 20; // a longer text is a letter, and may hold what belongs to nobody else
const PRIVATE = /\d{5}|[@＠]/;
const KINDS = { item: "办事", joint: "一件事", document: "文件", question: "常问" };

// `choose(text)` is called with what to ask.
export function propose(input, list, heard, choose) {
  let timer;
  let wanted = "";
  let active = -1;
  const known = new Map();

  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");
  input.addEventListener("input", ({ isComposing }) => isComposing || later());
  input.addEventListener("compositionend", later);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", () => setTimeout(close, 150));
  return { close };

  function later() {
    clearTimeout(timer);
    wanted = input.value.trim();
    if (!wanted || wanted.length > LONGEST || wanted.includes("\n") || PRIVATE.test(wanted)) close();
    else timer = setTimeout(ask, PAUSE_MS);
  }

  async function ask() {
    const asked = wanted;
    try {
      if (!known.has(asked)) {
        const response = await fetch(`/api/suggest?q=${encodeURIComponent(asked)}`);
        if (response.ok) known.set(asked, (await response.json()).suggestions);
      }
    } catch {
      return; // without a line one types on
    }
    if (asked === wanted && document.activeElement === input) show(known.get(asked) ?? []);
  }

  function show(found) {
    active = -1;
    list.replaceChildren(...found.map(({ title, kind, say }, place) => {
      const option = element("li", { role: "option", id: `suggestion-${place}`, "aria-selected": "false", "data-choice": say },
        title, element("small", {}, KINDS[kind] ?? ""));
      option.addEventListener("pointerdown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(option));
      return option;
    }));
    list.hidden = !found.length;
    heard.textContent = found.length ? `有 ${found.length} 条建议，按上下键选` : "";
    input.removeAttribute("aria-activedescendant");
  }

  function close() {
    clearTimeout(timer);
    wanted = "";
    if (!list.hidden) show([]);
  }

  function take(option) {
    const say = option.dataset.choice;
    close();
    choose(say);
  }

  function pressed(event) {
    if (list.hidden || event.isComposing) return;
    const options = [...list.children];
    if (event.key === "ArrowDown") active = (active + 1) % options.length;
    else if (event.key === "ArrowUp") active = (active <= 0 ? options.length : active) - 1;
    else if (event.key === "Enter" && active >= 0) take(options[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (list.hidden) return;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }
}
