// Owns: fenced blocks that hold whatever is in them, and which block a line of a text stands in.

/** The text as a fenced block. The fence is longer than any run of backticks in it. */
export function fenceText(text: string, language = ""): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const ticks = "`".repeat(runs.reduce((most, run) => Math.max(most, run.length + 1), 3));
  return `${ticks}${language}\n${text}\n${ticks}`;
}

/** The line that opened the block in which line `at` stands; null when it stands in none. */
export function openingFence(lines: readonly string[], at: number): string | null {
  let opening: string | null = null;
  for (const line of lines.slice(0, at)) {
    const [, ticks = "", language = ""] = /^(`{3,})(\w*)$/.exec(line) ?? [];
    if (ticks === "") continue;
    if (opening === null) opening = line;
    else if (language === "" && ticks.length >= countTicks(opening)) opening = null;
  }
  return opening;
}

function countTicks(opening: string): number {
  return /^`*/.exec(opening)?.[0].length ?? 0;
}
