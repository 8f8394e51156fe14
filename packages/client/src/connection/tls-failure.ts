// What to tell a person about a certificate that is not trusted, and how to see to it.

/** What one kind of TLS failure means and what to do next. */
export interface TlsWords {
  /** The end of a sentence. */
  readonly why: string;
  /** One or two sentences. */
  readonly advice: string;
}

/** Where the handshake failed. */
export interface TlsPlace {
  readonly host: string;
  readonly port: string;
  /** Whether a CA file was given. */
  readonly hasOwnCa: boolean;
}

/**
 * The words for a failed handshake.
 *
 * @param detail the runtime's code, or its words where there are any
 */
export function tlsWords(detail: string, { host, port, hasOwnCa }: TlsPlace): TlsWords {
  const look = `Look at it with "openssl s_client -connect ${host}:${port}".`;
  if (/ALTNAME|altnames|HOSTNAME_MISMATCH/.test(detail)) {
    return {
      why: `the certificate there is for another name than ${host}`,
      advice: `Put the name that the certificate has into api_url. ${look}`,
    };
  }
  if (/EXPIRED|expired/.test(detail)) {
    return {
      why: "its certificate has expired",
      advice: "Its admin has to renew it; check this machine's clock, too.",
    };
  }
  if (
    /SELF_SIGNED|self.signed|UNABLE_TO_(?:GET_ISSUER|VERIFY)|unable to (?:get|verify)/.test(detail)
  ) {
    return {
      why: `its certificate is not trusted (${detail})`,
      advice: hasOwnCa
        ? "The CA file given has not signed it. Ask your admin for the right one: anybody else may be listening there."
        : 'If your admin has a CA of their own, get its file and set ca_file = "ca.pem" beside api_url in the config, or ML_CA_FILE.',
    };
  }
  return {
    why: `the TLS handshake failed (${detail})`,
    advice: `A server without TLS has an address with ws://. ${look}`,
  };
}
