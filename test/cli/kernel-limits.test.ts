import { describe, expect, test } from "vitest";
import { kernelLimitsFrom } from "../../src/cli/flags/sandbox-flags.ts";

describe("--limits", () => {
  test("sizes, counts and seconds, any of them", () => {
    expect(
      kernelLimitsFrom("memory=4GB,processes=64,file=500mb,workspace=1.5TB,files=5000,cpu=600s"),
    ).toEqual({
      memoryMb: 4096,
      tasks: 64,
      fileMb: 500,
      workspaceMb: 1_572_864,
      files: 5000,
      cellCpuSeconds: 600,
    });
    expect(kernelLimitsFrom("processes=100")).toEqual({ tasks: 100 });
  });

  test.each([
    ["memory=4", /memory=4: write a size above 0 in MB, GB or TB\. Such as --limits memory=4GB/],
    ["memory=0GB", /write a size above 0/],
    ["memory=10MB", /a kernel needs 256MB or more/],
    ["processes=3", /a kernel needs 16 processes/],
    ["processes=1.5", /whole number above 0/],
    ["cpu=10", /whole seconds above 0, such as 600s/],
    ["disk=1GB", /name among memory, processes, file, workspace, files, cpu/],
    ["memory", /write name=value/],
    ["", /write name=value/],
    ["toString=1", /write name=value/],
  ])("%j is refused, with how to write it", (text, words) =>
    expect(() => kernelLimitsFrom(text)).toThrow(words),
  );
});
