// Checks that something keeps the clock right: keys expire by it, and limits in time are told by it.
import { dlopen, FFIType } from "bun:ffi";
import { ok, warning, type BoxCheck } from "./box-check.ts";

const NAME = "clock";

/** Asks the kernel, which every keeper of time tells when the clock is right. */
export function checkClock(isKept: boolean = clockIsKept()): BoxCheck {
  if (isKept) return ok(NAME, "kept right by a time server", { synchronised: true });
  const message = "nothing keeps the clock right, by which keys expire";
  const fix = "sudo timedatectl set-ntp true";
  return warning(NAME, { message, fix, facts: { synchronised: false } });
}

/** adjtimex(2), asked for nothing but the state: 5, `TIME_ERROR`, until somebody has set the clock by a better one. */
function clockIsKept(): boolean {
  const library = dlopen("libc.so.6", {
    adjtimex: { args: [FFIType.ptr], returns: FFIType.i32 },
  });
  try {
    return library.symbols.adjtimex(new Uint8Array(TIMEX_BYTES)) !== TIME_ERROR;
  } finally {
    library.close();
  }
}

/** `struct timex` has 208 bytes on 64-bit Linux; modes 0, its first field, changes nothing. */
const TIMEX_BYTES = 256;
const TIME_ERROR = 5;
