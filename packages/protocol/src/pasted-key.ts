// API keys as people paste and say them. Apart from the rest, since a key that is right needs none of it and it costs 2 ms to load.
export { normaliseApiKey } from "./api-key-normalise.ts";
export { formatSpokenApiKey } from "./api-key-spoken.ts";
