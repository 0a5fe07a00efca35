// The card of a joint service (一件事): its text, and below it one list of all that its items need, and what runs at once.
import { button, element } from "./element.js";
import { checkbox } from "./item_card.js";
import { printed } from "./printing.js";
import { tabRow } from "./tabs.js";

const records = new Map(); // code → what is being read, or was

export function jointCard(text, { code, name, items }, prose) {
  const card = element("article", { class: "card", "aria-label": name }, element("h2", {}, name), prose(text));
  card.append(...tabRow("还可以看", [
    ["合成一张材料清单", () => later(items, (found) => [...merged(code, found), element("div", { class: "after" },
      button("打印清单", () => printed(card, `/qr/${encodeURIComponent(code)}.svg`), "print"))])],
    ["各要几天", () => later(items, sideBySide)],
  ]));
  return card;
}

function read(code) {
  if (!records.has(code)) {
    const reading = fetch(`/api/items/${encodeURIComponent(code)}`).then((response) => {
      if (!response.ok) throw new Error(String(response.status));
      return response.json();
    });
    records.set(code, reading);
    reading.catch(() => records.delete(code));
  }
  return records.get(code);
}

// What is drawn of the records once they are there.
function later(items, draw) {
  const place = element("div", { class: "panel", role: "status" }, "正在取……");
  Promise.all(items.map((item) => read(item.code))).then(
    (found) => {
      place.removeAttribute("role");
      place.replaceChildren(...draw(found.filter((item) => item.materials)));
    },
    () => place.replaceChildren("现在取不到，请稍后再点一次，或者分开问每一件。"),
  );
  return [place];
}

// A material that several items need is on the list once.
function merged(code, found) {
  const needed = new Map();
  for (const item of found) {
    for (const material of item.materials) {
      const one = needed.get(material.name) ?? { ...material, for: [], required: false };
      one.for.push(item.name);
      one.required ||= material.required;
      needed.set(material.name, one);
    }
  }
  const lines = [...needed.values()].sort((one, other) => other.required - one.required || other.for.length - one.for.length);
  const shared = lines.filter((one) => one.for.length > 1).length;
  return [
    element("p", { class: "about" }, `共 ${lines.length} 种${shared ? `，其中 ${shared} 种几件事共用，交一次就行` : ""}。`),
    element("ul", { class: "checklist" }, ...lines.map((one) => element("li", {}, checkbox(one.name, notes(one), code, one.name)))),
  ];
}

function notes(one) {
  const told = [`用于：${one.for.join("、")}`];
  if (!one.required) told.unshift("视情形");
  if (one.form) told.push(`${one.form} ${one.copies} 份`);
  return told.join("；");
}

function sideBySide(found) {
  const lasting = found.filter((item) => item.promised.count);
  const comparable = new Set(lasting.map((item) => item.promised.unit)).size === 1;
  const longest = Math.max(1, ...lasting.map((item) => item.promised.count));
  return [
    element("p", { class: "about" }, comparable ? "一次申请后同时办理的，按每件承诺的时限比长短：" : "一次申请后同时办理的，每件承诺的时限："),
    element("ul", { class: "bars" }, ...found.map((item) => {
      const { count, text } = item.promised;
      // Bars of days, months and hours beside one another would lie.
      const bar = comparable ? [element("progress", { max: longest, value: count, "aria-label": `${item.name}：${text}` })] : [];
      return element("li", {}, element("span", {}, `${item.name}（${item.department}）`), ...bar, element("span", {}, text));
    })),
  ];
}
