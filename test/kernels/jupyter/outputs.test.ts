import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IOPubMessage } from "../../../src/kernels/jupyter/contracts.ts";
import { OUTPUT_LIMITS } from "../../../src/kernels/kernel-options.ts";
import { OutputCollector } from "../../../src/kernels/jupyter/outputs.ts";
import { TextBudget } from "../../../src/kernels/jupyter/text-budget.ts";
import type { Output } from "../../../src/contracts/notebook.ts";

const MARKER = /\n?\[\.\.\. ([\d,]+) characters, ([\d,]+) lines left out here \.\.\.\]\n/;

/** What is before the marker, after it, and what the marker counts; all of a text without one is before. */
function read(text: string): { head: string; tail: string; chars: number; lines: number } {
  const found = MARKER.exec(text);
  if (found === null) return { head: text, tail: "", chars: 0, lines: 0 };
  const [marker, chars = "", lines = ""] = found;
  const number = (digits: string): number => Number(digits.replaceAll(",", ""));
  const tail = text.slice(found.index + marker.length);
  return { head: text.slice(0, found.index), tail, chars: number(chars), lines: number(lines) };
}

const prints = fc.array(
  fc.tuple(fc.boolean(), fc.string({ unit: fc.constantFrom("a", "\n", "é", "𝄞"), maxLength: 40 })),
);

describe("a text budget", () => {
  it("keeps what came first and last, and counts every character and line between", () => {
    fc.assert(
      fc.property(prints, fc.integer({ min: 2, max: 200 }), (given, most) => {
        const budget = new TextBudget(most);
        const texts = [budget.open(), budget.open()];
        for (const [second, text] of given) texts[second ? 1 : 0]?.add(text);
        let kept = 0;
        for (const [index, text] of texts.entries()) {
          const whole = given.flatMap(([second, part]) => (second === (index === 1) ? [part] : [])).join("");
          const { head, tail, chars, lines } = read(text.text());
          expect(whole.startsWith(head)).toBe(true);
          expect(whole.endsWith(tail)).toBe(true);
          // A head that ends a line keeps it: the marker takes a line of its own either way.
          const lost = whole.slice(head.length, whole.length - tail.length);
          expect([0, 1]).toContain(lost.length - chars);
          expect([0, 1]).toContain(lost.split("\n").length - 1 - lines);
          expect(Buffer.from(text.text()).toString()).toBe(text.text());
          kept += head.length + tail.length;
        }
        expect(kept).toBeLessThanOrEqual(most);
      }),
    );
  });

  it("keeps everything that fits into half of it", () => {
    fc.assert(
      fc.property(prints, (given) => {
        const text = new TextBudget(2 * 40 * given.length).open();
        for (const [, part] of given) text.add(part);
        expect(text.text()).toBe(given.map(([, part]) => part).join(""));
      }),
    );
  });

  it("holds a flood of tiny prints in little memory and time", () => {
    const budget = new TextBudget(1_000_000);
    const [out, err] = [budget.open(), budget.open()];
    const before = process.memoryUsage().heapUsed;
    for (let print = 0; print < 2_000_000; print += 1) (print % 2 === 0 ? out : err).add("x\n");
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(300e6);
    expect(out.text().length + err.text().length).toBeLessThan(1_000_200);
  });
});

/** A message as it may come; the collector believes nothing about it. */
function message(type: string, content: unknown, metadata: unknown = {}): IOPubMessage {
  const header = { msg_id: "m", msg_type: type, session: "s", username: "", date: "", version: "5.4" };
  // No type holds for what user code makes up: that is what is tested.
  return { channel: "iopub", header, parent_header: {}, content, metadata } as unknown as IOPubMessage;
}

function collect(...messages: readonly IOPubMessage[]): readonly Output[] {
  const collector = new OutputCollector({ textChars: 1000, imageChars: 100, displays: 4, errorChars: 100 });
  for (const one of messages) collector.add(one);
  return collector.outputs();
}

