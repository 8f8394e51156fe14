// Where links in the outputs point, told so that it is right in a copy of them too.
import { expect, test } from "bun:test";
import { targetInside } from "./link-target.ts";

const KNOWN_AS = ["/data/attempts/4.1/job/outputs", "/job/outputs"];

const told = (path: string, target: string) => targetInside(KNOWN_AS, path, target);

test("targetInside() makes a target in the outputs relative, by whatever path the job knows them", () => {
  for (const folder of KNOWN_AS) {
    expect(told("best.pt", `${folder}/epoch3.pt`)).toBe("epoch3.pt");
    expect(told("a/b/best.pt", `${folder}//c/epoch3.pt`)).toBe("../../c/epoch3.pt");
    expect(told("a/all", folder)).toBe("..");
    expect(told("all", `${folder}/`)).toBe(".");
  }
});

test("targetInside() keeps `..`, so that whoever follows it sees that it leads out", () => {
  expect(told("a", "/job/outputs/../work/x")).toBe("../work/x");
});

test("targetInside() leaves any other target as it stands", () => {
  for (const target of ["x", "../x", "/etc/passwd", "/job/outputs2/x", "/job/checkpoints/x", "/"]) {
    expect(told("a/b", target)).toBe(target);
  }
});
