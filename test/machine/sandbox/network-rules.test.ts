import { describe, expect, test } from "vitest";
import {
  addressRefusal,
  canonicalHost,
  hostRefusal,
  hostRule,
  ruleText,
} from "../../../src/machine/sandbox/network-rules.ts";

const rules = (text: string) => text.split(",").map(hostRule);
const asked = (list: string, host: string, port: number) =>
  hostRefusal(rules(list), canonicalHost(host), port);
const led = (list: string, host: string, address: string) => addressRefusal(rules(list), host, address);

describe("a list of hosts", () => {
  test.each([
    ["data.example", "Data.Example.", 443],
    ["data.example", "data.example", 80],
    ["files.example:8443", "files.example", 8443],
    ["*.example.org", "a.b.example.org", 443],
    ["10.0.0.5:8000", "10.0.0.5", 8000],
    ["[::1]:80", "[0:0::1]", 80],
    ["a.example,a.example:8080", "a.example", 8080],
  ])("%s has %s:%i", (list, host, port) => expect(asked(list, host, port)).toBeNull());

  test.each([
    ["data.example", "evil.org", 443, "evil.org is not on the list"],
    ["data.example", "data.example.evil.org", 443, "not on the list"],
    ["data.example", "notdata.example", 443, "not on the list"],
    ["*.example.org", "example.org", 443, "not on the list"],
    ["*.example.org", "evilexample.org", 443, "not on the list"],
    ["data.example", "data.example", 22, "port 22 of data.example is not on the list (80, 443)"],
    ["files.example:8443", "files.example", 443, "port 443 of files.example is not on the list (8443)"],
    ["data.example", "151.101.0.223", 443, "the address 151.101.0.223 is not on the list"],
    ["data.example", "[2a04:4e42::223]", 443, "the address 2a04:4e42::223 is not on the list"],
  ])("%s has not %s:%i", (list, host, port, why) => expect(asked(list, host, port)).toContain(why));

  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.20.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "224.0.0.1",
    "255.255.255.255",
  ])("a public name that leads to %s is refused, unless that address is named too", (address) => {
    expect(led("a.example", "a.example", address)).toContain("not a public address");
    expect(
      led(`a.example,${address.includes(":") ? `[${address}]` : address}`, "a.example", address),
    ).toBeNull();
  });

  test("public addresses are reached; localhost leads home by its nature", () => {
    expect(led("a.example", "a.example", "151.101.0.223")).toBeNull();
    expect(led("a.example", "a.example", "2a04:4e42::223")).toBeNull();
    expect(led("localhost:80", "localhost", "127.0.0.1")).toBeNull();
    expect(led("localhost:80", "localhost", "10.0.0.1")).toContain("not a public address");
  });

  test.each([
    "",
    "http://a.example",
    "a.example/path",
    "a.example:0",
    "a.example:70000",
    "a b",
    "*",
    "*.*.a",
    "::1",
    "[a.example]:1",
  ])("%j is no host", (text) =>
    expect(() => hostRule(text)).toThrow(/--allow-network \(in code: allowNetwork\): ".*" is no host/),
  );

  test.each(["data.example", "*.example.org:8080", "10.0.0.5", "[::1]:80"])(
    "%s is told as it was written",
    (text) => expect(ruleText(hostRule(text))).toBe(text),
  );
});
