// Owns: who may ask the page's server: a browser that was given the token, by a name of this machine, from the page itself. Pure.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** What a request has to show. */
export interface Admission {
  /** Values of the Host header that mean this server; others come from a name that somebody else gave this address. */
  readonly hosts: readonly string[];
  readonly token: string;
  /** A browser keeps cookies by the name of the machine, whatever the port: each server has a name of its own. */
  readonly cookie: string;
}

/** A request, as far as admission goes by it. */
export interface AskedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether it brings the token in its address: the link that was printed. */
  readonly isLink: boolean;
}

/** Why a request is not answered. */
export interface RequestRefusal {
  readonly status: number;
  readonly text: string;
}

/** The header that only a script of the page can send: another site's needs a leave that it does not get. */
export const OWN_HEADER = "x-nbevolve";

/** Null where it may be answered. */
export function refuseRequest(
  { method, headers, isLink }: AskedRequest,
  { hosts, token, cookie }: Admission,
): RequestRefusal | null {
  const { host = "", origin } = headers;
  if (!hosts.includes(host))
    return {
      status: 421,
      text: `This server is not ${JSON.stringify(host.slice(0, 100))}. Open the link that was printed.`,
    };
  if (origin !== undefined && !hosts.some((name) => origin === `http://${name}`))
    return { status: 403, text: "This server answers its own page alone." };
  const site = headers["sec-fetch-site"];
  const isElsewhere = site !== undefined && site !== "same-origin" && site !== "none";
  if (isElsewhere && !(isLink && headers["sec-fetch-mode"] === "navigate"))
    return { status: 403, text: "This server answers its own page alone." };
  if (isLink) return null;
  if (!hasCookie(headers.cookie ?? "", cookie, token))
    return {
      status: 401,
      text: "Open the link that `nbevolve ui` printed: it holds the token of this server.",
    };
  if (method === "POST" && headers[OWN_HEADER] !== "page")
    return { status: 403, text: `A request that does something needs the header ${OWN_HEADER}: page.` };
  return null;
}

function hasCookie(header: string, name: string, token: string): boolean {
  return header.split(/;\s*/, 50).some((pair) => {
    const at = pair.indexOf("=");
    return at > 0 && pair.slice(0, at) === name && isToken(pair.slice(at + 1), token);
  });
}

/** Whether it is the token; takes as long for any other. */
export function isToken(given: string, token: string): boolean {
  const [one, other] = [given, token].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
