// Owns: how much of one cell's outputs is kept, and the line that stands in for the rest. Never knows their order.
import type { IMimeBundle } from "@jupyterlab/nbformat";
import type { Output } from "../../contracts/notebook.ts";
import {
  clipLine,
  errorName,
  isDeeperThan,
  recordOf,
  mimeText,
  type LooseRecord,
} from "../../core/untrusted.ts";
import type { OutputLimits } from "../kernel-options.ts";
import type { GrowingText } from "./text-budget.ts";
import { TextBudget } from "./text-budget.ts";

/** What displays nest in practice is far below, and a notebook as a whole may not nest deeper than 100 levels. */
const MOST_LEVELS = 64;
/** Representations of one display. */
const MOST_KINDS = 100;

export interface DisplayBundle {
  readonly data: IMimeBundle;
  readonly metadata: IMimeBundle;
}

/** What one cell has left of its limits. */
export class OutputBudget {
  readonly #limits: OutputLimits;
  readonly #printed: TextBudget;
  #textLeft: number;
  #imagesLeft: number;

  constructor(limits: OutputLimits) {
    this.#limits = limits;
    this.#printed = new TextBudget(limits.textChars);
    this.#textLeft = limits.textChars;
    this.#imagesLeft = limits.imageChars;
  }

  openText(): GrowingText {
    return this.#printed.open();
  }

  /** The bundle of a display, with a line that counts what exceeds the limits. */
  bundle(content: LooseRecord): DisplayBundle {
    const data: IMimeBundle = {};
    const leftOut: string[] = [];
    for (const [mime, value] of Object.entries(recordOf(content["data"])).slice(0, MOST_KINDS)) {
      const name = clipLine(mime, 100);
      if (isDeeperThan(value, MOST_LEVELS)) {
        leftOut.push(`[${name} left out: it is nested more than ${MOST_LEVELS} levels deep]`);
        continue;
      }
      const chars = mimeText(value).length;
      if (mime === name && this.#take(mime, chars)) data[mime] = inBundle(value);
      else leftOut.push(`[${name} of ${chars.toLocaleString("en")} characters left out]`);
    }
    const plain = data["text/plain"];
    if (leftOut.length > 0) {
      data["text/plain"] = [...(plain === undefined ? [] : [mimeText(plain)]), ...leftOut].join("\n");
    }
    return { data, metadata: this.#metadata(recordOf(content["metadata"])) };
  }

  /** All of it, or nothing: no part of it is shown to anyone. */
  #metadata(said: LooseRecord): IMimeBundle {
    const fits = !isDeeperThan(said, MOST_LEVELS) && this.#take("metadata", JSON.stringify(said).length - 2);
    return fits ? jsonObject(said) : {};
  }

  /** Gives back what a display took that is no longer shown. */
  release(data: unknown): void {
    for (const [mime, value] of Object.entries(recordOf(data))) this.#take(mime, -mimeText(value).length);
  }

  error(ename: string, evalue: string, traceback: readonly string[]): Output {
    const most = this.#limits.errorChars;
    const chars = traceback.reduce((sum, line) => sum + line.length + 1, 0);
    return {
      output_type: "error",
      ename: errorName(ename),
      evalue: clipMiddle(evalue, most),
      traceback: chars <= most ? [...traceback] : [clipMiddle(traceback.join("\n"), most)],
    };
  }

  #take(mime: string, chars: number): boolean {
    const isImage = mime.startsWith("image/") && mime !== "image/svg+xml";
    const left = (isImage ? this.#imagesLeft : this.#textLeft) - chars;
    if (left < 0) return false;
    if (isImage) this.#imagesLeft = left;
    else this.#textLeft = left;
    return true;
  }
}

/** nbformat has texts and objects in a bundle; a kernel may send any JSON. */
function inBundle(value: unknown): IMimeBundle[string] {
  return typeof value === "object" && value !== null ? jsonObject(value) : mimeText(value);
}

/** It was parsed from JSON: there is nothing in it that JSON cannot hold. */
const jsonObject = (value: object): IMimeBundle => value as IMimeBundle;

function clipMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = (text.length - 2 * half).toLocaleString("en");
  return `${text.slice(0, half)}\n[... ${left} characters left out here ...]\n${text.slice(-half)}`;
}
