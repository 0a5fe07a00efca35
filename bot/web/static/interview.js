// Keeps the page of a talk current: after each change the server draws the record anew. What is typed below it stays.

// Longer than the server keeps a record (`bot/web/interviews.py`), and not the same for all who follow.
const LEAST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 3000;
const LOOKS_EVERY_MS = 30000;

const root = document.querySelector("[data-live]");
const part = root.querySelector("[data-part]");
const told = root.querySelector("[data-told]");
let drawn = part.innerHTML;
let waiting;

const stream = new EventSource(root.dataset.live);
stream.addEventListener("message", soon);
// What changed before it was open, or while it was lost, was not told.
stream.addEventListener("open", soon);
stream.addEventListener("error", () => {
  if (stream.readyState === EventSource.CLOSED) setInterval(refresh, LOOKS_EVERY_MS);
});

function soon() {
  waiting ??= setTimeout(refresh, LEAST_PAUSE_MS + Math.random() * (MOST_PAUSE_MS - LEAST_PAUSE_MS));
}

async function refresh() {
  waiting = undefined;
  const response = await fetch(root.dataset.here).catch(() => null);
  if (!response?.ok) return;
  const html = (await response.text()).trim();
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  if (fresh.innerHTML.trim() === drawn.trim()) return;
  drawn = fresh.innerHTML;
  const focused = part.contains(document.activeElement) ? document.activeElement.closest("li")?.id : null;
  part.replaceChildren(...fresh.childNodes);
  if (focused) part.querySelector(`#${CSS.escape(focused)} button`)?.focus();
  told.hidden = false;
  told.textContent = "有新的内容，已经更新。";
}
