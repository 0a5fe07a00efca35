// Puts the assistant into a window on another site:
//   <script src="https://assistant.city.gov.cn/window.js" defer></script>
// Attributes, all optional: data-title, data-color (of the button, #rrggbb), data-position ("left"), data-item (the code
// of the item that the page is about), data-question. Afterwards: CityAssistant.open({ item, question }), .close().
// From /static/hant/window.js it speaks in traditional characters, and so does the chat in it.
// Nothing but this file is loaded before somebody opens the window. Styles are a constructed sheet in a shadow tree, so
// that neither a strict policy nor the styles of the site touch them. Messages: see `bot/web/window.py`.
(() => {
  if (window.CityAssistant) return;
  const script = document.currentScript;
  const { title = "政务助手", color, position, item, question } = script.dataset;
  const home = new URL(script.src).origin;
  const ANSWERS_WITHIN_MS = 15000;
  const STYLE = `
    :host { all: initial !important; display: block !important; position: fixed !important; z-index: 2147483000 !important;
      inset-block-end: 1rem !important; inset-inline-end: 1rem !important; visibility: visible !important; opacity: 1 !important;
      transform: none !important; pointer-events: auto !important; width: auto !important; height: auto !important; }
    :host(.left) { inset-inline: 1rem auto !important; }
    * { box-sizing: border-box; font: 16px/1.5 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
    button { min-width: 44px; min-height: 44px; border: 0; border-radius: 999px; padding: 8px 20px; cursor: pointer;
      background: var(--color); color: #fff; box-shadow: 0 2px 8px rgb(0 0 0 / .3); }
    button:focus-visible, a:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #1c2733; }
    .unread { margin-inline-start: 8px; padding: 0 8px; border-radius: 999px; background: #a8261c; }
    [hidden] { display: none !important; }
    dialog { position: fixed; inset: auto 1rem 1rem auto; margin: 0; padding: 0; border: 1px solid #73818f; border-radius: 12px;
      width: 26rem; max-width: calc(100vw - 2rem); height: 42rem; max-height: calc(100vh - 2rem); background: #fff; color: #1c2733;
      overflow: hidden; box-shadow: 0 8px 32px rgb(0 0 0 / .3); }
    :host(.left) dialog { inset: auto auto 1rem 1rem; }
    dialog[open] { display: flex; flex-direction: column; }
    .bar { display: flex; align-items: center; justify-content: space-between; padding-inline-start: 16px; background: var(--color); color: #fff; }
    .bar button { box-shadow: none; border-radius: 0; }
    iframe { flex: 1; width: 100%; border: 0; }
    p { margin: 16px; } a { color: #0b5fa5; }
    @media (max-width: 640px), (max-height: 480px) {
      dialog, :host(.left) dialog { inset: 0; width: 100vw; max-width: none; height: 100dvh; max-height: none; border: 0; border-radius: 0; }
    }
    @media print { :host { display: none !important; } }
    @media (forced-colors: active) { button, dialog { border: 1px solid; } }`;

  const around = document.createElement("city-assistant");
  const root = around.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  around.classList.toggle("left", position === "left");

  const label = make("span", {}, title);
  const unread = make("span", { class: "unread", hidden: "" });
  const opener = make("button", { type: "button", "aria-haspopup": "dialog" }, label, unread);
  const closer = make("button", { type: "button", "aria-label": "关闭政务助手" }, "×");
  const apart = make("p", { hidden: "" }, "这里暂时打不开，请直接进入", make("a", { href: `${home}/`, target: "_blank", rel: "noopener" }, title));
  const dialog = make("dialog", { "aria-label": title }, make("div", { class: "bar" }, make("strong", {}, title), closer), apart);
  [opener, dialog].forEach((part) => part.style.setProperty("--color", readable(color)));
  root.append(opener, dialog);
  (document.body ?? document.documentElement).append(around);

  let frame = null;
  let isReady = false;
  let asked = ""; // before the page was ready to hear it
  const tell = (assistant, more = {}) => frame?.contentWindow?.postMessage({ assistant, ...more }, home);

  const TAKE = {
    ready() {
      isReady = true;
      apart.hidden = true;
      if (asked) tell("ask", { question: asked });
      asked = "";
    },
    unread: ({ count }) => show(Number(count) || 0),
    close,
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (frame && source === frame.contentWindow && origin === home) TAKE[data?.assistant]?.(data);
  });

  // The question goes only into a new frame, so that a later click does not replace what the citizen is writing.
  opener.addEventListener("click", () => open(frame ? {} : { item, question }));
  closer.addEventListener("click", close);
  dialog.addEventListener("close", closed);
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && close());

  window.CityAssistant = { open, close };

  function open(about = {}) {
    if (!frame) load(about);
    else if (about.question && isReady) tell("ask", { question: about.question });
    else if (about.question) asked = about.question;
    // On a small screen the window is all there is, so nothing behind it can be reached.
    const isSmall = matchMedia("(max-width: 640px), (max-height: 480px)").matches;
    if (!dialog.open) isSmall ? dialog.showModal() : dialog.show();
    opener.hidden = true;
    tell("opened");
    frame.focus();
  }

  function load(about) {
    const address = new URL("/window", home);
    if (script.src.includes("/hant/")) address.searchParams.set("characters", "hant");
    if (about.item) address.searchParams.set("item", about.item);
    if (about.question) address.searchParams.set("q", about.question);
    frame = make("iframe", { title, src: address.href, allow: "microphone; clipboard-write", referrerpolicy: "origin" });
    frame.addEventListener("load", () => tell("opened"));
    setTimeout(() => { apart.hidden = isReady; }, ANSWERS_WITHIN_MS);
    dialog.append(frame);
  }

  function close() {
    if (dialog.open) dialog.close();
  }

  function closed() {
    opener.hidden = false;
    tell("closed");
    opener.focus();
  }

  function show(count) {
    unread.hidden = !count;
    unread.textContent = count ? `${count} 条新答复` : "";
    opener.setAttribute("aria-label", count ? `${title}，${count} 条新答复` : title);
  }

  // White letters need a contrast of 4.5 (WCAG 2.2, 1.4.3).
  function readable(wanted) {
    const own = "#0b5fa5";
    if (!wanted) return own;
    const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(wanted)?.slice(1).map((part) => parseInt(part, 16) / 255);
    const [red, green, blue] = (parts ?? [1, 1, 1]).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    const contrast = 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
    if (contrast >= 4.5) return wanted;
    console.warn(`window.js: data-color ${wanted} is no #rrggbb on which white can be read`);
    return own;
  }

  function make(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }
})();
