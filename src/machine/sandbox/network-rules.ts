// Owns: which hosts boxed code may reach: those on the list, and no private address behind a public name.
// Never opens a connection.
import { BlockList, isIP } from "node:net";
import { RunError } from "../../core/errors.ts";
import { nameOption } from "../../core/shell-words.ts";

/** One entry of the list. */
export interface HostRule {
  /** In lower case: a name, `*.name` for all names below it, or an address. */
  readonly host: string;
  /** Null: 80 and 443. */
  readonly port: number | null;
}

/** What kernels in a sandbox reach: nothing, all that this machine does, or these hosts. */
export type Network = "none" | "all" | readonly HostRule[];

const USUAL_PORTS: readonly number[] = [80, 443];
const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/;

/** Loopback, private, link-local (cloud metadata), shared, multicast and reserved addresses. */
const NOT_PUBLIC = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, "ipv4");
for (const [network, bits] of [
  ["::", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  NOT_PUBLIC.addSubnet(network, bits, "ipv6");

/** `data.example`, `*.example.org`, `files.example:8443`, `10.0.0.5`, `[::1]:80`. @throws RunError `bad-option`. */
export function hostRule(text: string): HostRule {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const host = canonicalHost(bracketed ?? plain ?? "");
  const port = digits === undefined ? null : Number(digits);
  const named = bracketed === undefined ? NAME.test(host) || isIP(host) === 4 : isIP(host) === 6;
  if (named && port !== 0 && (port ?? 1) < 65_536) return { host, port };
  throw new RunError(
    "bad-option",
    `${nameOption("--allow-network", "allowNetwork")}: "${text}" is no host; write names such as data.example, *.example.org or files.example:8443, ` +
      "or addresses such as 10.0.0.5:8000 or [::1]:8000, separated by commas; or all (in code: an array of them; or true)",
  );
}

export const ruleText = ({ host, port }: HostRule): string =>
  `${isIP(host) === 6 ? `[${host}]` : host}${port === null ? "" : `:${port}`}`;

/** As hosts are compared: lower case, no final dot, no brackets; an IPv4 address in one spelling. */
export function canonicalHost(host: string): string {
  const bare = host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  // An IPv6 address has many spellings; the URL parser knows the short one.
  if (isIP(bare) === 6) return new URL(`http://[${bare}]`).hostname.slice(1, -1);
  return bare;
}

/** Why the host may not be asked for at all; null when the list has it. `host`: canonical. */
export function hostRefusal(rules: readonly HostRule[], host: string, port: number): string | null {
  const naming = rules.filter((rule) => matches(rule.host, host));
  if (naming.length === 0)
    return isIP(host) === 0 ? `${host} is not on the list` : `the address ${host} is not on the list`;
  const ports = naming.flatMap((rule) => rule.port ?? USUAL_PORTS);
  return ports.includes(port) ? null : `port ${port} of ${host} is not on the list (${ports.join(", ")})`;
}

/** Why an address to which an allowed name leads may not be reached; null when it may. */
export function addressRefusal(rules: readonly HostRule[], host: string, address: string): string | null {
  const found = canonicalHost(address);
  if (!NOT_PUBLIC.check(found, isIP(found) === 6 ? "ipv6" : "ipv4") && !isMapped(found)) return null;
  const isNamed = rules.some((rule) => rule.host === found);
  const isOwn = host === "localhost" && (found === "::1" || found.startsWith("127."));
  if (isNamed || isOwn) return null;
  return `${host} leads to ${found}, which is not a public address; name ${found} too if that is meant`;
}

/** An IPv4 address in IPv6's clothes. */
const isMapped = (address: string): boolean => address.startsWith("::ffff:");

function matches(rule: string, host: string): boolean {
  return rule.startsWith("*.") ? host.endsWith(rule.slice(1)) : rule === host;
}
