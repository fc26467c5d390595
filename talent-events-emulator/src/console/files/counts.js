// How many events of each type there were over time: each by its own scale, as impressions dwarf hires.

import { el, svg } from "./dom.js";
import { pill } from "./event.js";
import { duration, moment, number, plural } from "./format.js";

const HEIGHT = 28;

export function counts({ types, period }) {
  const there = types.filter(({ kept, discarded }) => kept || discarded);
  if (!there.length) return [el("p", { class: "fine" }, "No events yet.")];
  const discards = there.some(({ discarded }) => discarded);
  const rows = there.map(({ type, stage, kept, discarded, bars }) =>
    el(
      "tr", {},
      el("th", { scope: "row" }, el("a", { href: `/?type=${type}` }, pill(type, stage))),
      el("td", { class: "chart" }, chart(type, stage, bars, period)),
      el("td", { class: "count" }, number(kept)),
      discards && el("td", { class: "count" }, discarded ? number(discarded) : "–"),
    ),
  );
  const head = ["Type", period ? axis(period, rows.length && there) : "", "Count", discards && "Discarded"];
  const table = el(
    "table", { class: "counts" },
    el("thead", {}, el("tr", {}, head.filter((cell) => cell !== false).map((cell) => el("th", { scope: "col" }, cell)))),
    el("tbody", {}, rows),
  );
  const none = types.filter((type) => !there.includes(type)).map(({ type }) => type);
  const words = [
    period && `One bar is ${duration(period.step)}; each type has its own scale.`,
    period?.outside && `${plural(period.outside, "event")} far from the others in time ${period.outside === 1 ? "is" : "are"} not drawn.`,
    none.length && `No ${none.join(", ")}.`,
  ];
  return [table, el("p", { class: "note" }, words.filter(Boolean).join(" "))];
}

function axis({ start, step }, there) {
  const bars = Math.max(...there.map(({ bars }) => bars.length));
  return el("span", { class: "axis" }, el("span", {}, moment(start, step)), el("span", {}, moment(start + step * bars, step)));
}

function chart(type, stage, bars, period) {
  if (!bars.length) return "";
  const most = Math.max(...bars);
  const shapes = bars.map((count, index) => {
    const height = count ? Math.max((HEIGHT * count) / most, 2) : 0;
    return svg("rect", { x: index + 0.1, y: HEIGHT - height, width: 0.8, height });
  });
  const label = `${type}: at most ${number(most)} in ${duration(period.step)}`;
  const attributes = { viewBox: `0 0 ${bars.length} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label, "data-stage": stage };
  return svg("svg", attributes, svg("title", {}, label), shapes);
}
