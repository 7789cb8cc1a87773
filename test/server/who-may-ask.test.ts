// Who is let in to the page's server, as a table over what browsers and strangers send.
import { describe, expect, test } from "vitest";
import { refuseRequest, type AskedRequest } from "../../src/server/who-may-ask.ts";

const admission = { hosts: ["127.0.0.1:8000", "localhost:8000"], token: "secret", cookie: "nbevolve-8000" };
const own = { host: "127.0.0.1:8000", cookie: "a=b; nbevolve-8000=secret" };
const ask = (headers: AskedRequest["headers"], more: Partial<AskedRequest> = {}): number | null =>
  refuseRequest({ method: "GET", headers, isLink: false, ...more }, admission)?.status ?? null;

describe("the page's server answers", () => {
  test.each<[string, AskedRequest["headers"], Partial<AskedRequest>]>([
    ["its page", own, {}],
    ["by its other name", { ...own, host: "localhost:8000" }, {}],
    [
      "a script of its page",
      { ...own, origin: "http://127.0.0.1:8000", "sec-fetch-site": "same-origin" },
      {},
    ],
    ["the link, typed", { host: "127.0.0.1:8000", "sec-fetch-site": "none" }, { isLink: true }],
    [
      "the link, from a page elsewhere",
      { host: "127.0.0.1:8000", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
      { isLink: true },
    ],
    [
      "an action of its page",
      { ...own, origin: "http://127.0.0.1:8000", "x-nbevolve": "page" },
      { method: "POST" },
    ],
  ])("%s", (_, headers, more) => {
    expect(ask(headers, more)).toBe(null);
  });
});

describe("the page's server refuses", () => {
  test.each<[string, number, AskedRequest["headers"], Partial<AskedRequest>]>([
    ["a name that somebody gave its address", 421, { ...own, host: "evil.example:8000" }, {}],
    ["its own name on another port", 421, { ...own, host: "127.0.0.1:8001" }, {}],
    ["no name", 421, { cookie: own.cookie }, {}],
    ["the link by a strange name", 421, { host: "evil.example:8000" }, { isLink: true }],
    ["no cookie", 401, { host: own.host }, {}],
    ["a wrong token", 401, { ...own, cookie: "nbevolve-8000=secres" }, {}],
    ["the token of another server", 401, { ...own, cookie: "nbevolve-8001=secret" }, {}],
    ["the beginning of the token", 401, { ...own, cookie: "nbevolve-8000=secre" }, {}],
    ["a script of another site", 403, { ...own, origin: "https://evil.example" }, {}],
    ["a site without a name", 403, { ...own, origin: "null" }, {}],
    ["another port of this machine", 403, { ...own, origin: "http://127.0.0.1:9000" }, {}],
    ["its name with another scheme", 403, { ...own, origin: "https://127.0.0.1:8000" }, {}],
    ["what another site embeds", 403, { ...own, "sec-fetch-site": "cross-site" }, {}],
    ["what a site of the same machine embeds", 403, { ...own, "sec-fetch-site": "same-site" }, {}],
    [
      "the link as a picture elsewhere",
      403,
      { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
      { isLink: true },
    ],
    ["an action without its header", 403, { ...own, origin: "http://127.0.0.1:8000" }, { method: "POST" }],
    [
      "an action of a form elsewhere",
      403,
      { ...own, origin: "https://evil.example", "x-nbevolve": "page" },
      { method: "POST" },
    ],
  ])("%s", (_, status, headers, more) => {
    expect(ask(headers, more)).toBe(status);
  });
});
