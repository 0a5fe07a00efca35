// Prints one card of the conversation, and nothing else.
export function printed(card) {
  const message = card.closest(".theirs");
  message.classList.add("printed");
  addEventListener("afterprint", () => message.classList.remove("printed"), { once: true });
  print();
}
