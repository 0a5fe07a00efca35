// A person of the staff near the talk: the place in the line, that one types, and files to and from them.
import { button, element } from "./element.js";

const WRITING_EVERY_MS = 3000;
const WRITING_FOR_MS = 6000;

// `conversation()` gives its id, `tell(frame)` sends a frame, `input` is the field, `problem(words)` shows what went wrong.
export function personNear({ place, writes, input, conversation, tell, problem }) {
  let stage = "nobody";
  let toldAt = -Infinity;
  let timer;
  const chooser = element("input", { type: "file", accept: place.dataset.formats, hidden: true, "aria-label": "给工作人员发文件" });
  const words = element("span", { role: "status" });
  const attach = button("发文件", () => chooser.click(), "plain");
  place.append(words, attach, chooser);
  chooser.addEventListener("change", send);
  input.addEventListener("input", tellOfWriting);
  return { show, showWriting, hideWriting };

  function show(near) {
    stage = near.stage;
    place.hidden = stage === "nobody";
    words.textContent = WORDS[stage](near);
    if (stage !== "talks") hideWriting();
  }

  // The server repeats `writing` while somebody types. The line goes away WRITING_FOR_MS after the last one.
  function showWriting() {
    clearTimeout(timer);
    writes.textContent = "工作人员正在输入……";
    timer = setTimeout(hideWriting, WRITING_FOR_MS);
  }

  function hideWriting() {
    writes.textContent = "";
  }

  function tellOfWriting({ timeStamp }) {
    if (stage !== "talks" || !input.value || timeStamp - toldAt < WRITING_EVERY_MS) return;
    toldAt = timeStamp;
    tell({ type: "writing" });
  }

  async function send() {
    const [file] = chooser.files;
    if (!file) return;
    const body = new FormData();
    body.append("conversation", conversation());
    body.append("number", crypto.randomUUID?.() ?? String(Date.now()) + Math.random());
    body.append("file", file);
    chooser.value = "";
    attach.disabled = true;
    attach.textContent = "正在传……";
    try {
      const response = await fetch("/talk/files", { method: "POST", body });
      if (!response.ok) problem(`${(await response.json()).error}。`);
    } catch {
      problem("连接断了，文件没有发出去，请再试一次。");
    } finally {
      attach.disabled = false;
      attach.textContent = "发文件";
    }
  }
}

const WORDS = {
  nobody: () => "",
  waits: ({ place, on_duty: onDuty }) => line(place) + (onDuty ? "，请稍候" : "，现在不是上班时间，上班后按顺序回答您"),
  taken: () => "工作人员已经接手，正在看您的问题",
  talks: () => "工作人员在和您对话",
};

const line = (place) => (place > 1 ? `您前面还有 ${place - 1} 位在等人工` : "下一位就是您");

// The id of the conversation is a secret and stands in no address: a form sends it.
function formTo(action, ...parts) {
  return element("form", { method: "post", action, class: "file", target: "_self" }, ...parts);
}

function post(action, conversation, target = "_self") {
  const form = formTo(action, element("input", { type: "hidden", name: "conversation", value: conversation }));
  form.target = target;
  document.body.append(form);
  form.submit();
  form.remove();
}

// `isNamed`: the words beside it do not name the file.
export function drawFile({ id, name, size }, conversation, { isNamed = false } = {}) {
  return formTo(`/talk/files/${id}`, element("input", { type: "hidden", name: "conversation", value: conversation }),
    element("button", {}, isNamed ? `${name} ` : element("span", { class: "hidden" }, `${name} `), `下载（${size}）`));
}

export const downloadTalk = (conversation) => post("/talk/history", conversation);

// Beside the chat, which goes on.
export const sendTalk = (conversation) => post("/talk/link", conversation, "_blank");
