// The funnel: one block per stage. Its width is the stage's share of the searches that showed jobs.

import { el, svg } from "./dom.js";
import { number, percent } from "./format.js";

const NAMES = {
  shown: ["Shown", "IMPRESSION"],
  viewed: ["Viewed", "VIEW, VIEW_REDIRECT"],
  applied: ["Applied", "started, submitted or redirected"],
  interviewed: ["Interview", "INTERVIEW_GRANTED"],
  hired: ["Hired", "HIRED"],
};

const ROW = 60;
const BLOCK = 40;

export function funnel(stages) {
  const shown = stages[0].searches;
  const widths = stages.map(({ searches }) => (searches ? Math.max((100 * searches) / shown, 1) : 0));
  const left = (index) => (100 - widths[index]) / 2;
  const right = (index) => (100 + widths[index]) / 2;
  const shapes = stages.flatMap(({ stage }, index) => {
    const top = index * ROW + (ROW - BLOCK) / 2;
    const bottom = top + BLOCK;
    const block = svg("rect", { class: "block", "data-stage": stage, x: left(index), y: top, width: widths[index], height: BLOCK });
    if (index + 1 === stages.length) return [block];
    const next = bottom + ROW - BLOCK;
    const points = `${left(index)},${bottom} ${right(index)},${bottom} ${right(index + 1)},${next} ${left(index + 1)},${next}`;
    return [svg("polygon", { class: "slope", points }), block];
  });
  const picture = svg("svg", { class: "picture", viewBox: `0 0 100 ${ROW * stages.length}`, preserveAspectRatio: "none", "aria-hidden": "true" }, shapes);
  const rows = stages.map(({ stage, searches }) =>
    el(
      "li", { "data-stage": stage },
      el("span", { class: "stage" }, el("b", {}, NAMES[stage][0]), el("small", {}, NAMES[stage][1])),
      el("span", { class: "searches" }, el("b", {}, number(searches)), el("small", {}, percent(searches, shown))),
    ),
  );
  return el("div", { class: "funnel" }, picture, el("ol", {}, rows));
}
