"use strict";

// Live pages. What is marked with data-live="TOPIC…" and has an id is fetched anew when the service says that something
// of the topic has changed: from data-source where it names an address, otherwise from the page's own.

const QUIET_MS = 400; // so that what comes together is fetched once
const LEAST_MS = 2000; // between two fetches of one page
const stale = new Set();
let stream = null, position = document.querySelector("meta[name=position]")?.content || "";
let timer = 0, fetched = 0, fetching = false;

function topics(element) {
  return element.dataset.live.split(" ");
}

function note(kind, also) {
  for (const element of document.querySelectorAll("[data-live][id]")) {
    const wanted = topics(element);
    if (kind === "reset" || wanted.includes(kind) || wanted.some((each) => also.includes(each)))
      stale.add(element.id);
  }
  if (stale.size && !timer)
    timer = setTimeout(refresh, Math.max(QUIET_MS, fetched + LEAST_MS - Date.now()));
}

async function refresh() {
  timer = 0;
  if (fetching || document.hidden) return;
  fetching = true;
  fetched = Date.now();
  const wanted = new Map();
  for (const id of stale) {
    const element = document.getElementById(id);
    if (element) {
      const source = element.dataset.source || location.pathname + location.search;
      wanted.set(source, [...(wanted.get(source) || ["clock"]), id]);
    }
  }
  stale.clear();
  try {
    for (const [source, ids] of wanted) await renew(source, ids);
  } finally {
    fetching = false;
    if (stale.size && !timer) timer = setTimeout(refresh, LEAST_MS);
  }
}

async function renew(source, ids) {
  let text;
  try {
    const response = await fetch(source, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!response.ok || response.redirected) return;
    text = await response.text();
  } catch {
    return; // the stream tells when the service is there again
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const id of ids) {
    const old = document.getElementById(id), fresh = page.getElementById(id);
    if (old && fresh) {
      become(old, fresh);
      prepare(old);
    }
  }
}

// Makes an element what another is, changing only what differs: focus, selections and what was typed stay.
function become(old, fresh) {
  if (old.isEqualNode(fresh) || old.hasAttribute("data-keep")) return;
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && !(name === "open" && old.localName === "details")) old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes])
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const keyed = new Map();
  for (const child of old.children) if (child.id) keyed.set(child.id, child);
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const known = wanted.nodeType === 1 && wanted.id ? keyed.get(wanted.id) : null;
    if (known && known !== place) {
      old.insertBefore(known, place);
      become(known, wanted);
    } else if (place && alike(place, wanted) && (known || !isKeyed(place))) {
      const next = place.nextSibling;
      if (place.nodeType === 1) become(place, wanted);
      else if (place.data !== wanted.data) place.data = wanted.data;
      place = next;
    } else {
      old.insertBefore(document.importNode(wanted, true), place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function isKeyed(node) {
  return node.nodeType === 1 && Boolean(node.id);
}

function alike(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName;
}

function tell(text) {
  const place = document.getElementById("stream");
  if (place) {
    place.hidden = !text;
    place.textContent = text;
  }
}

function listen() {
  if (stream || document.hidden || !document.querySelector("[data-live]")) return;
  stream = new EventSource(`/api/v1/events?after=${encodeURIComponent(position)}`);
  stream.onopen = () => tell("");
  stream.onerror = () => {
    tell("Not live: the service does not answer");
    if (stream && stream.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(listen, 5000);
    }
  };
  for (const kind of ["line", "approval", "quarantine", "dead_letter", "plan", "reset"])
    stream.addEventListener(kind, (event) => {
      position = event.lastEventId || position;
      note(kind, JSON.parse(event.data).topics || []);
    });
}

function pause() {
  if (document.hidden) {
    if (stream) stream.close(); // a browser has few connections to a server; other tabs need them
    stream = null;
  } else {
    listen();
  }
}

// Parts of a page that take a while are fetched after it: data-fetch names the address.
async function fill(element) {
  const source = element.dataset.fetch;
  element.removeAttribute("data-fetch");
  element.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(source, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const part = page.querySelector("[data-part]") || page.querySelector("main") || page.body;
    element.replaceChildren(...[...part.childNodes].map((node) => document.importNode(node, true)));
    prepare(element);
  } catch {
    element.textContent = "This could not be fetched; load the page again.";
  }
  element.removeAttribute("aria-busy");
}

// Charts: <figure data-chart><script type="application/json">a Vega-Lite specification</script>…</figure>
let bundle = null;

function charting() {
  bundle ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=charts]").content;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return bundle;
}

function look() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ink = colour("--ink"), dim = colour("--dim"), rule = colour("--rule");
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { labelColor: dim, titleColor: dim, gridColor: rule, domainColor: rule, tickColor: rule, titleFontWeight: "normal" },
    legend: { labelColor: ink, titleColor: dim },
    title: { color: ink, anchor: "start" },
    range: { category: ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6"].map(colour) },
  };
}

async function draw(figure) {
  const source = figure.querySelector("script[type='application/json']");
  const place = figure.querySelector(".drawing") || figure.insertBefore(document.createElement("div"), source);
  place.className = "drawing";
  place.setAttribute("aria-hidden", "true"); // the figure has a label, and a table says the same
  try {
    await charting();
    const spec = JSON.parse(source.textContent);
    await window.vegaEmbed(place, spec, { ast: true, actions: false, defaultStyle: false, tooltip: { disableDefaultStyle: true }, renderer: "svg", config: look() });
    figure.dataset.drawn = "yes";
  } catch (error) {
    place.textContent = "The chart could not be drawn; the table below says the same.";
    console.error(error);
  }
}

// What a page needs done to it, and again to every part that was fetched.
function prepare(root) {
  for (const element of root.querySelectorAll("[data-fetch]")) fill(element);
  for (const figure of root.querySelectorAll("[data-chart]")) draw(figure);
  if (root.matches && root.matches("[data-chart]")) draw(root);
}

// Suggestions: <input data-suggest="ADDRESS" list="ID"> is given what ADDRESS?search= answers.
let suggesting = 0;

function suggest(input) {
  clearTimeout(suggesting);
  suggesting = setTimeout(async () => {
    const response = await fetch(`${input.dataset.suggest}?search=${encodeURIComponent(input.value)}`, { credentials: "same-origin" });
    if (!response.ok) return;
    const options = (await response.json()).map(({ value, label }) => {
      const option = document.createElement("option");
      option.value = value;
      option.label = label ? `${value}  ${label}` : value;
      return option;
    });
    document.getElementById(input.getAttribute("list")).replaceChildren(...options);
  }, 150);
}

document.addEventListener("input", (event) => {
  if (event.target.dataset.suggest) suggest(event.target);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("search").focus();
  } else if (event.key === "Escape" && location.hash === "#pages") {
    location.hash = "#main";
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault(); // a second click is no second order
  else if (form.method === "post") {
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => form.dataset.sent && tell("Being worked out …"), 600);
  }
});

document.addEventListener("visibilitychange", pause);
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  tell("");
}));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.querySelectorAll("[data-chart]").forEach(draw));
prepare(document);
listen();
