/* Pages renew themselves: fetch the page, swap the parts that changed, and say so when the server is gone. */
(function () {
  "use strict";
  const texts = document.body.dataset;
  const every = Number(texts.renewMs);
  if (!every) return;
  const lost = document.getElementById("lost");
  const fresh = document.getElementById("fresh");
  const keys = new Map();
  let at = { wall: Date.now(), steady: performance.now() };
  let trouble = null;

  /* What a part says apart from ages and tokens, which differ at every look. */
  function keyOf(part) {
    const copy = part.cloneNode(true);
    copy.querySelectorAll(".age, [name=csrf_token]").forEach((node) => node.remove());
    return copy.className + copy.innerHTML;
  }

  function isWrittenIn(part) {
    return [...part.querySelectorAll("input:not([type=hidden]), textarea")].some(
      (field) => field === document.activeElement || field.value !== field.defaultValue);
  }

  function placeOfFocus(part) {
    const focus = document.activeElement;
    if (!part.contains(focus)) return null;
    return [...part.querySelectorAll("a, button, summary, svg, [tabindex]")].indexOf(focus);
  }

  function replace(old, part) {
    const focus = placeOfFocus(old);
    old.querySelectorAll("details[id]").forEach((node) => {
      const twin = part.querySelector("#" + CSS.escape(node.id));
      if (twin) twin.open = node.open;
    });
    old.querySelectorAll("img").forEach((node) => {
      const twin = part.querySelector(`img[src="${CSS.escape(node.getAttribute("src"))}"]`);
      if (twin) twin.replaceWith(node);
    });
    old.replaceWith(part);
    const again = focus === null ? null : part.querySelectorAll("a, button, summary, svg, [tabindex]")[focus];
    if (again) again.focus({ preventScroll: true });
  }

  function renewAges(old, part) {
    const newer = part.querySelectorAll(".age");
    old.querySelectorAll(".age").forEach((node, i) => { node.textContent = newer[i].textContent; });
  }

  function renewPart(part) {
    const old = document.getElementById(part.id);
    const key = keyOf(part);
    if (!old) return;
    delete old.dataset.held;
    if (keys.get(part.id) === key) renewAges(old, part);
    else if (isWrittenIn(old)) old.dataset.held = texts.heldText;
    else { keys.set(part.id, key); replace(old, document.adoptNode(part)); }
  }

  async function renew() {
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), Math.max(every, 4000));
    const asked = { wall: Date.now(), steady: performance.now() };
    try {
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual", signal: stop.signal });
      if (answer.type === "opaqueredirect" || answer.status === 401) throw new Error("loggedOut");
      if (!answer.ok) throw new Error("lost");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      page.querySelectorAll("[data-live]").forEach(renewPart);
      document.title = page.title;
      at = asked;
      trouble = null;
      document.dispatchEvent(new Event("cammon:renewed"));
    } catch (error) {
      trouble = error.message === "loggedOut" ? "loggedOut" : "lost";
    }
    clearTimeout(patience);
    tell();
    setTimeout(renew, every);
  }

  /* The wall clock may be set and the steady one may sleep with the machine: believe the longer. */
  function tell() {
    const age_ms = Math.max(Date.now() - at.wall, performance.now() - at.steady);
    const seconds = String(Math.max(0, Math.round(age_ms / 1000)));
    const why = trouble || (age_ms > 3 * every + 4000 ? "lost" : null);
    document.body.classList.toggle("is-lost", why !== null);
    if (lost.hidden !== (why === null)) lost.hidden = why === null;
    if (why) lost.textContent = texts[why].replace("{seconds}", seconds);
    fresh.textContent = why ? "" : texts.fresh.replace("{seconds}", seconds);
  }

  document.querySelectorAll("[data-live]").forEach((part) => keys.set(part.id, keyOf(part)));
  window.addEventListener("pageshow", tell);
  setInterval(tell, 1000);
  setTimeout(renew, every);
  tell();
})();
