// Which hosts are surely this machine, so that nothing sent to them crosses a network.

/**
 * Whether a host is this machine: `localhost`, an address of 127.0.0.0/8, or `::1`, also in the brackets in which a URL has
 * it. Not `*.localhost`, for which some resolvers ask the network, and no address in another spelling.
 */
export function isLoopbackHost(host: string): boolean {
  return /^localhost$|^::1$|^\[::1\]$/i.test(host) || LOOPBACK_V4.test(host);
}

const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

const LOOPBACK_V4 = new RegExp(`^127(?:\\.${OCTET}){3}$`);
