// Warnings about events: as badges in a list, and with their reasons.

import { ask } from "./api.js";
import { el } from "./dom.js";

const WAIT_MS = 250;
const AGAIN_MS = 1000;
const MAX_NUMBERS = 500;

export function badge(warning) {
  return el("span", { class: "badge", "data-severity": warning.severity }, warning.id);
}

// The sentence, the severity and the source.
export function reason(warning) {
  const sentence = warning.sentence.charAt(0).toUpperCase() + warning.sentence.slice(1);
  return el("p", { class: "reason" }, `${sentence}. `, el("small", {}, `(${warning.severity}; source: ${warning.source})`));
}

export function list(warnings) {
  if (!warnings.length) return el("p", { class: "fine" }, "No warnings so far: the event fits the other events.");
  const items = warnings.map((warning) => el("li", {}, badge(warning), reason(warning)));
  return el("ul", { class: "warnings" }, items);
}

// Updates the badges of listed events, because a later event may settle a warning or cause one.
export class Badges {
  #wanted = new Set();
  #timer = 0;
  #show;

  constructor(show) {
    this.#show = show;
  }

  refresh(numbers) {
    numbers.forEach((number) => this.#wanted.add(number));
    if (this.#wanted.size && !this.#timer) this.#timer = setTimeout(() => this.#ask(), WAIT_MS);
  }

  async #ask() {
    const numbers = [...this.#wanted].slice(-MAX_NUMBERS);
    numbers.forEach((number) => this.#wanted.delete(number));
    try {
      const { warnings, unfinished } = await ask("warnings", { numbers: numbers.join() });
      for (const [number, those] of Object.entries(warnings)) this.#show(Number(number), those);
      if (unfinished) setTimeout(() => this.refresh(numbers), AGAIN_MS);
    } catch {
      // The stream shows that the emulator is gone. The next event asks again.
    }
    this.#timer = 0;
    this.refresh([]);
  }
}
