// What a submission is going to be: ml.toml, options and command put together.
import type { JobDefinition, ProjectFile, ProjectRoot } from "@fetchml/client/project";
import { FetchmlError, type SubmitParams } from "@fetchml/protocol";
import { readEnvPairs } from "./args/env-pairs.ts";
import { checkJobName } from "./args/job-name.ts";
import { readMounts } from "./args/mounts.ts";
import { isSet, textsOf } from "./args/option-values.ts";
import { resolveCommand } from "./args/resolve-command.ts";
import { readNoOutput, readResourceOptions } from "./args/resource-options.ts";
import { readSecretNames } from "./args/secret-names.ts";
import { didYouMean, nearWords } from "./args/suggest.ts";
import type { Invocation } from "./command.ts";
import type { Environment } from "./environment.ts";
import { jobTableText } from "./project-file-text.ts";
import { projectHere, type ProjectToSend } from "./project-here.ts";
import { reportError } from "./report-error.ts";

/** A job that could be sent as soon as its project is frozen. */
export interface JobPlan extends ProjectToSend {
  readonly request: Omit<SubmitParams, "snapshot" | "git" | "submission">;
}

/**
 * Plans the job that the first word names. `null`: it has no command; the person has been told, with what to paste.
 *
 * @throws FetchmlError usage, bad-file, bad-project
 */
export function planJob(invocation: Invocation, environment: Environment): JobPlan | null {
  const { words, options, command: typed } = invocation;
  const [name = ""] = words;
  checkJobName(name);
  const asked = { ...readResourceOptions(options, environment.now()), ...readNoOutput(options) };
  const env = readEnvPairs(textsOf(options, "env"), environment.variables);
  const { project, file } = projectHere(environment);
  const definition = file?.jobs.get(name) ?? null;
  const command = resolveCommand(definition?.command ?? null, typed);
  if (command === null) {
    tellNoCommand({ name, project, file, definition }, invocation, environment);
    return null;
  }
  const request = {
    name,
    command,
    cwd: project.cwd,
    env: { ...definition?.env, ...env },
    resources: {
      gpus: asked.gpus ?? definition?.gpus ?? 0,
      cpus: asked.cpus ?? definition?.cpus ?? 1,
      mem_bytes: asked.mem_bytes ?? definition?.mem_bytes ?? 0,
    },
    timeout_ms:
      asked.timeout_ms === undefined ? (definition?.timeout_ms ?? null) : asked.timeout_ms,
    no_output_ms: asked.no_output_ms ?? definition?.no_output_ms ?? null,
    retries: asked.retries ?? definition?.retries ?? 0,
    ...(definition === null || definition.retry_on === null
      ? {}
      : { retry_on: [...definition.retry_on] }),
    begin_at: asked.begin_at ?? null,
    hold: isSet(options, "hold"),
    setup: setupOf(file),
    mounts: [...new Set([...(definition?.mounts ?? []), ...readMounts(options)])],
    secrets: [...new Set([...(definition?.secrets ?? []), ...readSecretNames(options)])],
  };
  return { project, file, allowSecrets: isSet(options, "allow-secrets"), request };
}

interface NoCommand {
  readonly name: string;
  readonly project: ProjectRoot;
  readonly file: ProjectFile | null;
  readonly definition: JobDefinition | null;
}

function tellNoCommand(what: NoCommand, invocation: Invocation, environment: Environment): void {
  const { stderr } = environment;
  const error = new FetchmlError(
    "usage",
    `${whyNoCommand(what)}\nSay what to run: "ml ${invocation.verb} ${what.name} -- COMMAND…". Or put this into ml.toml:`,
  );
  reportError(error, { stderr, debug: isSet(invocation.options, "debug") });
  stderr.write(`\n${jobTableText(what.name)}`);
}

function whyNoCommand({ name, project, file, definition }: NoCommand): string {
  if (file === null)
    return `There is no ml.toml in ${project.root}, so ${JSON.stringify(name)} has no command.`;
  if (definition !== null) return `[jobs.${name}] in ${file.path} has no command.`;
  const near = didYouMean(nearWords(name, file.jobs.keys()));
  return `There is no job ${JSON.stringify(name)} in ${file.path}.${near}`;
}

/** What runs before the commands of a project; `null`: nothing. */
export function setupOf(file: ProjectFile | null): SubmitParams["setup"] {
  if (file === null || file.setup === null) return null;
  return { command: file.setup, key: file.setup_key === null ? null : [...file.setup_key] };
}
