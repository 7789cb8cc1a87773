// The guide's tables of strategies and settings are what the strategies declare.
// `npx vitest run test/strategies/guide.test.ts -u` writes them into the guide.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { expect, test } from "vitest";
import { SHIPPED_STRATEGIES } from "../../strategies/index.ts";

const guide = fileURLToPath(new URL("../../docs/guides/strategies.md", import.meta.url));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return lines.join("\n");
}

const declarations = SHIPPED_STRATEGIES.map(({ declaration }) => declaration);

const tables: Readonly<Record<string, string>> = {
  strategies: table(
    ["name", "what it does", "source"],
    declarations.map(({ name, summary, source }) => [`\`${name}\``, summary, source]),
  ),
  settings: table(
    ["strategy", "setting", "default", "may be", "meaning"],
    declarations.flatMap(({ name, settings }) =>
      Object.entries(settings).map(([key, { defaultText, range, meaning }]) => [
        `\`${name}\``,
        `\`${key}\``,
        defaultText,
        range,
        meaning,
      ]),
    ),
  ),
};

test("the guide has the tables that follow from the declarations", async () => {
  const text = await readFile(guide, "utf8");
  const written = Object.entries(tables).reduce(
    (whole, [name, rows]) =>
      whole.replace(
        new RegExp(`(<!-- table: ${name} -->)[^]*?(<!-- end -->)`),
        (_, begin: string, end: string) => `${begin}\n\n${rows}\n\n${end}`,
      ),
    text,
  );
  const options = await resolveConfig(guide);
  await expect(await format(written, { ...options, parser: "markdown" })).toMatchFileSnapshot(guide);
});
