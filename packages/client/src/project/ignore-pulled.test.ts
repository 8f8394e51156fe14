// What `ml pull` has put into a project is not sent with its next job.
import { describe, expect, test } from "bun:test";
import { makeProject } from "./project.fixture.ts";

describe("ml-outputs/", () => {
  test("is no part of a snapshot, wherever in the project a pull was typed, with Git and without", async () => {
    for (const withGit of [false, true]) {
      using project = makeProject();
      if (withGit) project.git("init", "-q");
      project.write("train.py");
      project.write("ml-outputs/train-1/model.pt");
      project.write("sub/ml-outputs/train-1/model.pt");
      project.write("sub/kept/ml-outputs.txt");
      expect(await project.frozenPaths()).toEqual(["sub/kept/ml-outputs.txt", "train.py"]);
    }
  });

  test("is one where Git tracks it, or a rule takes it back", async () => {
    using project = makeProject();
    project.git("init", "-q");
    project.write("ml-outputs/train-1/tracked.txt");
    project.git("add", "ml-outputs");
    project.write("ml-outputs/train-1/untracked.txt");
    expect(await project.frozenPaths()).toEqual(["ml-outputs/train-1/tracked.txt"]);
    project.write(".mlignore", "!ml-outputs/\n");
    expect(await project.frozenPaths()).toEqual([
      ".mlignore",
      "ml-outputs/train-1/tracked.txt",
      "ml-outputs/train-1/untracked.txt",
    ]);
  });
});
