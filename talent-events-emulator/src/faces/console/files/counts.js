// Charts of the events by type and time. Each type has its own scale, because there are far more impressions than hires.

import { el, svg } from "./dom.js";
import { pill } from "./event.js";
import { duration, moment, number, plural } from "./format.js";

const HEIGHT = 28;

export function counts({ types, histogram }) {
  const present = types.filter(({ kept, discarded }) => kept || discarded);
  if (!present.length) return [el("p", { class: "fine" }, "No events yet.")];
  const discards = present.some(({ discarded }) => discarded);
  const rows = present.map(({ type, stage, kept, discarded, buckets }) =>
    el(
      "tr", {},
      el("th", { scope: "row" }, el("a", { href: `/?type=${type}` }, pill(type, stage))),
      el("td", { class: "chart" }, chart(type, stage, buckets, histogram)),
      el("td", { class: "count" }, number(kept)),
      discards && el("td", { class: "count" }, discarded ? number(discarded) : "–"),
    ),
  );
  const head = ["Type", histogram ? axis(histogram, rows.length && present) : "", "Count", discards && "Discarded"];
  const table = el(
    "table", { class: "counts" },
    el("thead", {}, el("tr", {}, head.filter((cell) => cell !== false).map((cell) => el("th", { scope: "col" }, cell)))),
    el("tbody", {}, rows),
  );
  const none = types.filter((type) => !present.includes(type)).map(({ type }) => type);
  const notes = [
    histogram && `One bar is ${duration(histogram.width)}. Each type has its own scale.`,
    histogram?.outside && `The chart leaves out ${plural(histogram.outside, "event")} far from the others in time.`,
    none.length && `No ${none.join(", ")}.`,
  ];
  return [table, el("p", { class: "note" }, notes.filter(Boolean).join(" "))];
}

function axis({ start, width }, present) {
  const count = Math.max(...present.map(({ buckets }) => buckets.length));
  return el("span", { class: "axis" }, el("span", {}, moment(start, width)), el("span", {}, moment(start + width * count, width)));
}

function chart(type, stage, buckets, histogram) {
  if (!buckets.length) return "";
  const most = Math.max(...buckets);
  const shapes = buckets.map((count, index) => {
    const height = count ? Math.max((HEIGHT * count) / most, 2) : 0;
    return svg("rect", { x: index + 0.1, y: HEIGHT - height, width: 0.8, height });
  });
  const label = `${type}: at most ${number(most)} in ${duration(histogram.width)}`;
  const attributes = { viewBox: `0 0 ${buckets.length} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label, "data-stage": stage };
  return svg("svg", attributes, svg("title", {}, label), shapes);
}
