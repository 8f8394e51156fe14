// The account of the person behind sudo.

/** Whoever typed `sudo`; `null` without sudo. Anybody can set this variable, so that it is good for a suggestion only. */
export function sudoAccount(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const name = env["SUDO_USER"] ?? "";
  return name === "" ? null : name;
}
