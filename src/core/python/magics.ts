// Owns: taking IPython's magics and shell lines out of a cell so that the rest parses as Python.

const HARMLESS_MAGIC =
  /^%(matplotlib|time|timeit|config|precision|pip|conda|pwd|who|whos|load_ext|autoreload)\b/;
const HARMLESS_CELL_MAGIC = /^%%(time|timeit|capture|prun)\b/;

/** The cell as plain Python of as many lines; `opaque` when a magic may do anything to names. */
export function withoutMagics(source: string): { text: string; opaque: boolean } {
  const lines = source.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "");
  const head = lines[first]?.trim() ?? "";
  if (head.startsWith("%%")) {
    if (!HARMLESS_CELL_MAGIC.test(head)) return { text: "", opaque: true };
    lines[first] = "";
  }
  let opaque = false;
  const text = lines.map((line) => {
    const code = line.trimStart();
    if (code.startsWith("!")) return `${line.slice(0, line.length - code.length)}pass`;
    if (!/^%[a-z_]/i.test(code)) return line;
    if (!HARMLESS_MAGIC.test(code)) opaque = true;
    return `${line.slice(0, line.length - code.length)}pass`;
  });
  return { text: text.join("\n"), opaque };
}
