// The dashboard page: counts, rates and defects of all events.

import { ask } from "./api.js";
import { counts } from "./counts.js";
import { Defects } from "./defects.js";
import { at, el, problem } from "./dom.js";
import { number, percent } from "./format.js";
import { funnel } from "./funnel.js";
import { Stream } from "./stream.js";

// The pause between two requests, so that an open page does not slow down a flood of events.
const PAUSE_MS = 1000;

const defects = new Defects(at("defects"));

async function show() {
  try {
    const found = await ask("dashboard");
    again ||= found.unfinished;
    tiles(found);
    at("funnel").replaceChildren(funnel(found.funnel));
    at("counts").replaceChildren(...counts(found));
    defects.show(found.rules);
    document.body.dataset.ready = "";
    problem(null);
  } catch (error) {
    problem(error);
  }
}

function tiles({ kept, discarded, refused, refusals, repeated, funnel, rules, strict }) {
  const [shown, viewed, applied] = funnel.map((stage) => stage.searches);
  const broken = rules.reduce((sum, rule) => sum + rule.defects, 0);
  const codes = Object.entries(refusals).map(([code, count]) => `${number(count)} ${code}`);
  const all = [
    ["Events that count", number(kept), repeated ? `${number(repeated)} repeated` : "kept in memory"],
    ["Discarded", number(discarded), strict ? "strict: without a known request id" : "the emulator is not strict"],
    ["Refused calls", number(refused), codes.slice(0, 2).join(", ") || "no call was refused"],
    ["View rate", percent(viewed, shown), `${number(viewed)} of ${number(shown)} searches that showed jobs`],
    ["Apply rate", percent(applied, shown), `${number(applied)} of ${number(shown)} searches that showed jobs`],
    ["Defects", number(broken), broken ? "see data validation" : "the events fit together"],
  ];
  at("tiles").replaceChildren(...all.map(([name, value, note]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), el("small", {}, note)))));
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
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
  asking = false;
}

new Stream(update).start({ quiet: true });
