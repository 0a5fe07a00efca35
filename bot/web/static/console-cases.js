// The queue and the page of a case: kept fresh by server-sent events, forms sent without leaving the page, keyboard.
// Whatever the server draws anew replaces its part of the page, unless somebody is typing in that part.

import { markTitle } from "./console-news.js";
import { keep, settle } from "./console-unsent.js";

const FIELDS = "input:not([type=hidden]), textarea, select:not([data-insert])";
const COUNTED_EVERY_MS = 30000;
const WRITING_EVERY_MS = 3000;
const WRITING_FOR_MS = 6000;

const root = document.querySelector("[data-live]");
const told = document.querySelector("[data-told]");
const news = document.querySelector("[data-news]");
// After a form that was refused without the script the address is the form's.
const here = new URL(root.dataset.here ?? location.href, location.href);
const drawn = new Map(); // name of a part → as the server last drew it

const writes = document.querySelector("[data-writes]"); // none in the queue
let toldOfWriting = -Infinity;
let stream;
let isRefreshing = false;
let isStale = false;

for (const part of root.querySelectorAll("[data-part]")) drawn.set(part.dataset.part, part.innerHTML);
listen();
count();
sayCarried();
setInterval(count, COUNTED_EVERY_MS);

// What is live

function listen() {
  // The old stream is closed only when the new one is open. Otherwise this page would miss what happens between the two.
  const last = stream;
  stream = new EventSource(root.dataset.live);
  // What changed before it was open, or while it was lost, was not told.
  stream.addEventListener("open", () => {
    last?.close();
    refresh();
  });
  stream.addEventListener("message", ({ data }) => {
    if (JSON.parse(data).topic === "writing") return showWriting();
    document.dispatchEvent(new Event("desk-changed"));
    if (JSON.parse(data).topic === root.dataset.topic) refresh();
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) say("登录已经结束或者连接断了，请先存下在写的，再刷新这一页。", "problem");
  });
}

// The server repeats `writing` while the other side types. The line goes away soon after the last one.
function showWriting() {
  clearTimeout(writes.timer);
  writes.textContent = "对方正在输入……";
  writes.timer = setTimeout(hideWriting, WRITING_FOR_MS);
}

function hideWriting() {
  writes.textContent = "";
}

root.addEventListener("input", ({ target, timeStamp }) => {
  if (target.id !== "reply-text" || timeStamp - toldOfWriting < WRITING_EVERY_MS || !target.value) return;
  toldOfWriting = timeStamp;
  fetch(root.dataset.writing, { method: "POST", headers: { "X-CSRF-Token": target.form.elements.form_token.value } }).catch(() => {});
});

async function refresh() {
  if (isRefreshing) {
    isStale = true;
    return;
  }
  isRefreshing = true;
  try {
    do {
      isStale = false;
      const address = new URL(here);
      address.searchParams.set("part", "all");
      const response = await fetch(address).catch(() => null);
      if (response?.ok) {
        const known = new Set(things());
        patch(read(await response.text()));
        if (things().some((thing) => !known.has(thing))) {
          if (writes) hideWriting();
          tellNews();
        }
      }
    } while (isStale);
  } finally {
    isRefreshing = false;
  }
}

const read = (html) => new DOMParser().parseFromString(html, "text/html");

// What is news when it appears: a message on the page of a case, a case in the queue.
function things() {
  return [...root.querySelectorAll(".turns > [data-thing], .cases [data-case]")].map((shown) => shown.dataset.thing ?? shown.dataset.case);
}

function patch(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const shown = root.querySelector(`[data-part="${CSS.escape(name)}"]`);
    if (!shown || drawn.get(name) === part.innerHTML) continue;
    if (isInUse(shown)) continue;
    drawn.set(name, part.innerHTML);
    for (const open of shown.querySelectorAll("details[open][data-key]")) {
      part.querySelector(`details[data-key="${CSS.escape(open.dataset.key)}"]`)?.setAttribute("open", "");
    }
    const focused = shown.contains(document.activeElement) ? rowOf(document.activeElement)?.dataset.case : null;
    const [height, below, hasFocus] = [shown.scrollHeight, shown.scrollTop, shown === document.activeElement];
    shown.replaceWith(part);
    // A conversation is scrolled from its end; whoever reads further up goes on reading there.
    if (below < 0) part.scrollTop = below - (part.scrollHeight - height);
    else if (below > 0) part.scrollTop = below;
    if (hasFocus) part.focus();
    if (focused) root.querySelector(`[data-case="${CSS.escape(focused)}"] .open`)?.focus();
  }
  count();
}

