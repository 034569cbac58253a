// Live pages: when the server says that something changed, the page is fetched again and the parts that differ are put
// in place. Without this script the pages are the same, as of when they were loaded.
(() => {
  "use strict";
  const changes = document.body.dataset.changes;
  const regions = () => [...document.querySelectorAll("[data-live]")];
  if (!changes || !window.EventSource || regions().length === 0) return;
  const status = document.querySelector("[data-live-status]");
  const CALM = 1200;
  let source = null;
  let waiting = 0;

  const say = (text) => { if (status) status.textContent = text || ""; };

  // What somebody is working in is left alone until they are done.
  const busy = (region) => {
    const focused = document.activeElement;
    return focused && region.contains(focused) && /^(INPUT|SELECT|TEXTAREA)$/.test(focused.tagName);
  };

  const replace = (region, fresh) => {
    const open = [...region.querySelectorAll("details")].map((one) => one.open);
    const links = [...region.querySelectorAll("a, button, summary")];
    const place = links.indexOf(document.activeElement);
    region.replaceChildren(...document.importNode(fresh, true).childNodes);
    [...region.querySelectorAll("details")].forEach((one, number) => { one.open = open[number] ?? one.open; });
    if (place >= 0) [...region.querySelectorAll("a, button, summary")][place]?.focus({ preventScroll: true });
    region.classList.remove("fresh");
    void region.offsetWidth;
    region.classList.add("fresh");
  };

  const refresh = async () => {
    waiting = 0;
    let text;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      text = await answer.text();
    } catch { return; }
    const page = new DOMParser().parseFromString(text, "text/html");
    const now = new Map([...page.querySelectorAll("[data-live]")].map((one) => [one.dataset.live, one]));
    const there = regions();
    // A part that came or went changes the layout: the whole of it is shown anew.
    if (there.length !== now.size || there.some((one) => !now.has(one.dataset.live))) {
      if (!there.some(busy)) document.getElementById("main").replaceChildren(...page.getElementById("main").childNodes);
      say(status?.dataset.fresh);
      return;
    }
    let changed = false;
    for (const region of there) {
      const fresh = now.get(region.dataset.live);
      if (fresh.innerHTML !== region.innerHTML && !busy(region)) { replace(region, fresh); changed = true; }
    }
    if (changed) say(status?.dataset.fresh);
  };

  const listen = () => {
    source = new EventSource(changes);
    source.addEventListener("changed", () => { if (!waiting) waiting = setTimeout(refresh, CALM); });
    source.addEventListener("open", () => { if (status?.textContent === status?.dataset.away) say(""); });
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) say(status?.dataset.away); });
  };

  // A browser keeps few connections to a server: pages that nobody looks at give theirs up.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); source = null; }
    else if (!source) { listen(); refresh(); }
  });
  if (!document.hidden) listen();
})();
