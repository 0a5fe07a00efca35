// The chat page: what is asked, what is answered, and how one leaves. The frames are those of `bot/web/portal.py`.
import { drawMessage } from "./cards.js";
import { connect } from "./connection.js";
import { button, element } from "./element.js";
import { askToForget, forgottenCard } from "./forgetting.js";
import * as memory from "./memory.js";
import { downloadTalk, drawFile, personNear, sendTalk } from "./person.js";
import { Question } from "./questions.js";
import { calledBack, drawCallBack, drawGrading, drawRating, rated, thank } from "./rating.js";
import { isUnkept } from "./receipt.js";
import { offerDictation, readAloud } from "./speech.js";
import { propose } from "./suggest.js";

document.documentElement.classList.add("scripts");
const main = document.getElementById("main");
const log = document.getElementById("log");
const form = document.getElementById("say");
const input = document.getElementById("text");
const count = document.getElementById("count");
const status = document.getElementById("status");
const leaving = document.getElementById("leaving");
const newest = document.getElementById("newest");
const heard = document.getElementById("heard");
const hotline = document.body.dataset.hotline;

const questions = new Map(); // number → Question, of all on the screen
const lines = new Set(); // ids of the lines of staff on the screen
let shown = null; // the conversation on the screen

await memory.followAnotherTab();
const connection = connect({
  hello: () => ({ type: "hello", conversation: memory.conversation(), lang: document.documentElement.lang }),
  take,
  lost(isLong) {
    const help = isLong ? `一直连不上的，请刷新网页，或者拨打 ${hotline}。` : "";
    status.textContent = navigator.onLine === false
      ? `您的设备没有联网，写好的话先留着，联网后自动接着办。急事请拨打 ${hotline}。`
      : `连接断开了，正在重新连接，连上以后自动接着办。${help}`;
    for (const question of questions.values()) if (question.state === "sent") question.show("failed");
  },
});

const person = personNear({
  place: document.getElementById("person"),
  writes: document.getElementById("writes"),
  input,
  conversation: memory.conversation,
  tell: (frame) => connection.send(frame),
  problem: (words) => append(element("p", { class: "problem", role: "alert" }, words)),
});

const TAKE = {
  hello: begin,
  earlier: showEarlier,
  typing: ({ id }) => questions.get(id)?.show("asking"),
  waiting: ({ id, place }) => questions.get(id)?.show("waiting", place),
  said: ({ id, text, file }) => showQuestion(id, text, undefined, file).show("asking"),
  answer,
  staff: ({ lines: told }) => told.forEach(showLine),
  person: (near) => person.show(near),
  writing: () => person.showWriting(),
  rated: (frame) => rated(frame, rate),
  called_back: calledBack,
  graded: ({ id, stars }) => thank(questions.get(id).element.querySelector(".grading"), stars, say),
  forget: ({ kept }) => askToForget(kept, () => forget(true)),
  forgotten: (frame) => append(forgottenCard(frame)).focus(),
  error: problem,
  ended: () => beginAnew("太久没有说话，或者您在别处离开了。为了保护您的隐私，对话已经清除，可以直接问新的问题。"),
};

function take(frame) {
  TAKE[frame.type]?.(frame);
}

// Also after each lost connection: what is on the screen stays, and what came meanwhile is added.
function begin({ conversation, history, ended, earlier }) {
  if (shown && shown !== conversation) empty();
  if (ended) notice("之前的对话已经结束。为了保护您的隐私，内容已经清除，可以直接问新的问题。");
  if (shown !== conversation) offerEarlier(earlier);
  shown = conversation;
  memory.keepConversation(conversation);
  status.textContent = "";
  history.forEach(resume);
  for (const [number, { title, ...said }] of memory.pending.all()) transmit(number, showQuestion(number, title, said));
  document.documentElement.dataset.ready = "true";
}

