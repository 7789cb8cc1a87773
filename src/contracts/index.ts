/** The contracts. Types only: nothing here runs. */
export type * from "./blob.ts";
export type * from "./branch.ts";
export type * from "./journal.ts";
export type * from "./json.ts";
export type * from "./kernel.ts";
export type * from "./command.ts";
export type * from "./model.ts";
export type * from "./notebook.ts";
export type * from "./page.ts";
export type * from "./policy.ts";
export type * from "./renderer.ts";
export type * from "./score.ts";
export type * from "./strategy.ts";
export type * from "./task.ts";
export type * from "./tool.ts";
