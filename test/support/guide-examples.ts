// Owns: the files that a guide tells its reader to write: each block below an `<!-- example: name -->`.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** The examples of docs/guides/<guide>.md: source by file name. */
export async function readExamples(guide: string): Promise<ReadonlyMap<string, string>> {
  const path = fileURLToPath(new URL(`../../docs/guides/${guide}.md`, import.meta.url));
  const blocks = (await readFile(path, "utf8")).matchAll(/<!-- example: (\S+) -->\s*```\w+\n([^]*?)^```$/gm);
  return new Map([...blocks].map(([, name = "", source = ""]) => [name, source]));
}

/** One of them. @throws Error for a name that the guide does not have. */
export async function readExample(guide: string, name: string): Promise<string> {
  const source = (await readExamples(guide)).get(name);
  if (source === undefined) throw new Error(`docs/guides/${guide}.md has no example ${name}`);
  return source;
}
