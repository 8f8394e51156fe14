// What keeps a server from starting is said in words, with what to do.
import { expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { startProblem } from "./start-problem.ts";

const fault = (code: string) => Object.assign(new Error(`${code}: something`), { code });

test.each([
  ["ENOSPC", "disk-full"],
  ["EDQUOT", "disk-full"],
  ["SQLITE_FULL", "disk-full"],
  ["EROFS", "box-unfit"],
  ["SQLITE_READONLY", "box-unfit"],
  ["EMFILE", "box-unfit"],
  ["EAGAIN", "box-unfit"],
  ["ENOMEM", "box-unfit"],
])("startProblem() makes %s a %s in at most three lines", (code, told) => {
  const problem = startProblem(fault(code), "/srv/fetchml");
  expect(problem).toBeInstanceOf(FetchmlError);
  expect(problem).toMatchObject({ code: told });
  expect(String(problem).split("\n").length).toBeLessThanOrEqual(3);
});

test("startProblem() leaves what is no lack of the box as it is", () => {
  const bug = new TypeError("x is not a function");
  expect(startProblem(bug, "/srv/fetchml")).toBe(bug);
  const other = fault("EACCES");
  expect(startProblem(other, "/srv/fetchml")).toBe(other);
});
