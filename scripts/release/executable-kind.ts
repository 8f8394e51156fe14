// Tells by its first bytes for which kind of machine an executable is.
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../build-steps/build-plan.ts";

/**
 * Looks at each executable of a target.
 *
 * @param made the folder with them
 * @throws Error in words when one is for another kind of machine
 */
export function checkExecutables(made: string, { name, executables }: Target): void {
  for (const program of executables) {
    const file = join(made, name.startsWith("windows") ? `${program}.exe` : program);
    const kind = kindOf(firstBytes(file));
    if (kind === name) continue;
    throw new Error(
      `${file} is for ${kind ?? "no kind of machine that is known"}, not for ${name}`,
    );
  }
}

/** The name of the target that an executable with these first bytes is for; `null` for any other file. ELF, Mach-O and PE, 64 bits. */
export function kindOf(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const number = (at: number, size: 2 | 4): number | null => {
    if (at + size > bytes.length) return null;
    return size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
  };
  const magic = number(0, 4);
  if (magic === ELF) return ELF_MACHINES.get(number(18, 2)) ?? null;
  if (magic === MACH_O_64) return MACH_O_PROCESSORS.get(number(4, 4)) ?? null;
  if (number(0, 2) !== MZ) return null;
  const header = number(60, 4) ?? bytes.length;
  return number(header, 4) === PE && number(header + 4, 2) === PE_X64 ? "windows-x64" : null;
}

const ELF = 0x46_4c_45_7f;
const ELF_MACHINES: ReadonlyMap<number | null, string> = new Map([
  [0x3e, "linux-x64"],
  [0xb7, "linux-arm64"],
]);
const MACH_O_64 = 0xfe_ed_fa_cf;
const MACH_O_PROCESSORS: ReadonlyMap<number | null, string> = new Map([
  [0x01_00_00_0c, "macos-arm64"],
  [0x01_00_00_07, "macos-x64"],
]);
const MZ = 0x5a_4d;
const PE = 0x45_50;
const PE_X64 = 0x86_64;

/** Where PE says what it is lies far behind. */
const LOOKED_AT_BYTES = 4096;

function firstBytes(file: string): Uint8Array {
  const bytes = new Uint8Array(LOOKED_AT_BYTES);
  const handle = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(handle, bytes));
  } finally {
    closeSync(handle);
  }
}
