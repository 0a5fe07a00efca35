// Draws what the assistant answers. The text stands on every card, whole and in its own words (`prose`); a kind of
// answer may only shape lines of it and add what it does not say.
import { element } from "./element.js";
import { printed } from "./printing.js";
import { isReceipt, receiptCard } from "./receipt.js";

// `press(button)` is called when one is pressed.
export function drawMessage(message, press) {
  const { text, custom = {}, buttons = [] } = message;
  const parts = [isReceipt(text) ? receiptCard(text, prose(text)) : card(text, custom)];
  if (custom.certainty === "likely") parts.unshift(element("p", { class: "about" }, "可能是您要找的："));
  if (buttons.length) parts.push(choices(buttons, press));
  return element("div", { class: "theirs", "data-kind": custom.kind }, ...parts);
}

// A card that cannot be drawn costs no word of the answer.
function card(text, custom) {
  try {
    return (CARDS[custom.kind] ?? bubble)(text, custom);
  } catch (error) {
    console.warn(`no card for ${custom.kind}: ${error}`);
    return bubble(text);
  }
}

const CARDS = {
  approval_item: approvalItem,
  disclosure_status: disclosureStatus,
  policy_answer: policyAnswer,
};

const bubble = (text) => element("div", { class: "words" }, prose(text));

const NUMBERED = /^\d+\. /;
const KEY = /^(回执号|查询码)：(?!\[)(\S+)$/;

// The text line by line, none left out. `entry(line)` draws a numbered line; numbers stay as they are written.
function prose(text, { entry = null, list: listClass = "lines" } = {}) {
  const drawn = element("div", { class: "prose" });
  let list = null;
  for (const line of text.split("\n")) {
    if (!NUMBERED.test(line)) list = null;
    else if (!list) drawn.append((list = element("ul", { class: listClass })));
    if (list) list.append(element("li", {}, entry?.(line) ?? line));
    else drawn.append(paragraph(line));
  }
  return drawn;
}

function paragraph(line) {
  const [, name, value] = line.match(KEY) ?? [];
  if (name) return element("p", { class: "key" }, `${name}：`, element("strong", { "data-key": name }, value));
  return element("p", { class: line.startsWith("来源：") ? "source" : null }, line);
}

function choices(offered, press) {
  return element("ul", { class: "buttons", "aria-label": "可以选" }, ...offered.map((offer) => {
    const button = element("button", { type: "button" }, offer.title);
    button.addEventListener("click", () => press(offer));
    return element("li", {}, button);
  }));
}

const FACETS = {
  overview: ["办事概要"], // nothing to unfold: the others say it in full
  materials: ["要带什么", materials],
  conditions: ["谁能办", (item) => list("ol", item.conditions)],
  process: ["怎么办", (item) => list("ol", item.steps.map((step) => [step.detail ? `${step.name}：${step.detail}` : step.name, step.time]))],
  place: ["去哪办", place],
  time_limit: ["多久办好", timeLimit],
  fee: ["收费", (item) => facts([["收费", item.fee], ["依据", item.fee_basis]])],
  online: ["网上能办吗", (item) => facts([["办理形式", item.channel], ["到现场", `${item.visit_count} 次`], ["网上办理", item.online_note]])],
  result: ["办完拿到什么", (item) => facts([["结果", item.result], ["有效期", item.result_validity], ["领取", item.delivery]])],
  legal_basis: ["法律依据", (item) => list("ul", item.legal_basis.map((basis) => [`《${basis.law}》${basis.standing ? `【${basis.standing}】` : ""}${basis.article}`, basis.gist]))],
};

function approvalItem(text, { code, name, facet, data }) {
  if (data.is_elsewhere) return bubble(text);
  const isList = facet === "materials";
  const card = element("article", { class: "card", "aria-label": name },
    element("h2", {}, name),
    element("p", { class: "about" }, `${code} · ${data.kind} · ${data.department}`),
    data.chosen?.length ? element("p", { class: "about" }, `您的情形：${data.chosen.join("，")}`) : null,
    element("section", {}, element("h3", {}, FACETS[facet][0]),
      isList ? prose(text, { list: "checklist", entry: (line) => tick(line, data.materials) }) : prose(text)),
  );
  const rest = isList ? data.materials.filter((material) => !text.includes(material.name)) : [];
  if (rest.length) card.append(element("h3", {}, "清单上其余的"), element("ul", { class: "checklist" }, ...rest.map(material)));
  if (isList) card.append(printButton(card));
  const reminders = (data.note ?? "").split("\n").filter((note) => note && !text.includes(note.replace(/。$/, "")));
  card.append(...reminders.map((note) => element("p", {}, `提醒：${note}`)));
  const isCut = text.includes("（还有 ");
  for (const [other, [title, draw]] of Object.entries(FACETS)) {
    if (draw && (other !== facet || isCut)) card.append(element("details", {}, element("summary", {}, title), draw(data)));
  }
  card.append(element("p", { class: "about" }, `监督电话 ${data.complaints_phone}`));
  return card;
}

// A numbered line of the text that names a material, with a box to tick and what the text does not say of it.
function tick(line, materials) {
  const meant = materials.find(({ name }) => line.replace(NUMBERED, "").startsWith(name));
  return meant ? checkbox(line, meant.issuer ? `来源：${meant.issuer}` : "") : null;
}

const checkbox = (words, note) => element("label", {}, element("input", { type: "checkbox" }),
  element("span", {}, words, note ? element("small", {}, note) : null));

function materials(item) {
  return element("ul", { class: "checklist" }, ...item.materials.map(material));
}

function material(one) {
  const notes = one.form ? [`${one.form} ${one.copies} 份`, `来源：${one.issuer}`] : [];
  if (!one.required) notes.unshift("视情形");
  if (one.waiver === "告知承诺") notes.push("可以书面承诺代替");
  else if (one.waiver && one.waiver !== "不免交") notes.push(`可免交：${one.waiver}`);
  if (one.note) notes.push(one.note);
  return element("li", {}, checkbox(one.name, notes.join("；")));
}

function place(item) {
  const { office, window: desk, address, hours, phone, directions } = item.place;
  return facts([["地点", desk ? `${office}（${desk}）` : office], ["地址", address], ["时间", hours], ["电话", phone], ["交通", directions]]);
}

function timeLimit(item) {
  const statutory = item.statutory_days == null ? item.statutory_note : `${item.statutory_days} 个工作日（${item.statutory_note}）`;
  return facts([["承诺", `${promised(item)}，从受理算起`], ["法定", statutory]]);
}

const promised = (item) => (item.promised_days === 0 ? "当场办结" : `${item.promised_days} 个工作日`);

function facts(pairs) {
  return element("dl", {}, ...pairs.filter(([, value]) => value)
    .flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, value)]));
}

