// Owns: collecting the outputs of one cell, from a kernel's messages to what nbformat stores, within the limits.
// Never decides when the cell is over.
import type { Output } from "../../contracts/notebook.ts";
import type { IOPubMessage } from "./contracts.ts";
import { countOf, recordOf, mimeText, type LooseRecord } from "../../core/untrusted.ts";
import type { OutputLimits } from "../kernel-options.ts";
import { OutputBudget } from "./output-budget.ts";
import type { GrowingText } from "./text-budget.ts";

/** A cell ends with one; only code that forges messages sends more. */
const MOST_ERRORS = 10;

/** Ids of displays that are known by their cell. */
const MOST_IDS = 10_000;

interface ShownEntry {
  readonly kind: "shown";
  readonly displayId: string | null;
  output: Output;
}
interface PrintedEntry {
  readonly kind: "printed";
  readonly name: "stdout" | "stderr";
  readonly text: GrowingText;
}

/** Collects the messages of one cell. Nothing that a kernel can send makes it throw. */
export class OutputCollector {
  readonly #limits: OutputLimits;
  #entries: (ShownEntry | PrintedEntry)[] = [];
  #budget: OutputBudget;
  /** Ids of what this cell showed, what is cleared or left out by now included. */
  readonly #ownDisplays = new Set<string>();
  #displaysLeftOut = 0;
  #errors = 0;
  #clearNext = false;

  constructor(limits: OutputLimits) {
    this.#limits = limits;
    this.#budget = new OutputBudget(limits);
  }

  add(message: IOPubMessage): void {
    const type: string = message.header.msg_type;
    const content: LooseRecord = recordOf(message.content);
    const ours = recordOf(recordOf(message.metadata)["nbevolve"]);
    // What the kernel itself left out: see python/nbevolve_kernel/output_pace.py.
    this.#displaysLeftOut += countOf(ours["displays_left_out"]) ?? 0;
    if (type === "stream")
      this.#print(content, countOf(ours["lost_chars"]) ?? 0, countOf(ours["lost_lines"]) ?? 0);
    if (type === "display_data" || type === "execute_result") this.#show(type, content);
    if (type === "update_display_data") this.#update(content);
    if (type === "error" && this.#errors < MOST_ERRORS) this.#fail(content);
    if (type === "clear_output") this.#clear(content["wait"] === true);
  }

  /** Adds an error of our own, as if the kernel had raised it. */
  fail(ename: string, evalue: string): void {
    this.#fail({ ename, evalue, traceback: [`${ename}: ${evalue}`] });
  }

  outputs(): readonly Output[] {
    const kept = this.#entries.map((entry): Output => {
      if (entry.kind === "shown") return entry.output;
      return { output_type: "stream", name: entry.name, text: entry.text.text() };
    });
    if (this.#displaysLeftOut === 0) return kept;
    const count = this.#displaysLeftOut.toLocaleString("en");
    return [
      ...kept,
      { output_type: "stream", name: "stderr", text: `[... ${count} displays left out ...]\n` },
    ];
  }

  #print(content: LooseRecord, lostChars: number, lostLines: number): void {
    this.#clearIfDue();
    const text = mimeText(content["text"]);
    if (text === "") return;
    const open = this.#openStream(content["name"] === "stderr" ? "stderr" : "stdout");
    if (lostChars > 0) open.text.lose(lostChars, lostLines);
    open.text.add(text);
  }

  /** Between two displays there is one stdout and one stderr, however the two are mixed. */
  #openStream(name: "stdout" | "stderr"): PrintedEntry {
    for (let at = this.#entries.length - 1; at >= 0; at -= 1) {
      const entry = this.#entries[at];
      if (entry === undefined || entry.kind === "shown") break;
      if (entry.name === name) return entry;
    }
    const opened: PrintedEntry = { kind: "printed", name, text: this.#budget.openText() };
    this.#entries.push(opened);
    return opened;
  }

  #show(type: "display_data" | "execute_result", content: LooseRecord): void {
    this.#clearIfDue();
    const displayId = displayIdOf(content);
    if (displayId !== null && this.#ownDisplays.size < MOST_IDS) this.#ownDisplays.add(displayId);
    if (this.#entries.length >= this.#limits.displays) {
      this.#displaysLeftOut += 1;
      return;
    }
    const bundle = this.#budget.bundle(content);
    const count = content["execution_count"];
    const output: Output =
      type === "display_data"
        ? { output_type: type, ...bundle }
        : { output_type: type, execution_count: typeof count === "number" ? count : null, ...bundle };
    this.#entries.push({ kind: "shown", displayId, output });
  }

  /** A display of an earlier cell stays there as it was; what it is now is shown by the cell that changed it. */
  #update(content: LooseRecord): void {
    const id = displayIdOf(content);
    if (id === null) return;
    if (!this.#ownDisplays.has(id)) {
      this.#show("display_data", content);
      return;
    }
    for (const entry of this.#entries) {
      if (entry.kind !== "shown" || entry.displayId !== id) continue;
      this.#budget.release(entry.output["data"]);
      entry.output = { ...entry.output, ...this.#budget.bundle(content) };
    }
  }

  #fail(content: LooseRecord): void {
    this.#clearIfDue();
    const { ename, evalue, traceback } = content;
    const lines = Array.isArray(traceback) ? traceback.map(mimeText) : [];
    const output = this.#budget.error(mimeText(ename), mimeText(evalue), lines);
    this.#entries.push({ kind: "shown", displayId: null, output });
    this.#errors += 1;
  }

  #clear(wait: boolean): void {
    this.#clearNext = true;
    if (!wait) this.#clearIfDue();
  }

  #clearIfDue(): void {
    if (!this.#clearNext) return;
    this.#clearNext = false;
    this.#entries = [];
    this.#displaysLeftOut = 0;
    this.#errors = 0;
    this.#budget = new OutputBudget(this.#limits);
  }
}

/** The text that a message says was printed; empty for any other message. */
export function printedIn(message: IOPubMessage): string {
  const type: string = message.header.msg_type;
  return type === "stream" ? mimeText(recordOf(message.content)["text"]) : "";
}

function displayIdOf(content: LooseRecord): string | null {
  const id = recordOf(content["transient"])["display_id"];
  return typeof id === "string" ? id : null;
}
