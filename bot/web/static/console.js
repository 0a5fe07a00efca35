// Keyboard: `?` shows what there is; `g` and then a letter goes to the part of the console that has it.

const FOLLOWS_WITHIN_MS = 1500;
let goPressedAt = -Infinity;

function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  const shortcuts = document.getElementById("shortcuts");
  if (!shortcuts || shortcuts.open) return;
  if (event.key === "?" || event.key === "？") {
    shortcuts.showModal();
  } else if (event.key === "g") {
    goPressedAt = event.timeStamp;
  } else if (event.timeStamp - goPressedAt < FOLLOWS_WITHIN_MS) {
    goPressedAt = -Infinity;
    document.querySelector(`.top nav [data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});

document.documentElement.dataset.ready = "";
