// Owns: whether tests run kernels and verifiers in a sandbox: as a user would, where this machine can.
import { probeSandbox } from "../../src/machine/sandbox/probe.ts";
import type { SandboxMode } from "../../src/machine/sandbox/sandbox.ts";

const probe = await probeSandbox();

/** Why there is no sandbox here; null where there is one. */
export const noSandbox: string | null = probe.ok ? null : probe.reason;
/** `on` where it works. Elsewhere the tests of other things run unboxed, and say so. */
export const testSandbox: SandboxMode = probe.ok ? "on" : "off";

if (noSandbox !== null) process.stderr.write(`NO SANDBOX in these tests: ${noSandbox}\n`);
