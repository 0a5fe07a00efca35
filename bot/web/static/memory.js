// What this tab remembers: which conversation it shows, what was asked and not answered yet, what is being typed. It
// lies in the sessionStorage, which goes with the tab; nothing of it is in an address, a cookie or a lasting store.
// Only which materials are ticked stays in the browser, until one leaves.
const ID = "conversation";
const PENDING = "pending";
const DRAFT = "draft";
const TICKS = "checklist";
const ANSWER_WITHIN_MS = 200;

const kept = store("sessionStorage");
const lasting = store("localStorage");
const others = globalThis.BroadcastChannel ? new BroadcastChannel("conversation") : null;
others?.addEventListener("message", ({ data }) => {
  if (data.asks && kept.getItem(ID)) others.postMessage({ conversation: kept.getItem(ID) });
});

export const conversation = () => kept.getItem(ID);
export const keepConversation = (id) => kept.setItem(ID, id);

// A new tab goes on where another one of this browser is; none answers if there is none.
export function followAnotherTab() {
  if (kept.getItem(ID) || !others) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ANSWER_WITHIN_MS);
    others.addEventListener("message", heard);
    others.postMessage({ asks: true });

    function heard({ data }) {
      if (data.conversation) {
        kept.setItem(ID, data.conversation);
        done();
      }
    }
    function done() {
      clearTimeout(timer);
      others.removeEventListener("message", heard);
      resolve();
    }
  });
}

// Number of a question → {title, text} or {title, button}.
export const pending = {
  all: () => Object.entries(JSON.parse(kept.getItem(PENDING) ?? "{}")),
  get: (number) => JSON.parse(kept.getItem(PENDING) ?? "{}")[number],
  add(number, said) {
    kept.setItem(PENDING, JSON.stringify({ ...JSON.parse(kept.getItem(PENDING) ?? "{}"), [number]: said }));
  },
  remove(number) {
    const { [number]: _, ...rest } = JSON.parse(kept.getItem(PENDING) ?? "{}");
    kept.setItem(PENDING, JSON.stringify(rest));
  },
};

export const draft = {
  get: () => kept.getItem(DRAFT) ?? "",
  set: (text) => (text ? kept.setItem(DRAFT, text) : kept.removeItem(DRAFT)),
};

// The materials that one has: code of the item → their names.
export const ticks = {
  all: () => JSON.parse(lasting.getItem(TICKS) ?? "{}"),
  has: (code, name) => (ticks.all()[code] ?? []).includes(name),
  set(code, name, isTicked) {
    const all = ticks.all();
    const others = (all[code] ?? []).filter((other) => other !== name);
    lasting.setItem(TICKS, JSON.stringify({ ...all, [code]: isTicked ? [...others, name] : others }));
  },
};

// The conversation and all that belongs to it. The ticks stay where only another conversation begins.
export function forget({ ticks: alsoTicks = false } = {}) {
  [ID, PENDING, DRAFT].forEach((name) => kept.removeItem(name));
  if (alsoTicks) lasting.removeItem(TICKS);
}

export const tellOthersThatWeLeft = () => others?.postMessage({ left: true });
export const whenAnotherTabLeaves = (act) =>
  others?.addEventListener("message", ({ data }) => data.left && act());

// Where the browser allows no storage, the page remembers until it is reloaded.
function store(name) {
  try {
    globalThis[name].getItem(ID);
    return globalThis[name];
  } catch {
    const values = new Map();
    return {
      getItem: (name) => values.get(name) ?? null,
      setItem: (name, value) => values.set(name, value),
      removeItem: (name) => values.delete(name),
    };
  }
}
