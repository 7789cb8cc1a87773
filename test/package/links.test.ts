// Documents in the package link to what is in the package: who installed it has nothing else.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

test("every link of docs leads to a file of the package, or to the web", async () => {
  const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await promisify(execFile)("npm", pack, { cwd: root, maxBuffer: 1 << 26 });
  const listed: unknown = JSON.parse(stdout);
  const files = [...JSON.stringify(listed).matchAll(/"path":"([^"]+)"/g)].map(([, path = ""]) => path);
  const documents = files.filter((path) => path.startsWith("docs/") && path.endsWith(".md"));
  expect(documents.length).toBeGreaterThan(20);
  const lost = await Promise.all(
    documents.map(async (path) => {
      const text = (await readFile(join(root, path), "utf8")).replaceAll(/^```[^]*?^```/gm, "");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link.replace(/#.*$/, ""));
      const inside = links.filter((link) => link !== "" && !/^[a-z]+:/.test(link));
      return inside.flatMap((link) => {
        const target = normalize(join(dirname(path), link)).replace(/\/$/, "");
        const isThere = files.some((file) => file === target || file.startsWith(`${target}/`));
        return isThere ? [] : [`${path}: ${link}`];
      });
    }),
  );
  expect(lost.flat()).toEqual([]);
});
