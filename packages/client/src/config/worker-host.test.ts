// Tests of the words that worker_host may say.
import { expect, test } from "bun:test";
import { parseWorkerHost } from "./worker-host.ts";

test("parseWorkerHost() takes a host, with or without a user", () => {
  expect(parseWorkerHost("gpubox")).toEqual({ host: "gpubox", user: null });
  expect(parseWorkerHost("alice@10.0.0.7")).toEqual({ host: "10.0.0.7", user: "alice" });
  expect(parseWorkerHost("alice@[::1]")).toEqual({ host: "[::1]", user: "alice" });
});

test("parseWorkerHost() refuses what ssh or a shell would take for something else", () => {
  for (const text of [
    "",
    "@",
    "@box",
    "a@",
    "a@b@c",
    "-oX=1",
    "-l@box",
    "a@-box",
    "a b",
    "a;b@c",
    "box\n",
  ]) {
    expect([text, parseWorkerHost(text)]).toEqual([text, null]);
  }
});
