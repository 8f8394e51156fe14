// Sends a frozen project, with code that is loaded only then: an unchanged project has nothing to send.
import type { Endpoint } from "../client.ts";
import type { FrozenProject } from "./frozen-project.ts";
import type { UploadOptions } from "./upload.ts";

/** Sends what the server lacks of a snapshot. @throws FetchmlError as `uploadSnapshot` does */
export async function sendSnapshot(
  endpoint: Endpoint,
  frozen: FrozenProject,
  options: UploadOptions = {},
): Promise<void> {
  const { uploadSnapshot } = await import("./upload.ts");
  await uploadSnapshot(endpoint, frozen, options);
}