// Entries are texts, or pairs of a text and a note.
function list(kind, entries) {
  return element(kind, {}, ...entries.map((entry) => {
    const [text, note] = Array.isArray(entry) ? entry : [entry];
    return element("li", {}, text, note ? element("small", {}, note) : null);
  }));
}

function printButton(card) {
  const button = element("button", { type: "button", class: "print" }, "打印清单");
  button.addEventListener("click", () => printed(card));
  return button;
}

function disclosureStatus(text, { receipt }) {
  return element("article", { class: "card", "aria-label": receipt }, timeline(prose(text)));
}

// The list right after “经过：” is drawn as a line through time.
function timeline(drawn) {
  const heading = [...drawn.children].find((line) => line.textContent === "经过：");
  heading?.nextElementSibling?.classList.add("timeline");
  return drawn;
}

function policyAnswer(text, { sources }) {
  return element("article", { class: "card" }, prose(text),
    ...sources.map((source) => element("details", {},
      element("summary", {}, `${source.document} ${source.article ?? ""}`, source.in_force === false ? element("span", { class: "tag late" }, "已废止") : null),
      element("blockquote", {}, source.passage),
      element("p", { class: "about" }, [source.number, source.published_on && `${source.published_on} 发布`].filter(Boolean).join("，")),
      /^https?:/.test(source.url ?? "") ? element("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, "看原文") : null,
    )));
}
