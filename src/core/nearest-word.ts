// Owns: the known name that a misspelt word means, as a suggestion in an error.

/** `; did you mean "x"?` for the nearest known name, else for the only one that has the word as a part, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known) ?? onlyWithPart(word, known);
  return near === null ? "" : `; did you mean "${near}"?`;
}

/** The only known name with this word among its own, as `usd` is one of `costUsd`; null for several, and for a known name. */
function onlyWithPart(word: string, known: readonly string[]): string | null {
  if (known.includes(word)) return null;
  const having = known.filter((name) => wordsOf(name).includes(word.toLowerCase()));
  return having.length === 1 ? (having[0] ?? null) : null;
}

function wordsOf(name: string): readonly string[] {
  return name
    .replace(/[A-Z]/g, " $&")
    .toLowerCase()
    .split(/[-_. ]+/)
    .filter((part) => part.length >= 3);
}

/**
 * The known name that `word` misspells: the same but for case and separators, or 1 edit away (2 for names of
 * 8 letters and more, 0 for those of less than 3). Null for a known name and for what resembles none.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  if (known.includes(word) || word.length > MOST_LETTERS) return null;
  const ranked = known
    .map((name) => ({ name, distance: editDistance(plainWord(word), plainWord(name), mayDiffer(name)) }))
    .filter(({ distance }) => distance < Infinity)
    .sort((one, other) => one.distance - other.distance);
  return ranked[0]?.name ?? null;
}

/** Nobody misspells a longer name. */
const MOST_LETTERS = 200;

function mayDiffer(name: string): number {
  if (name.length < 3) return 0;
  return name.length < 8 ? 1 : 2;
}

function plainWord(word: string): string {
  return word.toLowerCase().replace(/[-_. ]/g, "");
}

/**
 * Insertions, deletions, replacements and swaps of neighbours (optimal string alignment); Infinity where there are more than
 * `most`. Letters are compared only where the lengths allow so few. Default: as many as there are.
 */
export function editDistance(from: string, to: string, most = Infinity): number {
  if (Math.abs(from.length - to.length) > most) return Infinity;
  const rows = [Array.from({ length: to.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= from.length; i += 1) {
    const [above, before] = [rows[i - 1] ?? [], rows[i - 2] ?? []];
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          (row[j - 1] ?? 0) + 1,
          (above[j] ?? 0) + 1,
          (above[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  const distance = rows.at(-1)?.at(-1) ?? 0;
  return distance <= most ? distance : Infinity;
}
