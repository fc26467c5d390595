// The live page: the newest matching events, up to a number that any browser can show.

import { ask, query } from "./api.js";
import { at, el, problem } from "./dom.js";
import { event } from "./event.js";
import { plural } from "./format.js";
import { Stream } from "./stream.js";
import { Badges } from "./warnings.js";

// The maximum number of rows of a live page, and of a page with older events.
const MAX_LIVE = 200;
const MAX_BACK = 1000;

const TYPING_MS = 250;
const ANNOUNCE_MS = 5000;

const list = at("events");
const form = at("filter");
const shown = new Map();
let next = null;
// Newer rows were removed, so new events cannot be added at the top.
let incomplete = false;
// Counts the restarts of the list. A response to a request before a restart is ignored.
let restarts = 0;

const badges = new Badges((number, warnings) => shown.get(number)?.show(warnings));
const stream = new Stream(receive);

function filter() {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
}

function receive({ rows, replace, next: further, count, refused, touched }) {
  problem(null);
  const open = new Set([...shown.values()].filter((entry) => entry.element.firstChild.open).map((entry) => entry.row.number));
  if (replace) {
    shown.clear();
    list.replaceChildren();
    next = further;
    incomplete = false;
  }
  const entries = rows.map((row) => event(row));
  list.prepend(...entries.map((entry) => entry.element));
  entries.forEach((entry) => shown.set(entry.row.number, entry));
  if (replace) entries.forEach((entry) => (entry.element.firstChild.open = open.has(entry.row.number)));
  else entries.forEach((entry) => entry.element.classList.add("new"));
  while (shown.size > MAX_LIVE) next = drop(list.lastChild) + 1;
  refresh(rows, touched);
  if (!replace && rows.length) announce(rows.length);
  at("older").hidden = next === null;
  at("empty").replaceChildren(...nothing(count, refused));
  at("empty").hidden = shown.size > 0;
}

function nothing(count, refused) {
  if (count) return [el("p", {}, "No event matches.")];
  if (refused) {
    const text = `No events yet: ${plural(refused, "call")} ${refused === 1 ? "was" : "were"} refused. `;
    return [el("p", {}, text, el("a", { href: "/dashboard" }, "Their codes"), " are on the dashboard, and the reasons were in the answers.")];
  }
  const text = "No events yet. Point a program at this address, and its events appear here:";
  return [el("p", {}, text), el("pre", {}, `export TALENT_EMULATOR_HOST=${location.host}`)];
}

function drop(element) {
  const number = Number(element.dataset.number);
  element.remove();
  shown.delete(number);
  return number;
}

// A new event may change the warnings about other events of its search, even if it does not match.
function refresh(rows, touched) {
  const ids = touched && new Set(touched);
  const related = [...shown.values()].filter(({ row }) => !ids || ids.has(row.requestId));
  badges.refresh([...related.map(({ row }) => row.number), ...rows.map((row) => row.number)]);
}

// For screen readers, at most one announcement in a few seconds.
let arrived = 0;
let announcing = 0;
function announce(count) {
  arrived += count;
  announcing ||= setTimeout(() => {
    at("news").textContent = `${plural(arrived, "new event")}`;
    arrived = announcing = 0;
  }, ANNOUNCE_MS);
}

function mark(paused) {
  at("pause").setAttribute("aria-pressed", paused);
  at("pause").textContent = paused ? "Resume" : "Pause";
}

function pause(paused) {
  mark(paused);
  if (!paused && incomplete) stream.start(filter());
  else stream.pause(paused);
}

// Pauses the stream, because new rows would move the older ones.
async function older() {
  pause(true);
  const button = at("older");
  button.disabled = true;
  const before = restarts;
  try {
    const page = await ask("events", { ...filter(), before: next });
    if (before !== restarts) return;
    const entries = page.rows.map((row) => event(row));
    list.append(...entries.map((entry) => entry.element));
    entries.forEach((entry) => shown.set(entry.row.number, entry));
    for (; shown.size > MAX_BACK; incomplete = true) drop(list.firstChild);
    next = page.next;
    badges.refresh(page.rows.map((row) => row.number));
    button.hidden = next === null;
    problem(null);
  } catch (error) {
    problem(error);
  } finally {
    button.disabled = false;
  }
}

function restart() {
  const values = filter();
  restarts += 1;
  incomplete = false;
  history.replaceState(null, "", `/?${query(values)}`.replace(/\?$/, ""));
  mark(false);
  stream.start(values);
}

let typing = 0;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(restart, TYPING_MS);
});
form.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  restart();
});
// After the form was emptied.
form.addEventListener("reset", () => setTimeout(restart));
at("pause").addEventListener("click", () => pause(at("pause").getAttribute("aria-pressed") === "false"));
at("older").addEventListener("click", older);

for (const [name, value] of new URLSearchParams(location.search)) {
  if (form.elements.namedItem(name)) form.elements.namedItem(name).value = value;
}
stream.start(filter());
