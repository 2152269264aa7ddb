/** Made-up users of the demo: anybody may be one of them for a quarter of an hour. */
import { signToken } from '../auth/sign-token.js';
import type { AuthSettings } from '../auth/auth-settings.js';
import type { Catalog } from '../catalog.js';
import type { Clock } from '../clock.js';
import type { Holding } from '../portfolio/portfolio-value.js';
import type { Portfolios } from '../portfolio/portfolios.js';

/** Who they are, as pages are told. */
export interface DemoAccount {
  readonly id: string;
  readonly name: string;
}

/** What the accounts are made of. */
export interface DemoAccountsOptions {
  readonly auth: AuthSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly catalog: Pick<Catalog, 'coinIdOf'>;
  readonly portfolios: Pick<Portfolios, 'replace'>;
}

/** What a sign-in gives. */
export interface SignedIn {
  readonly token: string;
  readonly user: DemoAccount;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** So short that a page which is left open has to sign in again. */
export const demoTokenMs = 900_000;

type Possessions = readonly Required<Holding>[];

const possessions = new Map<string, { readonly name: string; readonly holdings: Possessions }>([
  [
    'asha',
    {
      name: 'Asha',
      holdings: [
        { coinId: 'bitcoin', amount: 0.42, averagePrice: 58_200 },
        { coinId: 'ethereum', amount: 6.5, averagePrice: 3_350 },
        { coinId: 'solana', amount: 120, averagePrice: 96.4 },
      ],
    },
  ],
  [
    'ben',
    {
      name: 'Ben',
      holdings: [
        { coinId: 'dogecoin', amount: 48_000, averagePrice: 0.19 },
        { coinId: 'shiba-inu', amount: 310_000_000, averagePrice: 0.000_014_5 },
        { coinId: 'pepe', amount: 95_000_000, averagePrice: 0.000_011_2 },
      ],
    },
  ],
  ['chitra', { name: 'Chitra', holdings: [{ coinId: 'bitcoin', amount: 0.015, averagePrice: 61_000 }] }],
]);

/** All of them. */
export const demoAccounts: readonly DemoAccount[] = Array.from(possessions, ([id, { name }]) => ({ id, name }));

/** The accounts of a server. */
export class DemoAccounts {
  readonly #options: DemoAccountsOptions;
  /** Who has been given what they begin with; what they make of it since is theirs. */
  readonly #endowed = new Set<string>();

  constructor(options: DemoAccountsOptions) {
    this.#options = options;
  }

  /** Signs in; `undefined` when there is no such user. */
  async signIn(id: string): Promise<SignedIn | undefined> {
    const { auth, clock } = this.#options;
    const { secret, issuer, audience } = auth;
    const account = possessions.get(id);
    if (account === undefined || secret === undefined) return undefined;
    this.#endow(id, account.holdings);
    const now = clock.now();
    const token = await signToken({
      secret,
      userId: id,
      lifetimeMs: demoTokenMs,
      scopes: [],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
      now,
    });
    // As the token says it: in whole seconds.
    const expiresAt = Math.floor(now / 1_000) * 1_000 + demoTokenMs;
    return { token, user: { id, name: account.name }, expiresAt };
  }

  #endow(id: string, holdings: Possessions): void {
    if (this.#endowed.has(id)) return;
    const known = holdings.filter(({ coinId }) => this.#options.catalog.coinIdOf(coinId) !== undefined);
    if (this.#options.portfolios.replace(id, known)) this.#endowed.add(id);
  }
}
