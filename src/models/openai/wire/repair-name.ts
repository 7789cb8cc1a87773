// Owns: finding the tool that a misspelt name can only mean. Pure.

/** The tool meant by a name: exact, differently written, or one slip away from exactly one tool; else null. */
export function toolMeant(name: string, tools: readonly string[]): string | null {
  if (tools.includes(name)) return name;
  const plain = plainName(name);
  const same = tools.filter((tool) => plainName(tool) === plain);
  if (same.length === 1) return same[0] ?? null;
  const near = tools.filter((tool) => distance(plainName(tool), plain) <= slips(tool));
  return near.length === 1 ? (near[0] ?? null) : null;
}

/** Slips forgiven: a short name has too many neighbours. */
function slips(tool: string): number {
  if (tool.length < 4) return 0;
  return tool.length < 8 ? 1 : 2;
}

/** Without the prefixes and punctuation that models add: `functions.run-code:0` is `runcode`. */
function plainName(name: string): string {
  return name
    .replace(/^(functions?|tools?|default_api|mcp)[.:/]+/i, "")
    .replace(/[:#]\d+$/, "")
    .replaceAll(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const plain = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = swapped ? Math.min(plain, (before[j - 2] ?? 0) + 1) : plain;
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