const TYPES = [
  "stream",
  "display_data",
  "execute_result",
  "update_display_data",
  "error",
  "clear_output",
  "status",
];

describe("a cell's outputs", () => {
  it("are nbformat's, whatever a kernel sends", () => {
    const sent = fc.tuple(fc.constantFrom(...TYPES), fc.jsonValue(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(sent), (messages) => {
        for (const output of collect(...messages.map((one) => message(...one)))) {
          expect(["stream", "display_data", "execute_result", "error"]).toContain(output.output_type);
          if (output.output_type === "stream") expect(output["text"]).toBeTypeOf("string");
          if ("data" in output) expect(output.data).toBeTypeOf("object");
          if ("traceback" in output) expect(output.traceback).toBeInstanceOf(Array);
        }
      }),
    );
  });

  it("take back what a display showed before, so that an animation is not cut short", () => {
    const image = (letter: string) => ({
      data: { "image/png": letter.repeat(90) },
      transient: { display_id: "a" },
    });
    const frames = ["b", "c", "d", "e"].map((letter) => message("update_display_data", image(letter)));
    expect(collect(message("display_data", image("a")), ...frames)).toMatchObject([
      { data: { "image/png": "e".repeat(90) } },
    ]);
  });

  it("show what became of a display of an earlier cell, and nothing of one that was cleared away", () => {
    const shown = (text: string) => ({ data: { "text/plain": text }, transient: { display_id: "a" } });
    const update = (text: string) => message("update_display_data", shown(text));
    const texts = (...messages: readonly IOPubMessage[]) =>
      collect(...messages).map((output) => ("data" in output ? output.data : output["text"]));
    expect(texts(update("one"), message("stream", { name: "stdout", text: "x" }), update("two"))).toEqual([
      { "text/plain": "two" },
      "x",
    ]);
    const cleared = [message("display_data", shown("one")), message("clear_output", { wait: false })];
    expect(texts(...cleared, update("two"))).toEqual([]);
    expect(texts(message("update_display_data", { data: { "text/plain": "no id" } }))).toEqual([]);
  });

  it("count what the kernel left out by itself", () => {
    const lost = { nbevolve: { lost_chars: 5000, lost_lines: 70 } };
    const [stream, note] = collect(
      message("stream", { name: "stdout", text: "head\n" }),
      message("stream", { name: "stdout", text: "tail\n" }, lost),
      message("status", { execution_state: "idle" }, { nbevolve: { displays_left_out: 12 } }),
    );
    expect(stream).toMatchObject({
      text: "head\n[... 5,000 characters, 70 lines left out here ...]\ntail\n",
    });
    expect(note).toMatchObject({ name: "stderr", text: "[... 12 displays left out ...]\n" });
  });

  it("are cleared at once, or by the next output", () => {
    const shown = message("display_data", { data: { "text/plain": "x" } });
    expect(collect(shown, message("clear_output", {}))).toEqual([]);
    expect(collect(shown, message("clear_output", { wait: true }))).toHaveLength(1);
    expect(collect(shown, shown, message("clear_output", { wait: true }), shown)).toHaveLength(1);
  });

  it("keep an error although everything else is too much, and bound the error", () => {
    const error = { ename: "E", evalue: "v".repeat(5000), traceback: ["t".repeat(5000)] };
    const shown = message("display_data", { data: { "text/plain": "x".repeat(999) } });
    const outputs = collect(...Array.from({ length: 9 }, () => shown), message("error", error));
    expect(outputs.map(({ output_type }) => output_type)).toEqual([
      ...Array.from({ length: 4 }, () => "display_data"),
      "error",
      "stream",
    ]);
    expect(JSON.stringify(outputs[4]).length).toBeLessThan(500);
  });

  it("have generous limits", () => {
    expect(OUTPUT_LIMITS).toEqual({ textChars: 1e7, imageChars: 2e7, displays: 1000, errorChars: 5e5 });
  });
});
