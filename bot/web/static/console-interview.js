// Says on the page of a talk that a question came in. It is not drawn at once: somebody may be typing an answer.

const told = document.querySelector("[data-interview-live]");

const stream = new EventSource(told.dataset.interviewLive);
// What came before it was open, or while it was lost, was not told.
stream.addEventListener("open", look);
stream.addEventListener("message", ({ data }) => {
  if (JSON.parse(data).topic === "question") look();
});

async function look() {
  const response = await fetch(`${told.dataset.here}?part=all`).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-interview-live]");
  told.hidden = !fresh || fresh.dataset.asked === told.dataset.asked;
}
