// Numbers and times for people.

const numbers = new Intl.NumberFormat("en");
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clocks = new Intl.DateTimeFormat("en-GB", clock);

export const number = (n) => numbers.format(n);

export const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–");

export const plural = (n, word) => `${number(n)} ${word}${n === 1 ? "" : "s"}`;

// A time in the browser's zone. The day is left out if it is today.
export function time(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const today = at.toDateString() === new Date().toDateString();
  return today ? clocks.format(at) : `${days.format(at)}, ${clocks.format(at)}`;
}

// The start of a bucket of this width, in seconds.
export function moment(seconds, width) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return "";
  return width < 86400 ? `${days.format(at)}, ${clocks.format(at).slice(0, width < 60 ? 8 : 5)}` : days.format(at);
}

const UNITS = [["year", 31536000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

// A whole number of the largest unit that divides it.
export function duration(seconds) {
  const [name, unit] = UNITS.find(([, unit]) => seconds % unit === 0) ?? ["second", 1];
  return plural(seconds / unit, name);
}

// The time between two events, in at most two units.
export function since(earlier, later) {
  const ms = new Date(later) - new Date(earlier);
  if (!(ms >= 0)) return "";
  if (ms === 0) return "at once";
  if (ms < 1000) return `+${ms} ms`;
  const short = { year: "y", week: "w", day: "d", hour: "h", minute: "min", second: "s" };
  let rest = Math.round(ms / 1000);
  const parts = [];
  for (const [name, unit] of UNITS) {
    const count = Math.floor(rest / unit);
    if (count && parts.length < 2) parts.push(`${count} ${short[name]}`);
    rest -= count * unit;
  }
  return `+${parts.join(" ")}`;
}
