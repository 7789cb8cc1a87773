// Owns: the views of a run, in the order of their tabs.
import type { ComponentType } from "preact";
import type { ViewName } from "../data/address.ts";
import { RunView } from "./run.tsx";
import type { ViewProps } from "./view-props.ts";

export const VIEWS_OF_RUN: readonly {
  readonly name: ViewName;
  readonly title: string;
  readonly view: ComponentType<ViewProps>;
}[] = [{ name: "run", title: "Run", view: RunView }];
