// What is typed on the page of a case is kept on the server until it is sent, so that nothing typed is lost.

const SAVED_AFTER_MS = 1500;
const TRIED_AGAIN_AFTER_MS = 5000;

const root = document.querySelector("[data-live]");
const address = root.dataset.keepAt;
const waiting = new Map(); // act → timer of the next save
const saving = new Map(); // act → save under way
const kept = new Map(); // act → text as last kept; before that, the text that came with the page

const fieldOf = (act) => root.querySelector(`[data-keep="${CSS.escape(act)}"]`);
const isKept = (field) => field.value === (kept.get(field.dataset.keep) ?? field.defaultValue);

root.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-keep]")) return;
  say(target.dataset.keep, "");
  saveSoon(target.dataset.keep, SAVED_AFTER_MS);
});

function saveSoon(act, inMs) {
  if (!waiting.has(act)) waiting.set(act, setTimeout(() => save(act), inMs));
}

function save(act) {
  clearTimeout(waiting.get(act));
  waiting.delete(act);
  // One after another: an older text must not arrive after a newer one.
  const next = (saving.get(act) ?? Promise.resolve()).then(() => send(act));
  saving.set(act, next);
  return next;
}

async function send(act) {
  const field = fieldOf(act);
  if (!field || isKept(field)) return;
  const text = field.value;
  const body = new URLSearchParams({ form_token: field.form.elements.form_token.value, act, text });
  const response = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true }).catch(() => null);
  if (response?.ok) {
    kept.set(act, text);
    if (field.value === text) say(act, text.trim() ? `草稿已存 ${new Date().toTimeString().slice(0, 5)}` : "");
    return;
  }
  const isSignedOut = response?.status === 401 || response?.redirected;
  say(act, isSignedOut ? "登录已结束，草稿没有存上：请先复制，再重新登录" : "草稿没有存上，正在重试", true);
  if (!isSignedOut) saveSoon(act, TRIED_AGAIN_AFTER_MS);
}

function say(act, sentence, isProblem = false) {
  const line = root.querySelector(`[data-kept="${CSS.escape(act)}"]`);
  if (!line) return;
  line.textContent = sentence;
  line.classList.toggle("problem", isProblem);
  // Only what needs an act is read aloud; “saved” after every few letters would disturb.
  line.toggleAttribute("role", false);
  if (isProblem) line.setAttribute("role", "alert");
}

// Before a form is sent: a save that is late would bring back what has been sent.
export async function settle(form) {
  for (const field of form.querySelectorAll("[data-keep]")) {
    const act = field.dataset.keep;
    clearTimeout(waiting.get(act));
    waiting.delete(act);
    await saving.get(act);
    kept.delete(act);
  }
}

// After a form was refused.
export function keep(form) {
  for (const field of form.querySelectorAll("[data-keep]")) save(field.dataset.keep);
}

addEventListener("beforeunload", (event) => {
  const unkept = [...root.querySelectorAll("[data-keep]")].filter((field) => !isKept(field));
  for (const field of unkept) save(field.dataset.keep);
  const isTyped = (field) => !field.matches("[data-keep]") && field.value !== field.defaultValue;
  if (unkept.length || [...root.querySelectorAll("textarea")].some(isTyped)) event.preventDefault();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) for (const act of [...waiting.keys()]) save(act);
});
