import { describe, expect, test } from "vitest";
import { RunError } from "../../../src/core/errors.ts";
import { seccompFilter } from "../../../src/machine/sandbox/seccomp.ts";
import { DENIED, ON_ITSELF } from "../../../src/machine/sandbox/syscalls.ts";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (code: number): number => 0x00050000 + code;
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
type Arch = keyof typeof AUDIT;

/** Runs the program as the kernel does, for a call of two arguments at most. */
function verdict(
  arch: Arch,
  call: number,
  argument = 0,
  audit: number = AUDIT[arch],
  secondArgument = 0,
): number {
  const program = seccompFilter(arch);
  const data = new Map([
    [0, call],
    [4, audit],
    [16, argument],
    [24, secondArgument],
  ]);
  let loaded = 0;
  for (let at = 0; at * 8 < program.length; at += 1) {
    const code = program.readUInt16LE(at * 8);
    const operand = program.readUInt32LE(at * 8 + 4);
    const jump = (yes: boolean): void => void (at += program.readUInt8(at * 8 + (yes ? 2 : 3)));
    if (code === 0x06) return operand;
    if (code === 0x20) loaded = data.get(operand) ?? Number.NaN;
    else if (code === 0x15) jump(loaded === operand);
    else if (code === 0x35) jump(loaded >= operand);
    else if (code === 0x45) jump((loaded & operand) !== 0);
    else throw new Error(`an instruction that the filter has no use for: ${code}`);
  }
  throw new Error("the program ends without a verdict");
}

const calls = {
  x64: { read: 0, clone: 56, clone3: 435, kill: 62, socket: 41, execve: 59 },
  arm64: { read: 63, clone: 220, clone3: 435, kill: 129, socket: 198, execve: 221 },
} as const;

describe.each(["x64", "arm64"] as const)("the filter for %s", (arch) => {
  const { read, clone, clone3, kill, socket, execve } = calls[arch];

  test("refuses every call on its list, and no other", () => {
    const listed = new Set(Object.values(DENIED).map((numbers) => numbers[arch === "x64" ? 0 : 1]));
    const refused = Array.from({ length: 1000 }, (_, call) => call).filter(
      (call) => verdict(arch, call) === errno(1),
    );
    listed.delete(null);
    listed.add(arch === "x64" ? 251 : 30); // ioprio_set of what is no process
    expect(refused).toEqual([...listed].toSorted((a, b) => Number(a) - Number(b)));
    expect([verdict(arch, read), verdict(arch, execve)]).toEqual([ALLOW, ALLOW]);
  });

  test("lets threads and processes be made, but no namespaces", () => {
    const thread = 0x3d0f00;
    expect([verdict(arch, clone, thread), verdict(arch, clone, 17)]).toEqual([ALLOW, ALLOW]);
    for (const bit of [17, 25, 26, 27, 28, 29, 30])
      expect(verdict(arch, clone, 17 + 2 ** bit)).toBe(errno(1));
    // Its flags cannot be read: the C library is told to use the other one.
    expect(verdict(arch, clone3)).toBe(errno(38));
  });

  test("refuses a signal to everything, and lets others through", () => {
    expect(verdict(arch, kill, 0xffffffff)).toBe(errno(1));
    expect([verdict(arch, kill, 0), verdict(arch, kill, 12), verdict(arch, kill, 0xfffffffe)]).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ]);
  });

  test.each(Object.entries(ON_ITSELF))("lets a process do %s to itself, and to no other", (_, numbers) => {
    const call = numbers[arch === "x64" ? 0 : 1] ?? 0;
    expect(verdict(arch, call, 0)).toBe(ALLOW);
    for (const other of [1, 2, 4711, 2 ** 22, 0xffffffff]) expect(verdict(arch, call, other)).toBe(errno(1));
  });

  test.each([
    ["setpriority", arch === "x64" ? 141 : 140, 0],
    ["ioprio_set", arch === "x64" ? 251 : 30, 1],
  ])("lets a process do %s to itself, and to no other, no group, no user", (_, call, one) => {
    const kinds = [0, 1, 2, 3];
    const allowed = kinds.flatMap((kind) =>
      [0, 1, 4711]
        .filter((who) => verdict(arch, call, kind, undefined, who) === ALLOW)
        .map((who) => [kind, who]),
    );
    expect(allowed).toEqual([[one, 0]]);
  });

  test("lets the policy of others only become the ordinary one", () => {
    const call = arch === "x64" ? 144 : 119;
    const [other, fifo, roundRobin, batch, idle, deadline] = [0, 1, 2, 3, 5, 6];
    for (const policy of [other, fifo, roundRobin, batch, idle, deadline, 0x40000000])
      expect([
        verdict(arch, call, 0, undefined, policy),
        verdict(arch, call, 4711, undefined, policy),
      ]).toEqual([ALLOW, policy === other ? ALLOW : errno(1)]);
  });

  test("knows four families of sockets", () => {
    const families = Array.from({ length: 60 }, (_, family) => family);
    const allowed = families.filter((family) => verdict(arch, socket, family) === ALLOW);
    expect(allowed).toEqual([1, 2, 10, 16]);
    expect(verdict(arch, socket, 40)).toBe(errno(97));
  });

  test("ends a process that speaks for another machine", () => {
    expect(verdict(arch, read, 0, 0x40000003)).toBe(KILL);
  });
});

test("the x32 calls of x64 are refused", () => {
  expect(verdict("x64", 0x40000000 + 101)).toBe(errno(1));
});

test("there is none for a machine that it was not written for", () => {
  expect(() => seccompFilter("riscv64")).toThrow(RunError);
});
