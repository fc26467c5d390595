// The event stream. It resumes after a lost connection, and closes while the page is hidden, because a browser has few
// connections.

import { query } from "./api.js";
import { at } from "./dom.js";
import { plural } from "./format.js";

const RETRY_MS = 2000;

const LABELS = { connecting: "Connecting", live: "Live", paused: "Paused", lost: "Reconnecting" };

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
    // A browser may keep a page in memory after the user has left it.
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
  }

  // Restarts the stream with these values in the query.
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
      const update = JSON.parse(message.data);
      at("total").textContent = plural(update.count, "event") + (update.refused ? `, ${plural(update.refused, "refused call")}` : "");
      this.#receive(update);
    };
    source.onerror = () => {
      show("lost");
      // Otherwise the browser reconnects by itself.
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
  if (element.dataset.state === state && element.textContent === LABELS[state]) return;
  element.dataset.state = state;
  element.textContent = LABELS[state];
}
