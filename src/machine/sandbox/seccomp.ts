// Owns: the system-call filter of a box, as the bytes of a classic BPF program that bubblewrap loads.
// A list of what is denied: numerical code uses too much of Linux for a list of what is allowed.
import { RunError } from "../../core/errors.ts";
import { MACHINES } from "./syscalls.ts";
import { nameOption } from "../../core/shell-words.ts";

const LOAD = 0x20; // a 32-bit word of struct seccomp_data
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const NUMBER = 0;
const ARCHITECTURE = 4;
/** The low halves: both machines are little-endian, and what is looked at is an `int`. */
const ARGUMENTS = [16, 24] as const;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (code: number): number => 0x00050000 | code;
const EPERM = errno(1);
/** What makes the C library fall back to `clone`, whose flags can be read. */
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

/** CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET. */
const NEW_NAMESPACE = 0x7e020000;
/** Calls of the x32 ABI have this bit. */
const X32 = 0x40000000;
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: the others (vsock above all) know no network namespace, or are not needed. */
const FAMILIES = [1, 2, 10, 16] as const;

/** SCHED_OTHER. */
const ORDINARY_POLICY = 0;

type Instruction = readonly [code: number, ifSo: number, ifNot: number, operand: number];

/** The filter for `process.arch`. @throws RunError `sandbox-unavailable` for a machine that it is not written for. */
export function seccompFilter(arch: string = process.arch): Buffer {
  const machine = MACHINES[arch];
  if (machine === undefined)
    throw new RunError(
      "sandbox-unavailable",
      `There is no system-call filter for ${arch}. Without a sandbox: ${nameOption("--sandbox off", 'sandbox: "off"')}.`,
    );
  return assemble([
    [LOAD, 0, 0, ARCHITECTURE],
    [IF_EQUAL, 1, 0, machine.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    ...(arch === "x64" ? when([IF_AT_LEAST, X32], EPERM) : []),
    ...machine.denied.flatMap((number) => when([IF_EQUAL, number], EPERM)),
    ...when([IF_EQUAL, machine.clone3], ENOSYS),
    ...whenCalled(machine.clone, [[0, when([IF_ANY_BIT, NEW_NAMESPACE], EPERM)]]),
    // Everything in reach at once: that would hit the server and the other kernels.
    ...whenCalled(machine.kill, [[0, when([IF_EQUAL, 0xffffffff], EPERM)]]),
    ...whenCalled(machine.socket, [[0, unless(FAMILIES, EAFNOSUPPORT)]]),
    // A number other than 0 may be another process's.
    ...machine.onItself.flatMap((number) => whenCalled(number, [[0, unless([0], EPERM)]])),
    ...machine.onItselfAlone.flatMap(({ call, oneProcess }) =>
      whenCalled(call, [
        [0, unless([oneProcess], EPERM)],
        [1, unless([0], EPERM)],
      ]),
    ),
    ...whenCalled(machine.setScheduler, [
      [0, when([IF_EQUAL, 0], ALLOW)],
      [1, unless([ORDINARY_POLICY], EPERM)],
    ]),
    [RETURN, 0, 0, ALLOW],
  ]);
}

/** Returns `verdict` when the word that was loaded passes the test. */
function when([test, operand]: readonly [number, number], verdict: number): readonly Instruction[] {
  return [
    [test, 0, 1, operand],
    [RETURN, 0, 0, verdict],
  ];
}

/** Returns `verdict` unless the word that was loaded is one of these. */
function unless(values: readonly number[], verdict: number): readonly Instruction[] {
  const tests = values.map((value, at): Instruction => [IF_EQUAL, values.length - at, 0, value]);
  return [...tests, [RETURN, 0, 0, verdict]];
}

/** Tests arguments of that call; every other call goes on with its number loaded. */
function whenCalled(
  number: number,
  tests: readonly (readonly [argument: 0 | 1, test: readonly Instruction[]])[],
): readonly Instruction[] {
  const all: readonly Instruction[] = [
    ...tests.flatMap(([argument, test]): Instruction[] => [[LOAD, 0, 0, ARGUMENTS[argument]], ...test]),
    [RETURN, 0, 0, ALLOW],
  ];
  return [[IF_EQUAL, 0, all.length, number], ...all];
}

function assemble(program: readonly Instruction[]): Buffer {
  return Buffer.concat(
    program.map(([code, ifSo, ifNot, operand]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(ifSo, 2);
      bytes.writeUInt8(ifNot, 3);
      bytes.writeUInt32LE(operand >>> 0, 4);
      return bytes;
    }),
  );
}
