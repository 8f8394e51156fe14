// Checks that jobs can be kept apart, by running something in the sandbox that the server would use.
import { FetchmlError } from "@fetchml/protocol";
import type { Settings } from "../../config/settings.ts";
import { proveSandbox } from "../../executor/sandbox/prove-sandbox.ts";
import { failed, ok, warning, type BoxCheck } from "./box-check.ts";
import { nearestFolder } from "./nearest-folder.ts";

const NAME = "sandbox";

/** Tries what the settings ask for; the data folder need not be there yet. */
export async function checkSandbox({
  sandbox: asked,
  jobEnv,
  jobUids: uids,
  dataDir,
}: Pick<Settings, "sandbox" | "jobEnv" | "jobUids" | "dataDir">): Promise<BoxCheck> {
  const search = { asked, path: jobEnv.PATH, uids, dataDir: nearestFolder(dataDir) };
  try {
    const { kind } = await proveSandbox(search);
    const facts = { kind, asked };
    switch (kind) {
      case "bubblewrap":
        return ok(NAME, "bubblewrap works", facts);
      case "account": {
        const message = "accounts of their own keep jobs apart; bubblewrap would do it better";
        if (asked === "account") return ok(NAME, "accounts of their own keep jobs apart", facts);
        return warning(NAME, { message, fix: await bubblewrapFix(search), facts });
      }
      case "none": {
        const message = "nothing keeps jobs apart: each can read the database and stop the server";
        return warning(NAME, { message, fix: "fetchml serve --sandbox auto", facts });
      }
    }
  } catch (error) {
    if (!(error instanceof FetchmlError)) throw error;
    const [message = ""] = error.message.split("\n");
    return failed(NAME, { message, fix: fixOf(error), facts: { kind: null, asked } });
  }
}

/** What makes bubblewrap work where accounts were taken instead: it may be there, and be kept from working. */
async function bubblewrapFix(search: Parameters<typeof proveSandbox>[0]): Promise<string> {
  const refusal = await proveSandbox({ ...search, asked: "bubblewrap" }).catch(
    (error: unknown) => error,
  );
  return refusal instanceof FetchmlError ? fixOf(refusal) : "sudo systemctl restart fetchml";
}

function fixOf(error: FetchmlError): string {
  const [, ...advice] = error.message.split("\n");
  return (advice.at(-1) ?? "fetchml serve --sandbox none").replace(/^Type: /, "");
}
