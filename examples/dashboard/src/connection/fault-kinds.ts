/** The ways in which the demo server can be broken for this page; pure. */

/** What the server calls them. */
export const faultKinds = ['drop', 'freeze', 'refuse', 'slow', 'lose'] as const;
/** One of them. */
export type FaultKind = (typeof faultKinds)[number];

/** The faults of a server's list that this page knows, in the page's order. */
export function knownFaults(offered: readonly unknown[]): FaultKind[] {
  return faultKinds.filter((kind) => offered.includes(kind));
}
