// Draws what the assistant answers. The text stands on every card, whole and in its own words (`prose`); a kind of
// answer may only shape lines of it and add what it does not say.
import { button, element, linked } from "./element.js";
import { hasCard, isTab, itemCard } from "./item_card.js";
import { jointCard } from "./joint_card.js";
import { isReceipt, receiptCard } from "./receipt.js";

// `press(button)` is called when one is pressed.
export function drawMessage(message, press) {
  const { custom = {}, buttons = [] } = message;
  const [lead, text] = custom.certainty === "likely" ? apart(message.text) : ["", message.text];
  const parts = [isReceipt(text) ? receiptCard(text, prose(text)) : card(text, custom)];
  if (lead) parts.unshift(element("p", { class: "lead" }, lead));
  const offered = hasCard(custom) ? buttons.filter((one) => !isTab(one)) : buttons;
  if (offered.length) parts.push(choices(offered, press));
  return element("div", { class: "theirs", "data-kind": custom.kind }, element("span", { class: "hidden" }, "助手："), ...parts);
}

// What leads to the first of several offers (“下面哪条说的是您的情况？”) stands above its card.
function apart(text) {
  const [lead, ...rest] = text.split("\n");
  return rest.length && !NUMBERED.test(lead) ? [lead, rest.join("\n")] : ["", text];
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
  approval_item: (text, custom) => (hasCard(custom) ? itemCard(text, custom, prose) : bubble(text)),
  joint_service: (text, custom) => jointCard(text, custom, prose),
  disclosure_status: disclosureStatus,
  policy_answer: policyAnswer,
  public_letter: publicLetter,
  interview_answer: interviewAnswer,
  letter: letterTaken,
};

const bubble = (text) => element("div", { class: "words" }, prose(text));

const NUMBERED = /^\d+\. /;
const HAS_CODE = /^查询码：/m;
const KEY = /^(回执号|查询码)：(?!\[)(\S+)$/;

// The text line by line, none left out. `entry(line)` draws a numbered line; numbers stay as they are written.
function prose(text, { entry = null, list: listClass = "lines" } = {}) {
  const drawn = element("div", { class: "prose" });
  let list = null;
  for (const line of text.split("\n")) {
    if (!NUMBERED.test(line)) list = null;
    else if (!list) drawn.append((list = element("ul", { class: listClass })));
    if (list) list.append(element("li", {}, ...(entry?.(line) ? [entry(line)] : linked(line))));
    else drawn.append(paragraph(line));
  }
  return drawn;
}

function paragraph(line) {
  const [, name, value] = line.match(KEY) ?? [];
  if (name) return element("p", { class: "key" }, `${name}：`, element("strong", { "data-key": name }, value));
  return element("p", { class: line.startsWith("来源：") ? "source" : null }, ...linked(line));
}

function choices(offered, press) {
  return element("ul", { class: "buttons", "aria-label": "可以选" },
    ...offered.map((offer) => element("li", {}, button(offer.title, () => press(offer)))));
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
  return element("article", { class: "card", "aria-label": sources[0].document }, prose(text),
    ...sources.map((source) => element("details", {},
      element("summary", {}, `${source.document} ${source.article ?? ""}`, source.in_force === false ? element("span", { class: "tag late" }, "已废止") : null),
      element("blockquote", {}, source.passage),
      element("p", { class: "about" }, [source.number, source.published_on && `${source.published_on} 发布`, source.recognised && "由扫描件识别，文字可能有误，以原件为准"].filter(Boolean).join("，")),
      ...wholeText(source),
    )));
}

// With a query code the letter can be followed when the conversation is closed.
function letterTaken(text) {
  const drawn = bubble(text);
  if (HAS_CODE.test(text)) drawn.append(link("/voices/mine", "网上来信：查进展、评价、公开"));
  return drawn;
}

function publicLetter(text, { title, page }) {
  const whole = page?.startsWith("/voices/") ? [link(page, "看来信和答复")] : [];
  return element("article", { class: "card", "aria-label": title }, prose(text), ...whole);
}

function interviewAnswer(text, { title, page }) {
  const whole = page?.startsWith("/interviews/") ? [link(page, "看这场访谈")] : [];
  return element("article", { class: "card", "aria-label": title }, prose(text), ...whole);
}

// Our own page opens at the passage; the document's own address may be another one.
function wholeText({ page, url }) {
  const links = [];
  if (page?.startsWith("/documents/")) links.push([page, "在全文里看这一段"]);
  if (/^https?:/.test(url ?? "") && !(page && url.endsWith(page))) links.push([url, "看原文"]);
  return links.map(([href, title]) => link(href, title));
}

const link = (href, title) => element("a", { href, rel: "noopener noreferrer", target: "_blank" }, title);
