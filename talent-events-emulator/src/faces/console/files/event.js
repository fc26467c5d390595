// An event in a list, which opens to its JSON and its warnings.

import { ask, query } from "./api.js";
import { el } from "./dom.js";
import { number, plural, time } from "./format.js";
import { badge, list } from "./warnings.js";

export const timelineOf = (requestId) => `/timeline?${query({ requestId })}`;

export function pill(type, stage) {
  return el("span", { class: "pill", "data-stage": stage }, type);
}

export function jobs(row) {
  const others = `and ${plural(row.jobs - 1, "other job")}`;
  const more = row.jobs > 1 && el("small", { title: others }, ` +${number(row.jobs - 1)}`);
  return el("span", { class: "job" }, el("bdi", {}, row.job), more);
}

// Bidirectional control characters are escaped, because they would reorder the text around them.
const json = (value) =>
  JSON.stringify(value, null, 2).replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

// `lead` is the element before the type.
export function event(row, lead = el("time", { datetime: row.receivedAt, title: `received ${row.receivedAt}` }, time(row.receivedAt))) {
  const badges = el("span", { class: "badges" }, row.discarded && el("span", { class: "badge", "data-severity": "loss" }, "discarded"), el("span"));
  const details = disclosure(
    row.number,
    lead,
    pill(row.type, row.stage),
    jobs(row),
    el("span", { class: "request-id" }, row.requestId ? el("bdi", {}, row.requestId) : el("i", {}, "no request id")),
    el("span", { class: "notes" }, el("bdi", {}, row.notes)),
    badges,
  );
  const show = (warnings) => badges.lastChild.replaceWith(el("span", {}, warnings.map(badge)));
  return { element: el("li", { class: "event", "data-number": row.number }, details), row, show };
}

// A line that opens the event with this number.
export function disclosure(number, ...line) {
  const body = el("div", { class: "body" });
  const details = el("details", { toggle: () => details.open && open(number, body) }, el("summary", {}, line), body);
  return details;
}

// Requested each time, because the warnings may have changed.
async function open(number, body) {
  if (!body.hasChildNodes()) body.append(el("p", { class: "muted" }, "Loading"));
  let shown;
  try {
    const { recorded, warnings } = await ask(`events/${number}`);
    const { requestId } = recorded.event;
    shown = [
      list(warnings),
      requestId && el("p", {}, el("a", { class: "button", href: timelineOf(requestId) }, "All events of this request id")),
      el("pre", { tabindex: "0", "aria-label": "The event in JSON" }, json(recorded)),
    ];
  } catch (error) {
    shown = [el("p", { class: "problem" }, error.message)];
  }
  body.replaceChildren(...shown.filter(Boolean));
}
