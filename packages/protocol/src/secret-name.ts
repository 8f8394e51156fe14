// The name of a secret, which is that of the variable as which a job gets it.
import * as z from "zod/mini";
import { ENV_NAME } from "./names.ts";

/** 1 to 64 characters that can name a variable, such as `HF_TOKEN`. */
export const SecretName = z
  .string()
  .check(
    z.regex(ENV_NAME, { error: 'is letters, digits and "_", no digit first, such as HF_TOKEN' }),
    z.maxLength(64),
  );
