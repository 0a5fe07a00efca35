// One WebSocket, which comes back by itself. It may send once the server has greeted it.
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;
// A server that hangs takes the connection and says nothing. The time is doubled at each try, for slow networks.
const GREETED_WITHIN = 5000;
const LONGEST_GREETING = 20000;
const LONG_AFTER = 8000;

// `hello()` gives the first frame; `take(frame)` gets what comes; `lost(isLong)` is called each time that it is gone,
// and once more when it has been gone for long.
export function connect({ hello, take, lost }) {
  let socket;
  let isGreeted = false;
  let pause = FIRST_PAUSE;
  let patience = GREETED_WITHIN;
  let timer;
  let isLong = false;
  let longer = null;
  open();
  addEventListener("online", again);
  addEventListener("offline", () => lost(false));
  return { send, again };

  function open() {
    const opened = new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")));
    socket = opened;
    timer = setTimeout(giveUp, patience);
    opened.addEventListener("open", () => opened.send(JSON.stringify(hello())));
    opened.addEventListener("message", ({ data }) => opened === socket && receive(JSON.parse(data)));
    opened.addEventListener("close", () => opened === socket && comeBack());
  }

  function receive(frame) {
    if (frame.type === "hello") {
      clearTimeout(timer);
      clearTimeout(longer);
      isGreeted = true;
      isLong = false;
      longer = null;
      pause = FIRST_PAUSE;
      patience = GREETED_WITHIN;
    }
    take(frame);
  }

  function giveUp() {
    patience = Math.min(patience * 2, LONGEST_GREETING);
    comeBack();
  }

  function comeBack() {
    leave();
    lost(isLong);
    timer = setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  function leave() {
    const left = socket;
    socket = null;
    isGreeted = false;
    clearTimeout(timer);
    left?.close();
    longer ??= setTimeout(beLong, LONG_AFTER);
  }

  function beLong() {
    isLong = true;
    lost(true);
  }

  // Whether it was sent, which does not say that it arrived.
  function send(frame) {
    if (!isGreeted || socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  // A dead line may look alive for minutes: whoever has waited in vain asks for another one.
  function again() {
    leave();
    open();
  }
}
