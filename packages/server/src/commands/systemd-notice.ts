// Tells systemd that the server is ready, alive, or stopping: sd_notify(3), without its library.
import { dlopen, FFIType } from "bun:ffi";
import type { SystemdEnvironment } from "../config/systemd-environment.ts";

/** A line to systemd that stays open. */
export interface SystemdNotice {
  /** Sends `READY=1`, `STOPPING=1` and the like; to nobody where systemd does not listen. */
  tell(news: string): void;
  /** Ends the signs of life. Safe twice. */
  close(): void;
}

/** Signs of life come twice in the time that systemd waits for one, from the event loop: a hung server gives none. */
export function openSystemdNotice({ notifySocket, watchdogMs }: SystemdEnvironment): SystemdNotice {
  const send = notifySocket === null ? () => undefined : sender(notifySocket);
  const timer =
    watchdogMs === null ? null : setInterval(() => send("WATCHDOG=1"), Math.max(1, watchdogMs / 2));
  timer?.unref();
  return {
    tell: send,
    close: () => {
      if (timer !== null) clearInterval(timer);
    },
  };
}

/** Bun has no datagrams on Unix sockets, so this calls the C library, which every Linux that runs Bun has. */
function sender(socketName: string): (news: string) => void {
  const { socket, sendto, close } = dlopen("libc.so.6", {
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    sendto: {
      args: [FFIType.i32, FFIType.ptr, FFIType.u64, FFIType.i32, FFIType.ptr, FFIType.u32],
      returns: FFIType.i64,
    },
    close: { args: [FFIType.i32], returns: FFIType.i32 },
  }).symbols;
  const address = socketAddress(socketName);
  return (news) => {
    const message = Buffer.from(news);
    const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    // News that cannot be sent is no reason to fail: systemd then waits in vain, and says so.
    if (fd < 0) return;
    sendto(fd, message, message.length, MSG_NOSIGNAL | MSG_DONTWAIT, address, address.length);
    close(fd);
  };
}

/** `struct sockaddr_un`, unix(7): the family in two bytes, then the path, or for `@name` a zero byte and the name. */
function socketAddress(name: string): Buffer {
  const address = Buffer.from(`\0\0${name}`);
  new DataView(address.buffer, address.byteOffset).setUint16(0, AF_UNIX, true);
  if (name.startsWith("@")) address[2] = 0;
  return address;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
