// Which hosts are surely this machine, so that nothing sent to them crosses a network.

/**
 * Whether a host is this machine: `localhost`, an address of 127.0.0.0/8, or `::1`, also in the brackets in which a URL has
 * it. Not `*.localhost`, for which some resolvers ask the network, and no address in another spelling.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || name === "[::1]" || isLoopbackV4(host);
}

function isLoopbackV4(host: string): boolean {
  if (!host.startsWith("127.")) return false;
  // Not by a pattern: the first use of one for numbers up to 255 takes 0.1 ms, at every start of `ml`.
  const octets = host.split(".");
  for (const octet of octets) if (String(Number(octet) & 255) !== octet) return false;
  return octets.length === 4;
}
