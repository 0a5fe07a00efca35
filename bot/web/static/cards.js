// Draws what the assistant answers. Everything is made with textContent: no answer can become markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// `press(title, id)` is called when a button is pressed.
export function drawMessage(message, press) {
  const kind = message.custom?.kind;
  const parts = [DRAW[kind]?.(message) ?? words(message.text)];
  if (message.buttons?.length) parts.push(buttons(message.buttons, press));
  return element("div", { class: "theirs", "data-kind": kind }, ...parts);
}

const words = (text) => element("div", { class: "words" }, text);

function buttons(offered, press) {
  return element("ul", { class: "buttons", "aria-label": "可以选" }, ...offered.map(({ title, id }) => {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => press(title, id));
    return element("li", {}, button);
  }));
}

const DRAW = {
  approval_item: approvalItem,
  disclosure_status: disclosureStatus,
  policy_answer: policyAnswer,
};

const FACETS = {
  overview: ["办事概要", overview],
  materials: ["要带什么", materials],
  conditions: ["谁能办", (item) => list("ol", item.conditions)],
  process: ["怎么办", (item) => list("ol", item.steps.map((step) => [`${step.name}：${step.detail}`, step.time]))],
  place: ["去哪办", place],
  time_limit: ["多久办好", timeLimit],
  fee: ["收费", (item) => facts([["收费", item.fee], ["依据", item.fee_basis]])],
  online: ["网上能办吗", (item) => facts([["办理形式", item.channel], ["到现场", `${item.visit_count} 次`], ["网上办理", item.online_note]])],
  result: ["办完拿到什么", (item) => facts([["结果", item.result], ["有效期", item.result_validity], ["领取", item.delivery]])],
  legal_basis: ["法律依据", (item) => list("ul", item.legal_basis.map((basis) => [`《${basis.law}》${basis.article}`, basis.gist]))],
};

function approvalItem({ text, custom }) {
  const { code, name, facet, data } = custom;
  if (data.is_elsewhere) return words(text);
  const [title, draw] = FACETS[facet];
  const card = element("article", { class: "card", "aria-label": name },
    element("h2", {}, name),
    element("p", { class: "about" }, `${code} · ${data.kind} · ${data.department}`),
    data.chosen?.length ? element("p", { class: "about" }, `您的情形：${data.chosen.join("，")}`) : null,
    element("section", {}, element("h3", {}, title), draw(data)),
  );
  if (facet === "materials") card.append(printButton());
  if (data.note) card.append(element("p", {}, `提醒：${data.note}`));
  for (const [other, [otherTitle, drawOther]] of Object.entries(FACETS)) {
    if (other !== facet && other !== "overview") {
      card.append(element("details", {}, element("summary", {}, otherTitle), drawOther(data)));
    }
  }
  const basis = data.legal_basis[0];
  card.append(element("p", { class: "source" },
    `来源：本市政务服务事项目录 ${code}（${data.recorded_on} 更新）；《${basis.law}》${basis.article}。监督电话 ${data.complaints_phone}`));
  // Right above the buttons that answer it.
  if (data.question) card.append(element("p", {}, element("strong", {}, data.question.text)));
  return card;
}

function overview(item) {
  return element("div", {}, element("p", {}, item.summary), facts([
    ["办理", `${item.department}，${item.channel}`],
    ["时限", promised(item)],
    ["收费", item.has_fee ? item.fee : "不收费"],
    ["材料", `${item.materials.length} 种`],
    ["地点", `${item.place.office}（${item.place.window}）`],
  ]));
}

function materials(item) {
  return element("ul", { class: "checklist" }, ...item.materials.map((material) => {
    const notes = [`${material.form} ${material.copies} 份`, `来源：${material.issuer}`];
    if (material.waiver === "告知承诺") notes.push("可以书面承诺代替");
    else if (material.waiver !== "不免交") notes.push(`可免交：${material.waiver}`);
    if (material.note) notes.push(material.note);
    return element("li", {}, element("label", {},
      element("input", { type: "checkbox" }),
      element("span", {}, material.name, material.required ? null : " ",
        material.required ? null : element("span", { class: "tag" }, "视情形"), element("small", {}, notes.join("；"))),
    ));
  }));
}

function place(item) {
  const { office, window: desk, address, hours, phone, directions } = item.place;
  return facts([["地点", `${office}（${desk}）`], ["地址", address], ["时间", hours], ["电话", phone], ["交通", directions]]);
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

function printButton() {
  const button = element("button", { type: "button", class: "print" }, "打印清单");
  button.addEventListener("click", () => {
    const message = button.closest(".theirs");
    message.classList.add("printed");
    addEventListener("afterprint", () => message.classList.remove("printed"), { once: true });
    print();
  });
  return button;
}

// The text tells all of it: what the state is, “经过：”, a line an event, then dates, next step and remedies.
function disclosureStatus({ text, custom }) {
  const lines = text.split("\n");
  return element("article", { class: "card", "aria-label": custom.receipt },
    element("h2", {}, lines[0]),
    element("ol", { class: "timeline" }, ...custom.timeline.map((event) =>
      element("li", {}, element("time", { datetime: event.on }, event.on), event.text))),
    element("p", { class: "said" }, lines.slice(2 + custom.timeline.length).join("\n")),
  );
}

function policyAnswer({ text, custom }) {
  return element("article", { class: "card" }, element("p", { class: "said" }, text),
    ...custom.sources.map((source) => element("details", {},
      element("summary", {}, `${source.document} ${source.article ?? ""}`, source.in_force ? null : element("span", { class: "tag late" }, "已废止")),
      element("blockquote", {}, source.passage),
      element("p", { class: "about" }, [source.number, source.published_on && `${source.published_on} 发布`].filter(Boolean).join("，")),
      source.url ? element("a", { href: source.url, rel: "noopener noreferrer", target: "_blank" }, "看原文") : null,
    )));
}
