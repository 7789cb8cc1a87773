// Owns: the page's beginning: which source it has, and what is said where it cannot begin.
import { render } from "preact";
import { watchAddress } from "./data/address.ts";
import { openReportSource } from "./data/report-source.ts";
import { openServerSource } from "./data/server-source.ts";
import { Shell } from "./views/shell.tsx";

async function begin(root: Element): Promise<void> {
  watchAddress();
  const source = openReportSource(document) ?? (await openServerSource());
  document.title = `${source.info.title} - nbevolve`;
  render(<Shell source={source} />, root);
}

const root = document.querySelector("#page");
if (root === null) throw new Error("The page has no place to be drawn.");
begin(root).catch((problem: unknown) => {
  root.textContent = `The page cannot begin: ${problem instanceof Error ? problem.message : String(problem)}`;
});