function isInUse(part) {
  return [...part.querySelectorAll(FIELDS)].some((field) => field === document.activeElement || isChanged(field));
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) {
    const first = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(0, first);
  }
  return field.value !== field.defaultValue;
}

// A sentence at the foot of the page, without a sound.
function tellNews() {
  const isInSight = isLastInSight();
  if (document.hidden) markTitle("● ");
  if (isInSight && !document.hidden) return;
  news.textContent = lastLine() ? "有新消息" : "有新的案件";
  news.hidden = false;
}

const lastLine = () => root.querySelector(".turns > :last-child");

// The conversation may scroll by itself, within the page.
function isLastInSight() {
  const last = lastLine();
  if (!last) return false;
  const [shown, frame] = [last.getBoundingClientRect(), last.closest(".talk").getBoundingClientRect()];
  return shown.top < Math.min(innerHeight, frame.bottom) && shown.bottom > Math.max(0, frame.top);
}

news.addEventListener("click", () => {
  root.querySelector(".turns > :last-child, .cases .open")?.scrollIntoView({ block: "center" });
  news.hidden = true;
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) markTitle("");
});

addEventListener("scroll", () => {
  if (isLastInSight()) news.hidden = true;
}, { passive: true, capture: true });

// As `bot/web/console/words.py` words it.
function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} 分钟`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} 小时${minutes % 60 ? ` ${minutes % 60} 分` : ""}`;
  return `${Math.floor(minutes / 1440)} 天`;
}

function count() {
  for (const shown of root.querySelectorAll("[data-until]")) {
    if (Date.parse(shown.dataset.until) < Date.now()) {
      shown.remove();
      refresh();
    }
  }
  for (const shown of root.querySelectorAll("[data-due]")) {
    const left = (Date.parse(shown.dataset.due) - Date.now()) / 1000;
    shown.textContent = left >= 0 ? `还剩 ${duration(left)}` : `超时 ${duration(-left)}`;
    shown.closest("tr, .facts > div")?.classList.toggle("late", left < 0);
  }
}

// Forms

root.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-stay]")) return;
  event.preventDefault();
  const buttons = [...form.querySelectorAll("button")];
  if (buttons.some((button) => button.disabled)) return;
  const filled = new FormData(form, event.submitter);
  const body = form.enctype === "multipart/form-data" ? filled : new URLSearchParams(filled);
  for (const button of buttons) button.disabled = true;
  try {
    await settle(form);
    const response = await fetch(form.getAttribute("action"), { method: "POST", body });
    const page = read(await response.text());
    const flash = page.querySelector(".flash")?.textContent ?? "";
    if (response.redirected && new URL(response.url).pathname !== here.pathname) {
      form.reset();
      carry(flash);
      return location.assign(response.url);
    }
    if (response.ok) {
      form.reset();
      if (form.contains(document.activeElement)) document.activeElement.blur();
      form.closest("details[data-key]")?.removeAttribute("open");
    }
    const sentence = page.querySelector(".flash, .problem") ?? page.querySelector("main p");
    if (!response.ok) keep(form);
    if (response.ok) say(flash, "flash");
    else say(sentence?.textContent ?? "没有办成，请再试一次", "problem");
    patch(page);
    if (response.redirected) listen(); // a merged case has more conversations to listen to
  } catch {
    keep(form);
    say("连接断了，没有发出去，请再试一次", "problem");
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});

// The sentence came with the answer to the script; the page that is opened next has to say it.
function carry(sentence) {
  try {
    sessionStorage.setItem("said", sentence);
  } catch {
    // Nothing but the sentence is lost.
  }
}

function sayCarried() {
  try {
    const sentence = sessionStorage.getItem("said");
    sessionStorage.removeItem("said");
    if (sentence) say(sentence, "flash");
  } catch {
    // As above.
  }
}

