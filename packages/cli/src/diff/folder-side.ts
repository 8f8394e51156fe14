// The project folder here as one side of a comparison: nothing of it leaves this machine, so little of it is refused.
import { shortPath } from "@fetchml/client";
import { freezeComparable, shownPath, type ComparableProject } from "@fetchml/client/project";
import { FetchmlError } from "@fetchml/protocol";
import type { Environment } from "../environment.ts";
import { projectHere, type ProjectToSend } from "../project-here.ts";
import { plainText } from "../render/plain-text.ts";
import { freezeOptions, freezePlan } from "../submission.ts";
import { folderSource } from "./content-source.ts";
import type { Side } from "./sides.ts";

/**
 * The project folder that one is in, as it is now. What of it cannot be compared is told on standard error.
 *
 * @throws FetchmlError bad-file; bad-project where there is far too much to read
 */
export async function folderSide(environment: Environment): Promise<Side> {
  const plan = { ...projectHere(environment, "compare"), allowSecrets: true };
  const here = await readFolder(plan, environment);
  const left = here.leftOut.map(({ path }) => path);
  const { root, cwd } = plan.project;
  return {
    label: plainText(shortPath(root, environment.home)),
    snapshot: here.snapshot,
    facts: null,
    json: { folder: root, snapshot: here.snapshot },
    source: folderSource(here),
    cwd,
    isLeftOut: (path) => {
      const shown = left.length === 0 ? "" : shownPath(path);
      return left.some((one) => shown === one || shown.startsWith(`${one}/`));
    },
    manifest: async () => here.content().manifest,
  };
}

async function readFolder(
  plan: ProjectToSend,
  environment: Environment,
): Promise<Omit<ComparableProject, "warnings">> {
  try {
    const frozen = await freezePlan(plan, environment);
    return { snapshot: frozen.snapshot, content: () => frozen.content(), leftOut: [] };
  } catch (error) {
    if (!(error instanceof FetchmlError && error.code === "bad-project")) throw error;
  }
  const { stderr } = environment;
  const here = await freezeComparable(freezeOptions(plan, environment));
  for (const warning of here.warnings) stderr.write(`${plainText(warning)}\n`);
  const words = leftOutWords(here);
  if (words !== null) stderr.write(`${plainText(words)}\n`);
  return here;
}

function leftOutWords({ leftOut }: Pick<ComparableProject, "leftOut">): string | null {
  const [first, ...others] = leftOut;
  if (first === undefined) return null;
  const names = others.slice(0, NAMED).map(({ path }) => `"${path}"`);
  if (others.length > NAMED) names.push(`${others.length - NAMED} more`);
  const more = others.length === 0 ? "" : `; nor ${names.join(", ")}`;
  return `Not compared: "${first.path}", which ${first.why}${more}.`;
}

const NAMED = 3;
