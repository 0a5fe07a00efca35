// The chat page: what is asked, what is answered, and how one leaves. The frames are those of `bot/web/portal.py`.
import { drawMessage } from "./cards.js";
import { connect } from "./connection.js";
import { element } from "./element.js";
import { askToForget, forgottenCard } from "./forgetting.js";
import * as memory from "./memory.js";
import { Question } from "./questions.js";
import { drawRating, rated } from "./rating.js";
import { isUnkept } from "./receipt.js";

const log = document.getElementById("log");
const form = document.getElementById("say");
const input = document.getElementById("text");
const count = document.getElementById("count");
const status = document.getElementById("status");
const leaving = document.getElementById("leaving");
const hotline = document.body.dataset.hotline;

const questions = new Map(); // number → Question, of all on the screen
let linesShown = 0; // lines of staff on the screen
let shown = null; // the conversation on the screen

await memory.followAnotherTab();
const connection = connect({
  hello: () => ({ type: "hello", conversation: memory.conversation() }),
  take,
  lost(isLong) {
    const help = isLong ? `一直连不上的，请刷新网页，或者拨打 ${hotline}。` : "";
    status.textContent = `连接断开了，正在重新连接，连上以后自动接着办。${help}`;
    for (const question of questions.values()) if (question.state === "sent") question.show("failed");
  },
});

const TAKE = {
  hello: begin,
  typing: ({ id }) => questions.get(id)?.show("asking"),
  waiting: ({ id, place }) => questions.get(id)?.show("waiting", place),
  said: ({ id, text }) => showQuestion(id, text).show("asking"),
  answer,
  staff: ({ lines }) => lines.forEach(showLine),
  rated: (frame) => rated(frame, rate),
  forget: ({ kept }) => askToForget(kept, () => forget(true)),
  forgotten: (frame) => append(forgottenCard(frame)).focus(),
  error: problem,
  ended: () => beginAnew("太久没有说话，或者您在别处离开了。为了保护您的隐私，对话已经清除，可以直接问新的问题。"),
};

function take(frame) {
  TAKE[frame.type]?.(frame);
}

// Also after each lost connection: what is on the screen stays, and what came meanwhile is added.
function begin({ conversation, history, ended }) {
  if (shown && shown !== conversation) empty();
  if (ended) notice("之前的对话已经结束。为了保护您的隐私，内容已经清除，可以直接问新的问题。");
  shown = conversation;
  memory.keepConversation(conversation);
  status.textContent = "";
  history.filter((past) => past.staff).slice(linesShown).forEach((past) => (past.isNew = true));
  for (const past of history) {
    if (!past.staff) resume(past);
    else if (past.isNew) showLine(past.staff);
  }
  for (const [number, { title, ...said }] of memory.pending.all()) transmit(number, showQuestion(number, title, said));
  document.documentElement.dataset.ready = "true";
}

function resume({ id, text, ...answered }) {
  const { title = text, ...said } = memory.pending.get(id) ?? {};
  const question = showQuestion(id, title, said.text || said.button ? said : { text });
  if (answered.messages) answer({ id, ...answered });
  else question.show("asking");
}

// `said`: what was typed, or the button that was pressed.
function ask(title, said) {
  const number = crypto.randomUUID?.() ?? String(Date.now()) + Math.random();
  memory.pending.add(number, { title, ...said });
  transmit(number, showQuestion(number, title, said));
}

const say = (text) => ask(text, { text });
const press = ({ title, id }) => ask(title, { button: id });

// Under the same number, however often: it is answered once.
function transmit(number, question) {
  const { text, button } = question.said;
  const isSent = connection.send(button ? { type: "press", id: number, button } : { type: "say", id: number, text });
  question.show(isSent ? "sent" : "failed");
  return isSent;
}

function showQuestion(number, title, said = { text: title }) {
  if (!questions.has(number)) {
    const question = new Question(title, said, {
      sendAgain: (one) => transmit(number, one) || connection.again(),
      change: (one) => takeBack(number, one),
      isLate: () => connection.again(),
    });
    questions.set(number, question);
    append(question.element);
  }
  return questions.get(number);
}

function takeBack(number, question) {
  memory.pending.remove(number);
  questions.delete(number);
  question.remove();
  input.value = question.said.text;
  grow();
  input.focus();
}

function answer({ id, messages, once }) {
  const question = questions.get(id);
  if (!question || question.isAnswered) return;
  memory.pending.remove(id);
  question.answer(messages.map((message) => drawMessage(message, press)), messages.length ? "" : "已送达，等工作人员回答");
  if (once) connection.send({ type: "shown", id });
}

function problem({ id, error }) {
  if (questions.has(id)) questions.get(id).show("failed", error);
  else append(element("p", { class: "problem", role: "alert" }, error));
}

// What a person of the staff wrote; a line by nobody says that one has come or gone.
function showLine({ at, by, text, rate: number }) {
  linesShown += 1;
  if (by) append(element("div", { class: "staff" }, element("p", { class: "by" }, `${by} ${at}`), element("p", {}, text)));
  else notice(text);
  if (number) append(drawRating(number, rate));
}

function rate(number, stars, why = "") {
  connection.send({ type: "rate", case: number, stars, why });
}

const notice = (text) => append(element("p", { class: "notice" }, text));

function append(shown) {
  log.append(shown);
  // The question stays in sight above a long answer.
  const asked = log.querySelectorAll(".mine");
  (asked[asked.length - 1] ?? shown).scrollIntoView({ block: "start" });
  return shown;
}

function empty() {
  questions.forEach((question) => question.remove());
  questions.clear();
  linesShown = 0;
  log.querySelectorAll(":scope > :not(.welcome)").forEach((shown) => shown.remove());
}

// Nothing of the conversation is left on the screen and in the browser's memory.
function beginAnew(why) {
  memory.forget();
  empty();
  shown = null;
  input.value = "";
  grow();
  notice(why);
  connection.again();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  grow();
  say(text);
});

input.addEventListener("keydown", (event) => {
  // While an input method composes, Enter chooses characters.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

input.addEventListener("input", grow);

function grow() {
  input.rows = Math.min(5, input.value.split("\n").length);
  const left = input.maxLength - input.value.length;
  count.textContent = left < 100 ? `还能写 ${left} 字` : "";
}

document.querySelectorAll("[data-say]").forEach((button) =>
  button.addEventListener("click", () => say(button.dataset.say)));

document.getElementById("leave").addEventListener("click", () => {
  leaving.querySelector("[data-unkept]").hidden = !isUnkept();
  leaving.querySelector("[data-waiting]").hidden = !log.querySelector('[data-kind="handoff"]');
  leaving.returnValue = "";
  leaving.showModal();
});

leaving.addEventListener("close", () => {
  if (leaving.returnValue === "leave") leave();
});

function leave() {
  connection.send({ type: "leave" });
  memory.tellOthersThatWeLeft();
  beginAnew("已经离开，对话从屏幕和这个浏览器里清除了。还有问题，可以直接问。");
  input.focus();
}

// First what the law keeps is asked for; only a citizen who has read it can be sure.
function forget(sure) {
  if (!connection.send({ type: "forget", sure })) status.textContent = "现在没有连上，记录还没有删，请稍后再按一次。";
}

document.getElementById("forget").addEventListener("click", () => forget(false));

memory.whenAnotherTabLeaves(() => beginAnew("您在另一个窗口离开了，对话已经清除。还有问题，可以直接问。"));