function say(sentence, kind) {
  document.querySelectorAll("main > .flash").forEach((old) => old.remove());
  const line = document.createElement("p");
  line.className = kind;
  line.textContent = sentence;
  (told ?? news).replaceChildren(...(sentence ? [line] : []));
  if (!told) news.hidden = !sentence;
  if (sentence && told?.getBoundingClientRect().top < 0) told.scrollIntoView({ block: "center" });
}

root.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-insert]")) return;
  insert(document.getElementById(target.dataset.insert), target.selectedOptions[0].dataset.text);
  target.selectedIndex = 0;
});

// Texts that are inserted: canned replies, suggestions

const isEmpty = (field) => !field.value.trim();

function insert(field, text, from = field.selectionStart) {
  field.setRangeText(text, isEmpty(field) ? 0 : from, isEmpty(field) ? field.value.length : field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

async function load(place, options = {}) {
  const address = new URL(place.dataset.load, location.href);
  const response = await fetch(address, options).catch(() => null);
  const list = response?.ok ? read(await response.text()).querySelector("[data-suggestions]") : null;
  if (list) place.replaceChildren(list);
}

for (const place of root.querySelectorAll("[data-load]")) load(place);

root.addEventListener("submit", (event) => {
  const place = event.target.closest("[data-load]");
  if (!place) return;
  event.preventDefault();
  if (event.target.matches("[data-asks]")) {
    load(place, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
    return;
  }
  const act = event.target.elements.act.value;
  const fold = root.querySelector(`details[data-key="${CSS.escape(act)}"]`);
  if (fold) fold.open = true;
  const field = root.querySelector(`[data-keep="${CSS.escape(act)}"]`);
  insert(field, isEmpty(field) ? event.submitter.value : `\n${event.submitter.value}`, field.value.length);
});

document.querySelector("[data-all]")?.addEventListener("change", ({ target }) => {
  for (const box of root.querySelectorAll("[name=case]")) box.checked = target.checked;
});

// Keyboard

const rowOf = (element) => element?.closest?.("[data-case]");

function step(by) {
  const rows = [...root.querySelectorAll("[data-case]")];
  const at = rows.indexOf(rowOf(document.activeElement));
  const next = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.querySelector(".open").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  const field = event.target.closest?.("input, select, textarea");
  if (field) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.matches("textarea")) send(field.form, event.shiftKey);
    if (event.key === "Escape") field.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (document.querySelector("dialog[open]") || goes.isComing(event)) return;
  if (event.key === "j") (near() ? go : step)(1);
  else if (event.key === "k") (near() ? go : step)(-1);
  else if (event.key === "c" && rowOf(event.target)) rowOf(event.target).querySelector("form button")?.click();
  else if (event.key === "x" && rowOf(event.target)) rowOf(event.target).querySelector("[name=case]")?.click();
  else if (event.key === "i") root.querySelector("[data-insert-text]")?.click();
  else if (!unfold(event)) press(event);
});

function send(form, isClosing) {
  const closing = isClosing ? form.querySelector("[data-closes]") : null;
  form.requestSubmit(closing ?? form.querySelector("button:not([formaction])"));
}

// The list beside the case.
const near = () => root.querySelector(".near");

function go(by) {
  const links = [...near().querySelectorAll("a[data-near]")];
  const at = links.findIndex((link) => link.hasAttribute("aria-current"));
  links[at < 0 ? 0 : at + by]?.click();
}

function press(event) {
  const target = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("button")) target.click();
  else target.focus();
}

// The form of an act, by its key.
function unfold(event) {
  const fold = root.querySelector(`details[data-press="${CSS.escape(event.key)}"]`);
  if (!fold) return false;
  event.preventDefault();
  fold.open = true;
  // At once, so that no letter typed just after the key is lost.
  fold.querySelector("form").querySelector("input:not([type=hidden]), select, textarea, button").focus();
  return true;
}

// After `g` a letter goes elsewhere (`console.js`).
const goes = {
  at: -Infinity,
  isComing(event) {
    const follows = event.timeStamp - this.at < 1500;
    this.at = event.key === "g" ? event.timeStamp : -Infinity;
    return follows || event.key === "g";
  },
};
