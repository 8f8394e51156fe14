// What people paste by mistake where an API key belongs: tokens of other services.

/**
 * The service whose token `text` begins with, as a name for a message; `undefined` when none is known by it. Only the
 * first characters are looked at.
 */
export function foreignTokenOf(text: string): string | undefined {
  const start = text.slice(0, 80);
  return FOREIGN.find(([, pattern]) => pattern.test(start))?.[0];
}

const FOREIGN: readonly (readonly [service: string, pattern: RegExp])[] = [
  ["GitHub", /^(?:gh[opsur]_|github_pat_)/],
  ["GitLab", /^gl(?:pat|dt|rt|ptt|cbt|soat|agent)-/],
  ["Anthropic", /^sk-ant-/],
  ["Stripe", /^[prs]k_(?:live|test)_/],
  ["OpenAI or the like", /^sk-/],
  ["Hugging Face", /^(?:hf_|api_org_)/],
  ["AWS", /^(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])/],
  ["Google", /^(?:AIza|ya29\.|GOCSPX-)/],
  ["Slack", /^(?:xox[abeoprs]-|xapp-)/],
  ["Telegram", /^\d{8,10}:[\w-]{30}/],
  ["npm", /^npm_/],
  ["PyPI", /^pypi-/],
  ["Docker Hub", /^dckr_/],
  ["DigitalOcean", /^do[opr]_v1_/],
  ["Tailscale", /^tskey-/],
  ["Weights & Biases", /^wandb_/],
  ["Vault", /^hv[sbr]\./],
  ["a JSON Web Token", /^eyJ/],
  ["an SSH key", /^(?:ssh-|ecdsa-sha2-)/],
  ["a PEM file", /^-----BEGIN/],
  [
    "a UUID, such as the id of a Bitwarden item",
    /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])/i,
  ],
];
