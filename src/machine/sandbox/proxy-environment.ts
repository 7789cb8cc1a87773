// Owns: how code in a box learns of the proxy: the variables that clients of HTTP look at.
import type { Network } from "./sandbox.ts";

/** Of the box's own loopback: nobody else is there. */
export const PROXY_PORT = 3128;
const OWN_LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/** Nothing where there is no proxy. */
export function proxyEnvironment(network: Network): Readonly<Record<string, string>> {
  if (typeof network === "string") return {};
  const proxy = `http://127.0.0.1:${PROXY_PORT}`;
  // A loopback address on the list is this machine's: it must not be looked for in the box.
  const direct = OWN_LOOPBACK.filter((name) => !network.some(({ host }) => host === name)).join(",");
  const variables = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: direct };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  );
}