function resume({ staff, id, text, file, ...answered }) {
  if (staff) {
    showLine(staff);
    return;
  }
  const { title = text, ...said } = memory.pending.get(id) ?? {};
  const question = showQuestion(id, title, said.text || said.button ? said : { text }, file);
  if (answered.messages) answer({ id, ...answered });
  else question.show("asking");
}

// A long conversation begins with its newest part.
function offerEarlier(before) {
  log.querySelector(".earlier")?.remove();
  if (before) log.prepend(button("看更早的对话", () => connection.send({ type: "earlier", before }), "earlier"));
}

function showEarlier({ history, earlier }) {
  const place = log.querySelector(".earlier")?.nextElementSibling;
  const below = log.scrollHeight;
  const count = log.children.length;
  history.forEach(resume);
  [...log.children].slice(count).forEach((older) => log.insertBefore(older, place));
  offerEarlier(earlier);
  scroller().scrollTop = main.querySelector(".log").scrollHeight - below;
}

const scroller = () => (getComputedStyle(main).overflowY === "auto" ? main : document.scrollingElement);

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
  const { text, button: pressed } = question.said;
  const isSent = connection.send(pressed ? { type: "press", id: number, button: pressed } : { type: "say", id: number, text });
  question.show(isSent ? "sent" : "failed");
  return isSent;
}

function showQuestion(number, title, said = { text: title }, file = null) {
  if (!questions.has(number)) {
    const question = new Question(title, said, {
      sendAgain: (one) => transmit(number, one) || connection.again(),
      change: (one) => takeBack(number, one),
      isLate: () => connection.again(),
    });
    questions.set(number, question);
    append(question.element);
    if (file) question.line.before(drawFile(file, memory.conversation()));
  }
  return questions.get(number);
}

function takeBack(number, question) {
  memory.pending.remove(number);
  questions.delete(number);
  question.remove();
  type(question.said.text);
  input.focus();
}

function answer({ id, messages, once, stars }) {
  const question = questions.get(id);
  if (!question || question.isAnswered) return;
  memory.pending.remove(id);
  const drawn = messages.map((message) => drawMessage(message, press));
  question.answer([...drawn, ...below(id, messages, stars)], messages.length ? "" : "已送达，等工作人员回答");
  question.bubble.scrollIntoView({ block: "start" });
  if (once) connection.send({ type: "shown", id });
}

// Below an answer: reading aloud and, where the answer can be graded, the grades. `stars` 0: not graded yet.
function below(id, messages, stars) {
  if (stars == null) return [];
  const row = element("div", { class: "after" });
  const aloud = readAloud(() => messages.map(({ text }) => text).join("\n"));
  if (aloud) row.append(aloud);
  row.append(drawGrading(stars, { grade: (given) => connection.send({ type: "grade", id, stars: given }), say }));
  return [row];
}

function problem({ id, error }) {
  if (questions.has(id)) questions.get(id).show("failed", error);
  else append(element("p", { class: "problem", role: "alert" }, error));
}

// What a person of the staff wrote; a line by nobody says that one has come or gone.
function showLine({ id, at, by, text, file, rate: number, call_back: asks }) {
  if (id && lines.has(id)) return;
  lines.add(id);
  const files = file ? [drawFile(file, memory.conversation(), { isNamed: true })] : [];
  if (by) person.hideWriting();
  if (by) append(element("div", { class: "staff" }, element("p", { class: "by" }, `${by} ${at}`), element("p", {}, text), ...files));
  else notice(text);
  if (number) append(drawRating(number, rate));
  if (asks) append(drawCallBack(id, (answer) => connection.send({ type: "call_back", line: id, answer })));
}

function rate(number, stars, why = "") {
  connection.send({ type: "rate", case: number, stars, why });
}

const notice = (...parts) => append(element("p", { class: "notice" }, ...parts));

function append(added) {
  log.append(added);
  main.classList.add("talking");
  // The question stays in sight above a long answer.
  const asked = log.querySelectorAll(".mine");
  (asked[asked.length - 1] ?? added).scrollIntoView({ block: "start" });
  return added;
}

