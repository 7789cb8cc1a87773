// Owns: a cell's outputs as they are drawn. What is HTML goes into a frame without scripts.
import { useEffect, useState } from "preact/hooks";
import type { Output } from "../../contracts/index.ts";
import { watchTheme } from "../parts/theme.tsx";
import { colouredRuns } from "./coloured-text.ts";
import { Markdown } from "./markdown.tsx";
import { shownParts, type ShownPart } from "./output-parts.ts";
import { LongText } from "./text.tsx";

/** Outputs that are shown at once. */
const MORE = 40;

export function Outputs({ outputs, cell }: { readonly outputs: readonly Output[]; readonly cell: string }) {
  const [most, setMost] = useState(MORE);
  const left = outputs.length - most;
  return (
    <div class="outputs">
      {outputs.slice(0, most).map((output, at) => (
        <OneOutput key={at} output={output} cell={cell} />
      ))}
      {left <= 0 ? null : (
        <p class="more">
          <button type="button" class="plain" onClick={() => setMost(most + MORE)}>
            Show {Math.min(left, MORE)} more of {outputs.length} outputs
          </button>
        </p>
      )}
    </div>
  );
}

function OneOutput({ output, cell }: { readonly output: Output; readonly cell: string }) {
  return (
    <div class="output">
      {shownParts(output).map((part, at) => (
        <Part key={at} part={part} cell={cell} />
      ))}
    </div>
  );
}

function Part({ part, cell }: { readonly part: ShownPart; readonly cell: string }) {
  switch (part.kind) {
    case "text":
      return (
        <LongText
          class={part.isError ? "output-text error" : "output-text"}
          text={part.text}
          runsOf={colouredRuns}
        />
      );
    case "picture":
      return (
        <img
          class="output-picture"
          src={part.src}
          alt={part.alt}
          width={part.width ?? undefined}
          height={part.height ?? undefined}
          loading="lazy"
          decoding="async"
        />
      );
    case "html":
      return <HtmlFrame html={part.html} cell={cell} />;
    case "markdown":
      return <Markdown text={part.text} />;
    case "json":
      return (
        <details class="folded">
          <summary>JSON</summary>
          <LongText class="output-text" text={part.text} />
        </details>
      );
    case "note":
      return <p class="withheld">{part.text}</p>;
  }
}

function useIsDark(): boolean {
  const read = (): boolean => {
    const said = document.documentElement.dataset["theme"];
    return said === undefined ? matchMedia("(prefers-color-scheme: dark)").matches : said === "dark";
  };
  const [isDark, setDark] = useState(read);
  useEffect(() => watchTheme(() => queueMicrotask(() => setDark(read()))), []);
  return isDark;
}

const ROW = 25;
const MOST_HEIGHT = 360;

/** How high a frame must be is known by nobody but its own scripts, which do not run: its rows are counted. */
function heightOf(html: string): number {
  let rows = 0;
  for (const found of html.slice(0, 200_000).matchAll(/<(?:tr|p|li|br|h[1-6]|div)\b/gi))
    if (found.length > 0) rows += 1;
  return Math.min(MOST_HEIGHT, 30 + ROW * Math.max(1, rows));
}

function HtmlFrame({ html, cell }: { readonly html: string; readonly cell: string }) {
  const isDark = useIsDark();
  const [isTall, setTall] = useState(false);
  const height = heightOf(html);
  return (
    <>
      <iframe
        class="html-frame"
        sandbox=""
        referrerpolicy="no-referrer"
        loading="lazy"
        title={`HTML of cell ${cell}`}
        srcdoc={frameText(html, isDark)}
        style={{ height: `${isTall ? 900 : height}px` }}
      />
      {height < MOST_HEIGHT ? null : (
        <p class="more">
          <button type="button" class="plain" aria-expanded={isTall} onClick={() => setTall(!isTall)}>
            {isTall ? "Less high" : "Higher"}
          </button>
        </p>
      )}
    </>
  );
}

/** It loads nothing, and its links lead nowhere. */
function frameText(html: string, isDark: boolean): string {
  const [ink, line, sunk, paper] = isDark
    ? ["#e4e8ee", "#2b323c", "#0c0f13", "#181c22"]
    : ["#1a1e24", "#dde1e7", "#f1f3f6", "#ffffff"];
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"><base target="_blank"><style>
:root{color-scheme:${isDark ? "dark" : "light"}}
body{margin:4px 2px;font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;color:${ink};background:${paper};font-variant-numeric:tabular-nums}
table{border-collapse:collapse;border:0;font-size:12.5px}
th,td{padding:3px 9px;border:0;border-bottom:1px solid ${line};text-align:right;white-space:nowrap}
thead th{border-bottom:1px solid ${ink}}
tbody tr:nth-child(even){background:${sunk}}
img{max-width:100%}
</style>${html}`;
}
