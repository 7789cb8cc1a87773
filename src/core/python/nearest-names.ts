// Owns: which known names a name was probably meant to be.

const MOST = 2;
/** Nobody misspells a longer name: it comes from a program, and to compare it takes the square of its letters. */
const MOST_LETTERS = 100;

/** The nearest of the known names, at most two, nearest first; none where nothing is near. */
export function nearestNames(name: string, known: readonly string[]): readonly string[] {
  if (name.length > MOST_LETTERS) return [];
  const most = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(known)]
    .filter((one) => one !== name && one.length <= MOST_LETTERS)
    .map((one) => ({ one, distance: distanceBetween(name, one) }))
    .filter(({ one, distance }) => distance <= most && distance < Math.max(name.length, one.length) / 2)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ one }) => one);
}

/** Letters to insert, leave out or replace; none for a capital, an underscore or a plural alone counts as one. */
function distanceBetween(a: string, b: string): number {
  const [from, to] = [a, b].map((name) => name.toLowerCase().replaceAll("_", ""));
  if (from === undefined || to === undefined) return Infinity;
  if (from === to) return 0.5;
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? Infinity;
}
