// What people are told when something cannot be written here.
import { expect, test } from "bun:test";
import { FetchmlError } from "@fetchml/protocol";
import { localError } from "./local-error.ts";

function told(code: string): string {
  const error = localError(Object.assign(new Error(code), { code }), "/home/ada/x");
  return error instanceof FetchmlError ? `${error.code}: ${error.message}` : "";
}

test("an error of this disk is told in words, with what to do next", () => {
  expect(told("ENOSPC")).toStartWith("disk-full: Cannot write /home/ada/x: the disk here is full.");
  for (const code of ["EACCES", "EROFS", "ENOENT", "EIO", "EISDIR"]) {
    expect(told(code)).toMatch(
      /^bad-file: Cannot write \/home\/ada\/x: [a-z ]{10,}\.\n.* -o DIR\.$/,
    );
  }
});

test("what is no error of the system stays what it is", () => {
  const bug = new TypeError("x");
  expect(localError(bug, "/x")).toBe(bug);
});
