// The chat page: one WebSocket, which comes back by itself; what was not answered is sent again under its own number.
import { drawMessage, element } from "./cards.js";
import { drawRating, rated } from "./rating.js";

const STORED = "conversation";
const LONGEST_PAUSE = 15000;

const log = document.getElementById("log");
const typing = document.getElementById("typing");
const form = document.getElementById("say");
const input = document.getElementById("text");
const count = document.getElementById("count");
const status = document.getElementById("status");

let socket;
let pause = 500;
const unanswered = new Map(); // number → {text, button, bubble}

connect();

function connect() {
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const stored = localStorage.getItem(STORED);
  if (stored) address.searchParams.set("conversation", stored);
  socket = new WebSocket(address);
  socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    status.textContent = "连接断开了，正在重新连接……";
    setTimeout(connect, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  });
}

function take(frame) {
  if (frame.type === "hello") return begin(frame);
  if (frame.type === "typing") return showTyping(true);
  if (frame.type === "answer") return answer(frame);
  if (frame.type === "staff") return frame.lines.forEach(showLine);
  if (frame.type === "rated") return rated(frame, rate);
  if (frame.type === "error") return problem(frame);
}

function begin({ conversation, history }) {
  pause = 500;
  status.textContent = "";
  localStorage.setItem(STORED, conversation);
  log.querySelectorAll(":scope > :not(.welcome)").forEach((shown) => shown.remove());
  for (const past of history) {
    if (past.staff) {
      showLine(past.staff);
      continue;
    }
    bubble(past.text);
    past.messages.forEach(show);
    unanswered.delete(past.id);
  }
  for (const [number, waiting] of unanswered) {
    waiting.bubble = bubble(waiting.text, true);
    transmit(number, waiting);
  }
  document.documentElement.dataset.ready = "true";
}

// What was typed, or what stands on the button of that id.
function say(text, button) {
  const number = crypto.randomUUID?.() ?? String(Date.now()) + Math.random();
  unanswered.set(number, { text, button, bubble: bubble(text, true) });
  transmit(number, { text, button });
}

function transmit(number, { text, button }) {
  const said = button ? { type: "press", id: number, button } : { type: "say", id: number, text };
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(said));
}

function answer({ id, messages }) {
  settle(id);
  messages.forEach(show);
}

function problem({ id, error }) {
  settle(id);
  append(element("p", { class: "problem" }, error));
}

function settle(number) {
  unanswered.get(number)?.bubble.classList.remove("waiting");
  unanswered.delete(number);
  if (!unanswered.size) showTyping(false);
}

function show(message) {
  append(drawMessage(message, say));
}

// What a person of the staff wrote; a line by nobody says that one has come or gone.
function showLine({ at, by, text, rate: number }) {
  if (by) append(element("div", { class: "staff" }, element("p", { class: "by" }, `${by} ${at}`), element("p", {}, text)));
  else append(element("p", { class: "notice" }, text));
  if (number) append(drawRating(number, rate));
}

function rate(number, stars, why = "") {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "rate", case: number, stars, why }));
}

const bubble = (text, waiting = false) => append(element("p", { class: waiting ? "mine waiting" : "mine" }, text));

function append(shown) {
  log.append(shown);
  // The question stays in sight above a long answer.
  const asked = log.querySelectorAll(".mine");
  (asked[asked.length - 1] ?? shown).scrollIntoView({ block: "start" });
  return shown;
}

function showTyping(on) {
  typing.hidden = !on;
  if (on) typing.scrollIntoView({ block: "nearest" });
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

document.getElementById("restart").addEventListener("click", () => {
  localStorage.removeItem(STORED);
  unanswered.clear();
  showTyping(false);
  socket.close();
  input.focus();
});
