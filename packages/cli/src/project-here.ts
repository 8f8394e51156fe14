// The project of the folder in which the command was typed.
import {
  findProjectRoot,
  readProjectFile,
  type ProjectFile,
  type ProjectRoot,
} from "@fetchml/client/project";
import type { Environment } from "./environment.ts";
import { plainText } from "./render/plain-text.ts";

/** A project, and what its `ml.toml` says. */
export interface ProjectHere {
  readonly project: ProjectRoot;
  /** `null` where the project has no `ml.toml`. */
  readonly file: ProjectFile | null;
}

/** A project that is to be frozen and sent. */
export interface ProjectToSend extends ProjectHere {
  /** Whether private keys and the like may be sent. */
  readonly allowSecrets: boolean;
}

/** Finds the project and tells the warnings about its `ml.toml`. @throws FetchmlError bad-file, bad-project */
export function projectHere(
  { workingFolder, home, stderr }: Environment,
  purpose: "send" | "compare" = "send",
): ProjectHere {
  const project = findProjectRoot(workingFolder, { home, purpose });
  const file = project.mlToml === null ? null : readProjectFile(project.mlToml);
  for (const warning of file?.warnings ?? []) stderr.write(`${plainText(warning)}\n`);
  return { project, file };
}
