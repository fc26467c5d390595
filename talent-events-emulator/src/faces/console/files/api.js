// Requests for the console's data.

export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  return new URLSearchParams(given).toString();
}

export async function ask(what, values = {}) {
  let answer;
  try {
    answer = await fetch(`/console/v1/${what}?${query(values)}`);
  } catch {
    throw new Error("The emulator does not answer. Is it still running?");
  }
  if (answer.ok) return answer.json();
  const message = await answer.json().then((body) => body.error.message, () => answer.statusText);
  throw new Error(`The emulator answered ${answer.status}: ${message}`);
}
