// Tests of patterns that go through links.
import { describe, expect, test } from "bun:test";
import type { OutputEntry } from "@fetchml/protocol";
import { globBehindLink } from "./glob-behind-link.ts";

function file(path: string): OutputEntry {
  return { kind: "file", path, size_bytes: 1, modified_at: 0, executable: false };
}

function link(path: string, target: string): OutputEntry {
  return { kind: "symlink", path, target };
}

const ENTRIES = [
  file("real/q"),
  file("real/deep/r.pt"),
  link("lnk", "real"),
  link("sub/up", ".././real/"),
  link("twice", "sub/up/deep"),
  link("loop", "loop"),
  link("ping", "pong"),
  link("pong", "ping"),
  link("out", "../real"),
  link("absolute", "/real"),
  link("long", `real${"/.".repeat(3000)}`),
];

describe("globBehindLink()", () => {
  test.each([
    ["lnk/q", "real/q"],
    ["./lnk//q/", "real/q"],
    ["lnk/*", "real/*"],
    ["lnk/**/*.pt", "real/**/*.pt"],
    ["sub/up/q", "real/q"],
    ["twice/r.pt", "real/deep/r.pt"],
  ])("tells where %s leads", (glob, real) => {
    expect(globBehindLink(glob, ENTRIES)).toBe(real);
  });

  test.each([
    "lnk",
    "q",
    "real/q",
    "lnk/none",
    "loop/q",
    "ping/q",
    "out/q",
    "absolute/q",
    "long/q",
  ])("tells nothing of %s, which goes through no link or to nothing", (glob) => {
    expect(globBehindLink(glob, ENTRIES)).toBeNull();
  });
});
