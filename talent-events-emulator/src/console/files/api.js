// What the emulator answers to this console's own questions.

export function query(values) {
  const said = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  return new URLSearchParams(said).toString();
}

export async function ask(what, values = {}) {
  let answer;
  try {
    answer = await fetch(`/console/v1/${what}?${query(values)}`);
  } catch {
    throw new Error("The emulator does not answer: is it still running?");
  }
  if (answer.ok) return answer.json();
  const words = await answer.json().then((body) => body.error.message, () => answer.statusText);
  throw new Error(`The emulator answered ${answer.status}: ${words}`);
}
