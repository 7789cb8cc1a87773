// Owns: the system-call filter of a box, as the bytes of a classic BPF program that bubblewrap loads.
// A list of what is denied: numerical code uses too much of Linux for a list of what is allowed.
import { RunError } from "../../core/errors.ts";
import { MACHINES } from "./syscalls.ts";

const LOAD = 0x20; // a 32-bit word of struct seccomp_data
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16; // its low half: both machines are little-endian

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

type Instruction = readonly [code: number, ifSo: number, ifNot: number, operand: number];

/** The filter for `process.arch`. @throws RunError `sandbox-unavailable` for a machine that it is not written for. */
export function seccompFilter(arch: string = process.arch): Buffer {
  const machine = MACHINES[arch];
  if (machine === undefined)
    throw new RunError(
      "sandbox-unavailable",
      `There is no system-call filter for ${arch}. Without a sandbox: --sandbox off.`,
    );
  return assemble([
    [LOAD, 0, 0, ARCHITECTURE],
    [IF_EQUAL, 1, 0, machine.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    ...(arch === "x64" ? when([IF_AT_LEAST, X32], EPERM) : []),
    ...machine.denied.flatMap((number) => when([IF_EQUAL, number], EPERM)),
    ...when([IF_EQUAL, machine.clone3], ENOSYS),
    ...whenArgument(machine.clone, when([IF_ANY_BIT, NEW_NAMESPACE], EPERM)),
    // Everything in reach at once: that would hit the server and the other kernels.
    ...whenArgument(machine.kill, when([IF_EQUAL, 0xffffffff], EPERM)),
    ...whenArgument(machine.socket, unless(FAMILIES, EAFNOSUPPORT)),
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

/** Does `then` with the first argument of that call; every other call goes on with its number loaded. */
function whenArgument(number: number, then: readonly Instruction[]): readonly Instruction[] {
  return [
    [IF_EQUAL, 0, then.length + 2, number],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    ...then,
    [RETURN, 0, 0, ALLOW],
  ];
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
