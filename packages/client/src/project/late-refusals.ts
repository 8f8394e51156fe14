// Refusals that come rarely and late, with code that is loaded only then.
import type { Manifest, ServerLimits } from "@fetchml/protocol";

/** Refuses a project that the server would not take. @throws FetchmlError bad-project, with the ten heaviest paths */
export async function keepToServerLimits(
  root: string,
  manifest: Manifest,
  limits: ServerLimits,
): Promise<void> {
  const { checkServerLimits } = await import("./check-limits.ts");
  checkServerLimits(root, manifest, limits);
}

/** Refuses a project of which a file, given by its absolute path, changed each time it was sent. @throws FetchmlError bad-project */
export async function refuseWhatChanges(root: string, path: string): Promise<void> {
  const { refuseChanging } = await import("./refuse-obstacles.ts");
  refuseChanging(root, path);
}
