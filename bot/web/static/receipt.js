// The receipt of a request just filed. Its query code is shown once: what helps to keep it, and what asks before it goes.
import { button, element } from "./element.js";
import { printed } from "./printing.js";

const CODE = /^查询码：(?!\[)(\S+)$/m;
const HIDDEN_CODE = /^查询码：\[/m;

export const isReceipt = (text) => /^回执号：\S+$/m.test(text);

// Whether a code is on the screen that the citizen has not said to have kept.
export const isUnkept = () => Boolean(document.querySelector(".receipt[data-unkept]"));

addEventListener("beforeunload", (event) => {
  if (!isUnkept()) return;
  event.preventDefault();
  event.returnValue = true; // what browsers before 2023 wait for
});

// `body` is the text, drawn whole.
export function receiptCard(text, body) {
  const card = element("article", { class: "card receipt", "aria-label": "申请回执" },
    element("h2", { class: "on-paper" }, "政府信息公开申请回执"), body, element("p", { class: "on-paper about" }, whence()));
  if (CODE.test(text)) {
    card.dataset.unkept = "";
    card.append(keeping(text, card));
  } else if (HIDDEN_CODE.test(text)) card.append(gone());
  return card;
}

function keeping(text, card) {
  const said = element("p", { class: "about", role: "status" }, "离开这个网页，查询码就看不到了。");
  const copy = button("复制", async () => {
    said.textContent = (await copied(text)) ? "已复制，请粘贴到安全的地方。" : "这个浏览器不让复制，请抄下来，或者保存为文件。";
  });
  const keep = button("记好了", () => {
    delete card.dataset.unkept;
    card.querySelector('[data-key="查询码"]').textContent = "已收起";
    actions.remove();
    said.replaceWith(gone());
  }, "main");
  const actions = element("div", { class: "actions" }, copy, button("打印", () => printed(card)),
    button("保存为文件", () => save(text)), keep);
  return element("div", { class: "keeping" }, actions, said);
}

// A sheet of paper tells by itself whence it comes; the day is China's.
function whence() {
  const day = new Date().toLocaleDateString("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long" });
  return `${document.querySelector(".top h1").textContent}，${day}打印。请保管好，不要给别人看查询码。`;
}

const gone = () => element("p", { class: "about" }, "查询码只显示一次，不再显示。没有记下的，说“查询码忘了”。");

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text); // without TLS there is no clipboard
  }
}

function copiedTheOldWay(text) {
  const field = element("textarea", { class: "hidden" });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

function save(text) {
  const [, number] = text.match(/^回执号：(\S+)$/m);
  const address = URL.createObjectURL(new Blob([`政府信息公开申请回执\n\n${text}\n`], { type: "text/plain;charset=utf-8" }));
  element("a", { href: address, download: `信息公开申请回执 ${number}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
