// The stream of news. It goes on where it was cut off, and rests while nobody looks: a browser has few connections.

import { query } from "./api.js";
import { at } from "./dom.js";
import { plural } from "./format.js";

const RETRY_MS = 2000;

const WORDS = { connecting: "Connecting", live: "Live", paused: "Paused", lost: "Reconnecting" };

export class Stream {
  #source = null;
  #last = null;
  #values = {};
  #paused = false;
  #retry = 0;
  #receive;

  constructor(receive) {
    this.#receive = receive;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    // A page that is left stays in the browser's memory, to be come back to.
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
  }

  // Begins anew, with these values in the query.
  start(values) {
    this.#values = values;
    this.#last = null;
    this.#paused = false;
    this.#open();
  }

  pause(paused) {
    this.#paused = paused;
    if (!paused) return this.#open();
    this.#close();
    show("paused");
  }

  #open() {
    this.#close();
    if (this.#paused || document.hidden) return;
    show("connecting");
    const source = new EventSource(`/console/v1/stream?${query({ ...this.#values, after: this.#last })}`);
    source.onopen = () => show("live");
    source.onmessage = (message) => {
      this.#last = message.lastEventId;
      const news = JSON.parse(message.data);
      at("total").textContent = plural(news.count, "event") + (news.refused ? `, ${plural(news.refused, "refused call")}` : "");
      this.#receive(news);
    };
    source.onerror = () => {
      show("lost");
      // Else the browser tries again by itself.
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.#open(), RETRY_MS);
    };
    this.#source = source;
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }
}

function show(state) {
  const element = at("state");
  if (element.dataset.state === state && element.textContent === WORDS[state]) return;
  element.dataset.state = state;
  element.textContent = WORDS[state];
}
