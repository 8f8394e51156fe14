// What is hidden in the log of an attempt: the values of the secrets that it got.
import { attemptFolder, secretsContext } from "../domain/attempt-folder.ts";
import type { AttemptKey } from "../domain/attempt-key.ts";
import { NO_MASK, type LogMask } from "../logs/read-log.ts";
import { createMask } from "../secrets/mask-bytes.ts";
import type { RpcContext } from "./context.ts";

/** The mask of an attempt's log. @throws FetchmlError conflict when the values cannot be opened: then nothing may be shown */
export async function maskOf(
  { dataDir, secrets }: Pick<RpcContext, "dataDir" | "secrets">,
  key: AttemptKey,
): Promise<LogMask> {
  const values = await secrets.kept(attemptFolder(dataDir, key).secrets, secretsContext(key));
  return values.length === 0 ? NO_MASK : createMask(values);
}

/** Reads with the mask. One that came up meanwhile, as the attempt began, is not missed: it is there before the first byte is. */
export async function readMasked<T>(
  mask: () => Promise<LogMask>,
  read: (mask: LogMask) => Promise<T>,
): Promise<T> {
  const first = await mask();
  const result = await read(first);
  if (first !== NO_MASK) return result;
  const second = await mask();
  return second === NO_MASK ? result : read(second);
}
