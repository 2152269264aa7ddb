/** How old a price may get before it is called so. A quiet price is not a stale one where the server confirms it. */

/** What can still vouch for an old price: heads of a `tickwire` heartbeat do so one by one, an older link only in general. */
export type Vouching = 'heads' | 'link' | 'nothing';

/** The freshness of a price of this age, counted from its arrival or its last confirmation. */
export function freshnessAt(ageMs: number, staleAfterMs: number, vouching: Vouching): 'fresh' | 'stale' | 'unverified' {
  if (ageMs <= staleAfterMs) return 'fresh';
  return vouching === 'link' ? 'unverified' : 'stale';
}
