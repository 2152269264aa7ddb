/** Which name was meant: the one that takes the fewest letters to get to. */

/** Levenshtein's distance, of which a row is kept. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let at = 0; at < to.length; at += 1) {
      const [diagonal = 0, above = 0] = row.slice(at, at + 2);
      next.push(Math.min(above + 1, (next[at] ?? 0) + 1, diagonal + (from[index] === to[at] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The name nearest to a word; `undefined` where none is near. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.ceil(word.length / 2);
  for (const name of names) {
    const steps = distance(word.slice(0, 40).toLowerCase(), name.toLowerCase());
    if (steps > least) continue;
    least = steps;
    nearest = name;
  }
  return nearest;
}
