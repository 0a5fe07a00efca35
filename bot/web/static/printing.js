// Prints one card of the conversation, and nothing else.
import { element } from "./element.js";

// `picture`: the address of one to stand on the paper. If it does not come, the card is printed without it.
export async function printed(card, picture = null) {
  const message = card.closest(".theirs");
  const drawn = picture ? await loaded(element("img", { class: "on-paper qr", alt: "", src: picture })) : null;
  if (drawn) card.append(drawn);
  message.classList.add("printed");
  document.body.classList.add("one-card");
  addEventListener("afterprint", () => {
    message.classList.remove("printed");
    document.body.classList.remove("one-card");
    drawn?.remove();
  }, { once: true });
  print();
}

const loaded = (image) => image.decode().then(() => image, () => null);
