// The timeline page: all events of one search, in order.

import { ask } from "./api.js";
import { at, el, problem } from "./dom.js";
import { event } from "./event.js";
import { plural, since, time } from "./format.js";
import { Stream } from "./stream.js";

const AGAIN_MS = 1000;

const requestId = new URLSearchParams(location.search).get("requestId") ?? "";
at("request-id").textContent = requestId;

// The last response, so that an unchanged page is not rebuilt.
let last = "";
let later = 0;

async function show() {
  try {
    const { searches, unfinished } = await ask("timeline", { requestId });
    if (unfinished) later ||= setTimeout(() => ((later = 0), update()), AGAIN_MS);
    const now = JSON.stringify(searches);
    problem(null);
    at("empty").hidden = searches.length > 0;
    at("empty").replaceChildren(el("p", {}, "No event has this request id."));
    if (now === last) return;
    last = now;
    const open = new Set([...document.querySelectorAll("details[open]")].map((d) => d.parentElement.dataset.number));
    at("searches").replaceChildren(...searches.map(search));
    for (const item of document.querySelectorAll(".event")) item.firstChild.open = open.has(item.dataset.number);
  } catch (error) {
    problem(error);
  }
}

function search({ tenant, count, more, events }) {
  const rows = events.map(({ row, warnings }, index) => {
    const before = events[index - 1]?.row.createTime;
    const lead = el("time", { datetime: row.createTime, title: `created ${row.createTime}` }, time(row.createTime), before && el("small", {}, since(before, row.createTime)));
    const entry = event(row, lead);
    entry.element.dataset.stage = row.stage;
    entry.show(warnings);
    return entry.element;
  });
  return el(
    "section", { class: "search" },
    el("p", { class: "muted" }, `${plural(count, "event")} of `, el("bdi", {}, tenant), ", by time of creation"),
    el("ol", { class: "events timeline" }, rows),
    more > 0 && el("p", { class: "muted" }, `${plural(more, "later event")} not shown`),
  );
}

// One request at a time, and another one if something has changed meanwhile.
let asking = false;
let again = false;
async function update() {
  again = true;
  if (asking) return;
  asking = true;
  while (again) {
    again = false;
    await show();
  }
  asking = false;
}

// Ignores events of other searches.
function receive({ rows, replace, touched }) {
  if (rows.length || replace || !touched || touched.includes(requestId)) update();
}

new Stream(receive).start({ requestId });
