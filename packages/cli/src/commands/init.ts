// `ml init`: write an ml.toml for this project.
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { EXIT, FetchmlError, jobNameProblem } from "@fetchml/protocol";
import type { RunCommand } from "../command.ts";
import { projectFileText } from "../project-file-text.ts";

/** Writes `ml.toml` here. @throws FetchmlError conflict when there is one; bad-file when it cannot be written */
export const run: RunCommand = async (_invocation, environment) => {
  const { workingFolder, stdout, stderr } = environment;
  const path = join(workingFolder, "ml.toml");
  const folder = basename(workingFolder);
  const name = jobNameProblem(folder) === null ? folder : "my-project";
  try {
    // `wx` fails on anything that is there, a dangling link too.
    await writeFile(path, projectFileText(name), { flag: "wx" });
  } catch (error) {
    throw cannotWrite(path, error);
  }
  stdout.write(`Wrote ${path}\n`);
  stderr.write('Change its command, then: "ml queue my-training-job"\n');
  return EXIT.ok;
};

function cannotWrite(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  if (code === null) return error;
  if (code === "EEXIST") {
    return new FetchmlError(
      "conflict",
      `There is an ml.toml already: ${path}\nIt was left as it is. Edit it, or move it away and try again.`,
    );
  }
  return new FetchmlError(
    "bad-file",
    `Cannot write ${path}: ${code}. May you write in this folder?`,
    { cause: error },
  );
}
