// Owns: the outputs of one cell, from a kernel's messages to what nbformat stores, bounded on the way in.
// Never decides when the cell is over.
import type { IMimeBundle } from "@jupyterlab/nbformat";
import type { Output } from "../spec/notebook.ts";
import type { IOPubMessage } from "./live-kernel.ts";
import type { GrowingText } from "./text-budget.ts";
import { TextBudget } from "./text-budget.ts";

/** What one cell may leave behind. Characters count UTF-16 units; images count their base64 text. */
export interface OutputLimits {
  /** Printed text, and text in displays. */
  readonly textChars: number;
  readonly imageChars: number;
  /** Displays and results. */
  readonly displays: number;
  /** An error's message, and its traceback. */
  readonly errorChars: number;
}

export const OUTPUT_LIMITS: OutputLimits = {
  textChars: 10_000_000,
  imageChars: 20_000_000,
  displays: 1_000,
  errorChars: 500_000,
};

type Bundle = { readonly data: IMimeBundle; readonly metadata: Record<string, never> };
interface Shown {
  readonly kind: "shown";
  readonly displayId: string | null;
  output: Output;
}
interface Printed {
  readonly kind: "printed";
  readonly name: "stdout" | "stderr";
  readonly text: GrowingText;
}

/** Collects one cell's messages. Nothing that a kernel can send makes it throw. */
export class OutputCollector {
  readonly #limits: OutputLimits;
  #entries: (Shown | Printed)[] = [];
  #text: TextBudget;
  #textLeft: number;
  #imagesLeft: number;
  #leftOut = 0;
  #clearNext = false;

  constructor(limits: OutputLimits) {
    this.#limits = limits;
    this.#text = new TextBudget(limits.textChars);
    this.#textLeft = limits.textChars;
    this.#imagesLeft = limits.imageChars;
  }

