// What is to be done now, on every page: the counts at the top, and a sound, a number in the title or a notification
// for what is new, as the person has chosen. Several pages may be open: what one has told, the others do not tell again.

const ASKED_EVERY_MS = 15000;
const TOLD = "desk-told";

const list = document.querySelector("[data-desk-news]");
const title = document.title;
let mark = "";
let total = 0;
let sound;

// Another script marks the page, for instance when a message came while it was hidden.
export function markTitle(sign) {
  mark = sign;
  showTitle();
}

function showTitle() {
  document.title = `${mark}${total ? `（${total}）` : ""}${title}`;
}

async function ask() {
  const address = new URL(list.dataset.deskNews, location.href);
  address.searchParams.set("part", "news");
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) return;
  const found = await response.json();
  for (const entry of list.children) {
    const shown = found.shown[entry.dataset.kind] ?? "";
    entry.querySelector("strong").textContent = shown;
    entry.hidden = !shown;
  }
  total = found.ways.includes("title") ? found.news.length : 0;
  showTitle();
  tell(untold(found.news), found.ways);
}

function untold(news) {
  let told = [];
  try {
    told = JSON.parse(localStorage.getItem(TOLD)) ?? [];
    localStorage.setItem(TOLD, JSON.stringify(news.map(({ key }) => key)));
  } catch {
    return []; // Without a memory it would tell the same again and again.
  }
  return news.filter(({ key }) => !told.includes(key));
}

function tell(news, ways) {
  if (!news.length) return;
  if (ways.includes("sound")) ring();
  if (ways.includes("notification") && globalThis.Notification?.permission === "granted") notify(news);
}

function notify(news) {
  const [first] = news;
  const more = news.length > 1 ? `，另有 ${news.length - 1} 件` : "";
  const notification = new Notification("政务助手工作台", { body: first.words + more, tag: "desk-news" });
  notification.addEventListener("click", () => {
    focus();
    location.assign(first.path);
  });
}

// Browsers let a page sound only after somebody has pressed something on it.
function ring() {
  sound ??= new AudioContext();
  const tone = sound.createOscillator();
  const volume = sound.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.2, sound.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.4);
  tone.connect(volume).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.4);
}

document.querySelector('input[name="notification"]')?.addEventListener("change", ({ target }) => {
  if (target.checked) globalThis.Notification?.requestPermission();
});
document.addEventListener("desk-changed", ask);
setInterval(ask, ASKED_EVERY_MS);
ask();