function empty() {
  person.show({ stage: "nobody" });
  questions.forEach((question) => question.remove());
  questions.clear();
  lines.clear();
  log.replaceChildren();
  main.classList.remove("talking");
}

// Nothing of the conversation is left on the screen and in the tab's memory.
function beginAnew(...why) {
  memory.forget();
  empty();
  shown = null;
  type("");
  notice(...why);
  main.classList.remove("talking");
  connection.again();
}

function type(text) {
  input.value = text;
  grow();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  proposals.close();
  type("");
  say(text);
});

const proposals = propose(input, document.getElementById("suggestions"), heard, (text) => {
  type("");
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
type(input.value || memory.draft.get());


// A page of a service or a document leads here with what to ask about. It stands in the field, and goes from the address.
if (location.search) history.replaceState(null, "", location.pathname);

function grow() {
  memory.draft.set(input.value);
  input.rows = Math.min(5, input.value.split("\n").length);
  const left = input.maxLength - input.value.length;
  count.textContent = left < 100 ? `还能写 ${left} 字` : "";
}

document.querySelectorAll("[data-say]").forEach((asks) => asks.addEventListener("click", (event) => {
  event.preventDefault();
  say(asks.dataset.say);
}));

offerDictation(document.getElementById("speak"), input, heard);

new IntersectionObserver(([{ isIntersecting }]) => main.classList.toggle("far", !isIntersecting)).observe(document.querySelector(".site"));
newest.addEventListener("click", () => {
  log.scrollIntoView({ block: "end" });
  log.focus({ preventScroll: true });
});

// 适老版 is a cookie, so that the page comes large at once.
document.getElementById("view").addEventListener("click", (event) => {
  event.preventDefault();
  const isElder = document.documentElement.dataset.view !== "elder";
  document.documentElement.dataset.view = isElder ? "elder" : "";
  document.cookie = `view=${isElder ? "elder" : ""}; path=/; max-age=31536000; samesite=lax`;
  event.target.textContent = isElder ? "标准版" : "适老版";
});

// The old conversation is not ended, so one may go back to it until it falls silent for too long.
document.getElementById("restart").addEventListener("click", () => {
  const before = memory.conversation();
  if (!questions.size || (isUnkept() && !confirm("查询码还没有记好，重新开始后看不到了。还要重新开始吗？"))) return;
  beginAnew("已重新开始，可以问新的问题。", button("回到刚才的对话", () => {
    empty();
    memory.forget();
    memory.keepConversation(before);
    connection.again();
  }));
});

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
  // Whoever leaves a public computer is signed out too, where one can sign in at all.
  if (document.querySelector('a[href="/me"]')) fetch("/me/sign-out", { method: "POST", redirect: "manual" }).catch(() => {});
  memory.tellOthersThatWeLeft();
  memory.forget({ ticks: true });
  beginAnew("已经离开，对话从屏幕和这个浏览器里清除了。还有问题，可以直接问。");
  input.focus();
}

for (const [id, act] of [["history", downloadTalk], ["link", sendTalk]]) {
  // Where nothing can be sent, there is no button for it.
  document.getElementById(id)?.addEventListener("click", () => {
    if (shown && questions.size) act(shown);
    else status.textContent = "这段对话里还没有内容。";
  });
}

// First what the law keeps is asked for; only a citizen who has read it can be sure. The warning that nothing was deleted
// goes into the conversation, since the next attempt to connect writes over the status.
function forget(sure) {
  if (!connection.send({ type: "forget", sure })) notice("现在没有连上，记录还没有删，请连上以后再按一次。");
}

document.getElementById("forget").addEventListener("click", () => forget(false));

memory.whenAnotherTabLeaves(() => beginAnew("您在另一个窗口离开了，对话已经清除。还有问题，可以直接问。"));
