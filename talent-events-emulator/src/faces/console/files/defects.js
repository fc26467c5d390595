// The table of defects: each broken rule with its reason and its events.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { disclosure, timelineOf } from "./event.js";
import { number, plural } from "./format.js";
import { badge, reason } from "./warnings.js";

export class Defects {
  #rules = new Map();
  #table;
  #body = el("tbody");
  #fine = el("p", { class: "fine" }, "No defects: the events fit together.");
  #kept = el("p", { class: "note" });

  constructor(place) {
    const head = ["Rule", "Reason", "Defects", "Events"].map((name) => el("th", { scope: "col" }, name));
    this.#table = el("table", { class: "defects" }, el("thead", {}, el("tr", {}, head)), this.#body);
    place.append(this.#table, this.#fine, this.#kept);
    this.#table.hidden = this.#fine.hidden = true;
  }

  // Opened rows stay open.
  show(rules) {
    const broken = rules.filter((rule) => rule.defects);
    for (const rule of rules) {
      if (rule.defects && !this.#rules.has(rule.id)) this.#rules.set(rule.id, row(rule));
      this.#rules.get(rule.id)?.show(rule.defects);
    }
    const wanted = broken.flatMap(({ id }) => this.#rules.get(id).rows);
    // Rows move only if their order has changed, because a moved row loses the focus.
    if (wanted.length !== this.#body.children.length || wanted.some((row, index) => row !== this.#body.children[index])) {
      this.#body.replaceChildren(...wanted);
    }
    this.#table.hidden = !broken.length;
    this.#fine.hidden = broken.length > 0;
    const kept = rules.filter((rule) => !rule.defects).map(({ id }) => id);
    this.#kept.textContent = broken.length && kept.length ? `Kept by all events: ${kept.join(", ")}.` : "";
  }
}

function row(rule) {
  const count = el("b");
  const id = `events-of-${rule.id}`;
  const list = el("div", { class: "offending" });
  const below = el("tr", { id, hidden: true }, el("td", { colspan: "4" }, list));
  const toggle = () => {
    below.hidden = !below.hidden;
    button.setAttribute("aria-expanded", !below.hidden);
    button.textContent = below.hidden ? "Show" : "Hide";
    if (!below.hidden) {
      list.replaceChildren();
      more(rule.id, 0, list);
    }
  };
  const button = el("button", { type: "button", "aria-expanded": "false", "aria-controls": id, click: toggle }, "Show");
  const above = el(
    "tr", { "data-rule": rule.id },
    el("th", { scope: "row" }, badge(rule)),
    el("td", {}, reason(rule)),
    el("td", { class: "count" }, count),
    el("td", {}, button),
  );
  return { rows: [above, below], show: (defects) => (count.textContent = number(defects)) };
}

async function more(rule, from, list) {
  let shown;
  try {
    const { defects, next } = await ask("defects", { rule, from });
    shown = defects.map(defect);
    if (next !== null) {
      const on = el("button", { type: "button", click: () => (on.remove(), more(rule, next, list)) }, "Show more");
      shown.push(on);
    }
    if (!shown.length) shown.push(el("p", { class: "fine" }, "Settled meanwhile."));
  } catch (error) {
    shown = [el("p", { class: "problem" }, error.message)];
  }
  list.append(...shown);
}

function defect({ requestId, job, tenant, events, moreEvents, moreOfSearch }) {
  const items = events.map(({ type, eventId, number }) => el("li", {}, disclosure(number, `${type} `, el("code", {}, el("bdi", {}, eventId)))));
  return el(
    "article", {},
    el(
      "h3", {},
      requestId ? el("a", { href: timelineOf(requestId) }, el("bdi", {}, requestId)) : "no request id",
      job && [" · job ", el("bdi", {}, job)],
      el("small", {}, " ", el("bdi", {}, tenant)),
    ),
    el("ul", {}, items, moreEvents > 0 && el("li", {}, `and ${number(moreEvents)} more`)),
    moreOfSearch && el("p", { class: "note" }, `and ${plural(moreOfSearch, "more defect")} of this kind under this request id`),
  );
}
