// What this tab remembers: which conversation it shows, and what was asked and not answered yet. It lies in the
// sessionStorage, which goes with the tab; nothing of it is in an address, a cookie or a lasting store.
const ID = "conversation";
const PENDING = "pending";
const ANSWER_WITHIN_MS = 200;

const kept = store();
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

export function forget() {
  kept.removeItem(ID);
  kept.removeItem(PENDING);
}

export const tellOthersThatWeLeft = () => others?.postMessage({ left: true });
export const whenAnotherTabLeaves = (act) =>
  others?.addEventListener("message", ({ data }) => data.left && act());

// Where the browser allows no storage, the page remembers until it is reloaded.
function store() {
  try {
    sessionStorage.getItem(ID);
    return sessionStorage;
  } catch {
    const values = new Map();
    return {
      getItem: (name) => values.get(name) ?? null,
      setItem: (name, value) => values.set(name, value),
      removeItem: (name) => values.delete(name),
    };
  }
}
