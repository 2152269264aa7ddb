/** The keys of the environment that are about authentication. Problems are told in words that print no secret. */
import * as z from 'zod';
import { flag } from '../config-key.js';
import { parseApiKeys, type ApiKey } from './api-keys.js';

/** How clients prove who they are. */
export interface AuthSettings {
  /** Shared secret of HS256 tokens; absent: the server makes one that nobody knows, or takes no such tokens. */
  readonly secret?: string;
  /** Where the public keys of RS256 and ES256 tokens are. */
  readonly jwksUrl?: string;
  readonly issuer?: string;
  readonly audience?: string;
  readonly apiKeys: readonly ApiKey[];
  /** Whether a connection that did not authenticate in time is closed. */
  readonly isRequired: boolean;
}

/** The keys, as `--help` and the README list them. */
export const authKeys = [
  {
    name: 'JWT_SECRET',
    fallback: 'random in development',
    meaning: 'shared secret of HS256 tokens, at least 32 bytes',
  },
  { name: 'JWT_JWKS_URL', fallback: 'none', meaning: 'where the public keys of RS256 and ES256 tokens are' },
  { name: 'JWT_ISSUER', fallback: 'any', meaning: 'the iss that tokens must have' },
  { name: 'JWT_AUDIENCE', fallback: 'any', meaning: 'the aud that tokens must have' },
  { name: 'API_KEYS', fallback: 'none', meaning: 'kid:sha256hex[:scope+scope], comma-separated' },
  {
    name: 'REQUIRE_AUTH',
    fallback: 'false',
    meaning: 'true closes sockets that do not authenticate within 5 s, and shows no prices to strangers over HTTP',
  },
] as const;

const leastSecretBytes = 32;
const secret = z
  .string()
  .refine((text) => text === text.trim(), { error: 'it has white space at an end; take that off' })
  .refine((text) => !text.includes('-----BEGIN'), {
    error: 'this is a key file, not a shared secret; for public keys set JWT_JWKS_URL',
  })
  .refine((text) => Buffer.byteLength(text) >= leastSecretBytes, {
    error: `shorter than ${leastSecretBytes} bytes, which can be guessed; make one with: openssl rand -hex 32`,
  });

const isLoopback = (hostname: string): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
const jwksUrl = z.string().refine(
  (text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  },
  { error: 'expected an https address' },
);
const claim = z.string().max(512, { error: 'expected at most 512 characters' });

/** The schema of these keys, to be spread into that of the whole environment. */
export const authEnvironment = {
  JWT_SECRET: secret.optional(),
  JWT_JWKS_URL: jwksUrl.optional(),
  JWT_ISSUER: claim.optional(),
  JWT_AUDIENCE: claim.optional(),
  API_KEYS: z
    .string()
    .transform((text, context) => {
      const { keys, problems } = parseApiKeys(text);
      for (const message of problems) context.addIssue({ code: 'custom', message });
      return keys;
    })
    .optional(),
  REQUIRE_AUTH: flag.default(false),
};

type AuthValues = z.infer<z.ZodObject<typeof authEnvironment>>;

/** The settings that the values of the environment stand for. */
export function authSettingsOf(values: AuthValues): AuthSettings {
  return {
    ...(values.JWT_SECRET === undefined ? {} : { secret: values.JWT_SECRET }),
    ...(values.JWT_JWKS_URL === undefined ? {} : { jwksUrl: values.JWT_JWKS_URL }),
    ...(values.JWT_ISSUER === undefined ? {} : { issuer: values.JWT_ISSUER }),
    ...(values.JWT_AUDIENCE === undefined ? {} : { audience: values.JWT_AUDIENCE }),
    apiKeys: values.API_KEYS ?? [],
    isRequired: values.REQUIRE_AUTH,
  };
}

/** What is wrong with the settings as a whole. */
export function authProblemsOf(settings: AuthSettings, environment: string): string[] {
  const { secret: shared, jwksUrl: url, apiKeys, isRequired } = settings;
  const knowsNobody = shared === undefined && url === undefined && apiKeys.length === 0;
  if (environment === 'production' && knowsNobody) {
    return [
      'JWT_SECRET: production needs a way to know its users: JWT_SECRET (make one with: openssl rand -hex 32), JWT_JWKS_URL or API_KEYS',
    ];
  }
  return isRequired && knowsNobody
    ? ['REQUIRE_AUTH: nobody could authenticate; set JWT_SECRET, JWT_JWKS_URL or API_KEYS as well']
    : [];
}
