/** Whether a page of some origin may open a socket. Pure. Only exact matches count. */

/** Who may connect. */
export interface OriginPolicy {
  /** Exact origins; absent: the server's own, by the Host header. */
  readonly allowed?: readonly string[];
  /** Whether a request without an Origin (a program, no browser) is refused. */
  readonly required: boolean;
}

/** Decides by the headers `Origin` and `Host` of the upgrade. */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, policy: OriginPolicy): boolean {
  if (origin === undefined) return !policy.required;
  if (policy.allowed !== undefined) return policy.allowed.includes(origin);
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
