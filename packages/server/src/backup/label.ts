// What a backup says of itself in its first member.
import { FetchmlError, PRODUCT_VERSION } from "@fetchml/protocol";
import * as z from "zod/mini";

/** The first member of a backup, as JSON. */
export type BackupLabel = z.infer<typeof BackupLabel>;

/** The form that this release writes and reads; a later one has a higher number. */
export const FORMAT = 1;

/** A label is smaller than this. */
export const LABEL_LIMIT_BYTES = 64 * 1024;

const BackupLabel = z.object({
  format: z.literal(FORMAT),
  product_version: z.string(),
  /** Epoch milliseconds at which the database was copied. */
  created_at: z.int().check(z.nonnegative()),
  /** Whether the code of ended jobs is in it, too. */
  with_blobs: z.boolean(),
  /** Whether users' secrets and the key that opens them are in it. */
  with_secrets: z.boolean(),
});

/** The label of a backup that is being made. */
export function newLabel(what: Omit<BackupLabel, "format" | "product_version">): BackupLabel {
  return { format: FORMAT, product_version: PRODUCT_VERSION, ...what };
}

/**
 * Reads a label.
 * @returns `null` when it is none
 * @throws FetchmlError box-unfit for one of a later form
 */
export function parseLabel(text: string): BackupLabel | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = BackupLabel.safeParse(value);
  if (parsed.success) return parsed.data;
  const later = LaterLabel.safeParse(value);
  if (!later.success || later.data.format <= FORMAT) return null;
  throw new FetchmlError(
    "box-unfit",
    `The backup was made by FetchML ${later.data.product_version} in a form that this one, ${PRODUCT_VERSION}, cannot read.\nInstall FetchML ${later.data.product_version} or newer, then restore it.`,
  );
}

const LaterLabel = z.object({ format: z.int(), product_version: z.string() });
