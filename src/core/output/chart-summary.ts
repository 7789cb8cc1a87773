// Owns: a line that stands for a chart given as data (Plotly, Vega): its kinds, title, traces and size.
import { isRecord } from "../untrusted.ts";

/** `[plotly: 2 scatter, title "Loss", traces train/val, 400 points]`. */
export function plotlySummary(value: unknown): string {
  const figure = parsed(value);
  const traces = Array.isArray(figure?.["data"]) ? figure["data"].filter(isRecord) : [];
  const kinds = counted(traces.map((trace) => textIn(trace, "type") ?? "scatter"));
  const names = traces.flatMap((trace) => textIn(trace, "name") ?? []).slice(0, 5);
  const points = traces.reduce((sum, trace) => sum + pointsOf(trace), 0);
  const title = titleOf(figure?.["layout"]);
  return `[plotly: ${[
    kinds || "no traces",
    ...(title === null ? [] : [`title "${title}"`]),
    ...(names.length > 0 ? [`traces ${names.join("/")}`] : []),
    `${points} points`,
  ].join(", ")}]`;
}

/** `[vega: point, title "Cars", x Horsepower, y Miles]`. */
export function vegaSummary(value: unknown): string {
  const spec = parsed(value);
  const mark = spec?.["mark"];
  const kind = typeof mark === "string" ? mark : isRecord(mark) ? textIn(mark, "type") : null;
  const encoding = isRecord(spec?.["encoding"]) ? Object.entries(spec["encoding"]) : [];
  const fields = encoding.flatMap(([channel, to]) => {
    const field = isRecord(to) ? textIn(to, "field") : null;
    return field === null ? [] : [`${channel} ${field}`];
  });
  const title = titleOf(spec);
  return `[vega: ${[kind ?? "chart", ...(title === null ? [] : [`title "${title}"`]), ...fields.slice(0, 6)].join(", ")}]`;
}

function parsed(value: unknown): { readonly [key: string]: unknown } | null {
  if (typeof value !== "string") return isRecord(value) ? value : null;
  try {
    const json: unknown = JSON.parse(value);
    return isRecord(json) ? json : null;
  } catch {
    return null; // not JSON: a chart that nothing is known of
  }
}

function pointsOf(trace: { readonly [key: string]: unknown }): number {
  const axes = ["x", "y", "z", "values", "lat"].map((axis) => trace[axis]);
  return Math.max(0, ...axes.map((axis) => (Array.isArray(axis) ? axis.length : 0)));
}

function titleOf(holder: unknown): string | null {
  if (!isRecord(holder)) return null;
  const title = holder["title"];
  const text = typeof title === "string" ? title : isRecord(title) ? textIn(title, "text") : null;
  return text === null || text === "" ? null : text.slice(0, 80);
}

function textIn(holder: { readonly [key: string]: unknown }, key: string): string | null {
  const value = holder[key];
  return typeof value === "string" && value !== "" ? value.slice(0, 60) : null;
}

function counted(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(" ");
}
