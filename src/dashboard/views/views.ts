// Owns: the views of a run, in the order of their tabs.
import type { ComponentType } from "preact";
import type { ViewName } from "../data/address-text.ts";
import type { KeyWords } from "../parts/keys.tsx";
import { BranchView } from "./branch.tsx";
import { DifferenceView } from "./difference.tsx";
import { EpisodeView } from "./episode.tsx";
import { LineageView } from "./lineage.tsx";
import { LogView } from "./log.tsx";
import { NichesView } from "./niches.tsx";
import { RunView } from "./run.tsx";
import type { ViewProps } from "./view-props.ts";

interface ListedView {
  readonly name: ViewName;
  readonly title: string;
  readonly view: ComponentType<ViewProps>;
  /** Keys of its own, for the list of keys. */
  readonly keys?: readonly KeyWords[];
}

export const VIEWS_OF_RUN: readonly ListedView[] = [
  { name: "run", title: "Run", view: RunView },
  {
    name: "lineage",
    title: "Lineage",
    view: LineageView,
    keys: [
      ["← → ↑ ↓", "in the tree: to the parent, to a child, along the column"],
      ["+ - 0", "in the tree: closer, farther, all of it"],
      ["Enter", "in the tree: open what is selected"],
    ],
  },
  {
    name: "branch",
    title: "Branch",
    view: BranchView,
    keys: [["← →", "along the lineage: the parent, the best child"]],
  },
  { name: "difference", title: "Difference", view: DifferenceView },
  { name: "episode", title: "Episode", view: EpisodeView },
  { name: "niches", title: "Niches", view: NichesView },
  { name: "log", title: "Log", view: LogView },
];
