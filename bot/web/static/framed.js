// The page in the window on another site. It tells the site's script how many answers were not seen and that Escape was
// pressed, and nothing of what was said (`bot/web/window.py`).
const allowed = [location.origin, ...document.body.dataset.origins.split(" ")];
const log = document.getElementById("log");
const input = document.getElementById("text");

let site = null; // the origin of the page around, once its script has spoken
let isOpen = true;
let unread = 0;

const tell = (assistant, more = {}) => site && parent.postMessage({ assistant, ...more }, site);

const TAKE = {
  opened() {
    isOpen = true;
    unread = 0;
    tell("unread", { count: unread });
    input.focus();
  },
  closed() {
    isOpen = false;
  },
  ask({ question }) {
    input.value = String(question).slice(0, input.maxLength);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  },
};

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || !allowed.includes(origin)) return;
  if (site !== origin) {
    site = origin;
    tell("ready");
  }
  TAKE[data?.assistant]?.(data);
});

new MutationObserver((changes) => {
  if (isOpen) return;
  const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter(({ nodeType }) => nodeType === Node.ELEMENT_NODE);
  const answers = added.filter((node) => node.matches(".theirs, .staff") || node.querySelector(".theirs, .staff"));
  if (!answers.length) return;
  unread += answers.length;
  tell("unread", { count: unread });
}).observe(log, { childList: true, subtree: true });

addEventListener("keydown", ({ key, defaultPrevented }) => {
  if (key === "Escape" && !defaultPrevented && !document.querySelector("dialog[open]")) tell("close");
});