  add(message: IOPubMessage): void {
    const content: Content = { ...message.content };
    switch (message.header.msg_type) {
      case "stream":
        return this.#print(content.name === "stderr" ? "stderr" : "stdout", text(content.text));
      case "display_data":
        return this.#show(content, (bundle) => ({ output_type: "display_data", ...bundle }));
      case "execute_result":
        return this.#show(content, (bundle) => ({
          output_type: "execute_result",
          execution_count: typeof content.execution_count === "number" ? content.execution_count : null,
          ...bundle,
        }));
      case "update_display_data":
        return this.#update(content);
      case "error":
        return this.#fail(text(content.ename), text(content.evalue), content.traceback);
      case "clear_output":
        if (content.wait === true) this.#clearNext = true;
        else this.#clear();
        return;
      default: // comms, status, and what is yet to be invented: no output
    }
  }

  /** An error of ours, as if the kernel had raised it. */
  fail(ename: string, evalue: string): void {
    this.#fail(ename, evalue, [`${ename}: ${evalue}`]);
  }

  outputs(): readonly Output[] {
    const kept = this.#entries.map((entry): Output =>
      entry.kind === "shown"
        ? entry.output
        : { output_type: "stream", name: entry.name, text: entry.text.text() },
    );
    return this.#leftOut === 0
      ? kept
      : [...kept, note(`[... ${this.#leftOut} more displays left out ...]\n`)];
  }

  #print(name: "stdout" | "stderr", printed: string): void {
    this.#clearIfAsked();
    if (printed === "") return;
    const open = this.#openStream(name);
    open.text.add(printed);
  }

  /** Between two displays there is one stdout and one stderr, however the two are mixed. */
  #openStream(name: "stdout" | "stderr"): Printed {
    for (let at = this.#entries.length - 1; at >= 0; at -= 1) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.kind === "shown") break;
      if (entry.name === name) return entry;
    }
    const opened: Printed = { kind: "printed", name, text: this.#text.open() };
    this.#entries.push(opened);
    return opened;
  }

  #show(content: Content, output: (bundle: Bundle) => Output): void {
    this.#clearIfAsked();
    if (this.#entries.length >= this.#limits.displays) {
      this.#leftOut += 1;
      return;
    }
    const shown = output(this.#bounded(content));
    this.#entries.push({ kind: "shown", displayId: displayId(content), output: shown });
  }

  #update(content: Content): void {
    const id = displayId(content);
    const targets = this.#entries.filter((entry) => entry.kind === "shown" && entry.displayId === id);
    if (id === null || targets.length === 0) return;
    for (const entry of targets) if (entry.kind === "shown") this.#release(entry.output);
    const bundle = this.#bounded(content);
    for (const entry of targets) if (entry.kind === "shown") entry.output = { ...entry.output, ...bundle };
  }

  #fail(ename: string, evalue: string, traceback: unknown): void {
    this.#clearIfAsked();
    const max = this.#limits.errorChars;
    const lines = Array.isArray(traceback) ? traceback.map(text) : [];
    const whole = lines.reduce((sum, line) => sum + line.length, 0) <= max;
    const output: Output = {
      output_type: "error",
      ename: ename.slice(0, 1000),
      evalue: clipped(evalue, max),
      traceback: whole ? lines : [clipped(lines.join("\n"), max)],
    };
    this.#entries.push({ kind: "shown", displayId: null, output });
  }

  /** The bundle with everything that the cell may not show any more replaced by a line that counts it. */
  #bounded(content: Content): Bundle {
    const data: IMimeBundle = {};
    for (const [mime, value] of Object.entries(record(content.data))) {
      const size = sizeOf(value);
      if (this.#take(mime, size)) data[mime] = bundled(value);
      else data["text/plain"] ??= `[${mime} of ${size.toLocaleString("en")} characters left out]`;
    }
    // Written by the kernel as JSON; nbformat asks no more of it than to be an object.
    return { data, metadata: record(content.metadata) as Record<string, never> };
  }

  #take(mime: string, size: number): boolean {
    if (isImage(mime)) {
      if (size > this.#imagesLeft) return false;
      this.#imagesLeft -= size;
    } else {
      if (size > this.#textLeft) return false;
      this.#textLeft -= size;
    }
    return true;
  }

  #release(output: Output): void {
    for (const [mime, value] of Object.entries(record(output.data))) {
      if (isImage(mime)) this.#imagesLeft += sizeOf(value);
      else this.#textLeft += sizeOf(value);
    }
  }

  #clearIfAsked(): void {
    if (this.#clearNext) this.#clear();
  }

  #clear(): void {
    this.#clearNext = false;
    this.#entries = [];
    this.#leftOut = 0;
    this.#text = new TextBudget(this.#limits.textChars);
    this.#textLeft = this.#limits.textChars;
    this.#imagesLeft = this.#limits.imageChars;
  }
}

/** A message's content as it may really be, whatever its type promises. */
type Content = Readonly<Record<string, unknown>>;

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

function displayId(content: Content): string | null {
  const id = record(content.transient).display_id;
  return typeof id === "string" ? id : null;
}

const isImage = (mime: string): boolean => mime.startsWith("image/") && mime !== "image/svg+xml";

const sizeOf = (value: unknown): number => text(value).length;

/** Parsed from JSON, so it is what a bundle may hold, but for a bare number or boolean. */
function bundled(value: unknown): IMimeBundle[string] {
  return typeof value === "object" && value !== null ? (value as IMimeBundle[string]) : text(value);
}

function clipped(long: string, max: number): string {
  if (long.length <= max) return long;
  const half = Math.floor(max / 2);
  const left = (long.length - 2 * half).toLocaleString("en");
  return `${long.slice(0, half)}\n[... ${left} characters left out here ...]\n${long.slice(-half)}`;
}

function note(line: string): Output {
  return { output_type: "stream", name: "stderr", text: line };
}
