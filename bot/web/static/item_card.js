// The card of an item: the answer, and one row of tabs with the rest of the record.
import { button, element, linked } from "./element.js";
import { ticks } from "./memory.js";
import { printed } from "./printing.js";
import { tabRow } from "./tabs.js";

const FACETS = {
  overview: ["办事概要"], // no tab: the others say it in full
  materials: ["要带什么", (item, code) => element("ul", { class: "checklist" }, ...item.materials.map((one) => material(one, code)))],
  process: ["怎么办", (item) => list("ol", item.steps.map((step) => [step.detail ? `${step.name}：${step.detail}` : step.name, step.time]))],
  place: ["去哪办", place],
  time_limit: ["多久办好", timeLimit],
  fee: ["收费", (item) => facts([["收费", item.fee], ["依据", item.fee_basis]])],
  conditions: ["谁能办", (item) => list("ol", item.conditions)],
  online: ["网上能办吗", (item) => facts([["办理形式", item.channel], ["到现场", `${item.visit_count} 次`], ["网上办理", item.online_note]])],
  result: ["办完拿到什么", (item) => facts([["结果", item.result], ["有效期", item.result_validity], ["领取", item.delivery]])],
  legal_basis: ["法律依据", (item) => list("ul", item.legal_basis.map((basis) => [`《${basis.law}》${basis.standing ? `【${basis.standing}】` : ""}${basis.article}`, basis.gist]))],
};
const NUMBERED = /^\d+\. /;

// Whether a button leads to what is a tab of the card already.
const TITLES = new Set(Object.values(FACETS).map(([title]) => title));
export const isTab = ({ title }) => TITLES.has(title);

export const hasCard = (custom) => custom?.kind === "approval_item" && custom.data != null && !custom.data.is_elsewhere;

// `prose(text, options)` draws the text, whole.
export function itemCard(text, { code, name, facet, data }, prose) {
  const isList = facet === "materials";
  const answer = isList ? prose(text, { list: "checklist", entry: (line) => tick(line, data.materials, code) }) : prose(text);
  const card = element("article", { class: "card", "aria-label": name },
    element("h2", {}, name),
    element("p", { class: "about" }, `${code} · ${data.kind} · ${data.department}`),
    data.chosen?.length ? element("p", { class: "about" }, `您的情形：${data.chosen.join("，")}`) : null,
    element("section", {}, element("h3", {}, FACETS[facet][0]), answer),
  );
  const doors = [["在线办理", data.online_address], ["预约取号", data.booking_address]].filter(([, address]) => /^https:/.test(address ?? ""));
  if (doors.length) card.append(element("p", { class: "doors" }, ...doors.map(([title, href]) => element("a", { href, rel: "noopener noreferrer", target: "_blank" }, title))));
  const rest = isList ? data.materials.filter((one) => !text.includes(one.name)) : [];
  if (rest.length) card.append(element("h3", {}, "清单上其余的"), element("ul", { class: "checklist" }, ...rest.map((one) => material(one, code))));
  if (isList) card.append(...onPaper(card, code, data));
  const reminders = (data.note ?? "").split("\n").filter((note) => note && !text.includes(note.replace(/。$/, "")));
  card.append(...reminders.map((note) => element("p", {}, `提醒：${note}`)));
  const isCut = text.includes("（还有 ");
  const tabs = Object.entries(FACETS).filter(([other, [, draw]]) => draw && (other !== facet || isCut));
  card.append(...tabRow("还可以看", tabs.map(([, [title, draw]]) => [title, () => [element("h3", { class: "on-paper" }, title), draw(data, code)]])));
  card.append(element("p", { class: "about" }, "监督电话 ", ...linked(data.complaints_phone)));
  return card;
}

// A sheet to take along says where to go, too; the address of the item stands on it for the telephone's camera.
function onPaper(card, code, data) {
  const where = element("section", { class: "on-paper" }, element("h3", {}, "去哪办"), place(data));
  const print = button("打印清单", () => printed(card, `/qr/${encodeURIComponent(code)}.svg`), "print");
  return [where, element("div", { class: "after" }, print)];
}

// A numbered line of the text that names a material, with a box to tick and what the text does not say of it.
function tick(line, materials, code) {
  const meant = materials.find(({ name }) => line.replace(NUMBERED, "").startsWith(name));
  return meant ? checkbox(line, meant.issuer ? `来源：${meant.issuer}` : "", code, meant.name) : null;
}

// What is ticked stays ticked in this browser.
export function checkbox(words, note, code, name) {
  const box = element("input", { type: "checkbox" });
  box.checked = ticks.has(code, name);
  box.addEventListener("change", () => ticks.set(code, name, box.checked));
  return element("label", {}, box, element("span", {}, words, note ? element("small", {}, note) : null));
}

function material(one, code) {
  const notes = one.form ? [`${one.form} ${one.copies} 份`, `来源：${one.issuer}`] : [];
  if (!one.required) notes.unshift("视情形");
  if (one.waiver === "告知承诺") notes.push("可以书面承诺代替");
  else if (one.waiver && one.waiver !== "不免交") notes.push(`可免交：${one.waiver}`);
  if (one.note) notes.push(one.note);
  return element("li", {}, checkbox(one.name, notes.join("；"), code, one.name));
}

function place(item) {
  const { office, window: desk, address, hours, phone, directions } = item.place;
  return facts([["地点", desk ? `${office}（${desk}）` : office], ["地址", address], ["时间", hours], ["电话", phone], ["交通", directions]]);
}

function timeLimit(item) {
  const statutory = item.statutory_days == null ? item.statutory_note : `${item.statutory_days} 个工作日（${item.statutory_note}）`;
  return facts([["承诺", `${promised(item)}，从受理算起`], ["法定", statutory]]);
}

// Answers that were kept from before have only the number of working days.
const promised = (item) => item.promised?.text ?? (item.promised_days ? `${item.promised_days} 个工作日` : "当场办结");

function facts(pairs) {
  return element("dl", {}, ...pairs.filter(([, value]) => value)
    .flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, ...linked(value))]));
}

// Entries are texts, or pairs of a text and a note.
function list(kind, entries) {
  return element(kind, { class: kind === "ul" ? "dots" : null }, ...entries.map((entry) => {
    const [text, note] = Array.isArray(entry) ? entry : [entry];
    return element("li", {}, ...linked(text), note ? element("small", {}, note) : null);
  }));
}
