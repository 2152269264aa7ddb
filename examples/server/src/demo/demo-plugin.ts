/** What a demo adds to the server over HTTP: signing in for a click, and breaking one's own connection. */
import { ErrorCode } from '@tickwire/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import * as z from 'zod';
import type { Clock } from '../clock.js';
import { KeyedBuckets } from '../keyed-buckets.js';
import { addressKey } from '../plugins/address.js';
import { isOriginAllowed, type OriginPolicy } from '../plugins/origin.js';
import { refuse, refuseInOneShape } from '../routes/answers.js';
import { demoAccounts, type DemoAccounts } from './accounts.js';
import { faultKinds } from './faulty-link.js';
import { isPageId, pageOf, type PageLinks } from './page-links.js';

/** What the plugin is made of; what is absent is not there to be asked for. */
export interface DemoOptions {
  readonly accounts: DemoAccounts | undefined;
  readonly links: PageLinks | undefined;
  /** The candles that may be asked for, in seconds. */
  readonly intervals: readonly number[];
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly origins: OriginPolicy;
  readonly maxRememberedKeys: number;
}

const usualFaultMs = 15_000;
const longestFaultMs = 60_000;
const askedPerMinute = 60;
const minuteMs = 60_000;
const bodyLimit = 1_024;

const signInSchema = z.object({ user: z.string().min(1).max(64) });
const faultSchema = z.object({
  page: z.string().refine(isPageId),
  kind: z.enum([...faultKinds, 'none']),
  forMs: z
    .number()
    .min(1)
    .default(usualFaultMs)
    .transform((ms) => Math.min(ms, longestFaultMs)),
});

const signInHint = 'Send {"user":"asha"}; GET /api/demo lists the users';
const faultHint = 'Send {"page":"<the id of ?page=>","kind":"drop","forMs":15000}; GET /api/demo lists the kinds';

/** The plugin; to be registered behind the one that owns upgrades. */
export const demoPlugin = fp<DemoOptions>(
  (app, { accounts, links, intervals, clock, origins, maxRememberedKeys }, done) => {
    const asked = new KeyedBuckets({ capacity: askedPerMinute, refillMs: minuteMs, maxKeys: maxRememberedKeys });

    /** Other people's pages have no business here, and nobody has it very often. */
    async function guard(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (!isOriginAllowed(request.headers.origin, request.host, origins)) {
        return reply.code(403).send({ error: 'This origin may not ask: see ALLOWED_ORIGINS', code: 'FORBIDDEN' });
      }
      const waitMs = asked.take(addressKey(request.ip), clock.monotonic());
      if (waitMs === 0) return undefined;
      return refuse(reply.header('Retry-After', String(Math.ceil(waitMs / 1_000))), ErrorCode.RATE_LIMITED);
    }

    function addSignIn(routes: FastifyInstance, { signIn }: { signIn: DemoAccounts['signIn'] }): void {
      routes.post('/api/demo/sign-in', { bodyLimit, onRequest: guard }, async (request, reply) => {
        const body = signInSchema.safeParse(request.body);
        if (!body.success) return refuse(reply, ErrorCode.BAD_MESSAGE, signInHint);
        const signedIn = await signIn(body.data.user);
        void reply.header('Cache-Control', 'no-store');
        return (
          signedIn ?? reply.code(404).send({ error: `There is no such user. ${signInHint}`, code: 'UNKNOWN_USER' })
        );
      });
    }

    function addFaults(routes: FastifyInstance, pages: PageLinks): void {
      routes.post('/api/demo/faults', { bodyLimit, onRequest: guard }, (request, reply) => {
        const body = faultSchema.safeParse(request.body);
        if (!body.success) return refuse(reply, ErrorCode.BAD_MESSAGE, faultHint);
        const { page, kind, forMs } = body.data;
        const connections = pages.break(page, kind, forMs);
        if (connections === undefined) {
          const error = 'No connection has this page in its address; connect with /ws?page=<id> first';
          return reply.code(404).send({ error, code: 'UNKNOWN_PAGE' });
        }
        const lasts = kind !== 'none' && kind !== 'drop';
        return { page, kind, endsAt: lasts ? clock.now() + forMs : 0, connections };
      });
    }

    if (links !== undefined) {
      app.addHook('onRequest', async (request, reply) => {
        if (!request.ws) return undefined;
        const waitMs = links.refusedMs(pageOf(request.url) ?? '');
        if (waitMs === 0) return undefined;
        const error = 'The page asked for its upgrades to be refused';
        return reply
          .code(503)
          .header('Retry-After', String(Math.ceil(waitMs / 1_000)))
          .send({ error });
      });
      app.addHook('preClose', (ended) => {
        links.stop();
        ended();
      });
    }
    void app.register((routes, _options, ready) => {
      refuseInOneShape(routes);
      routes.get('/api/demo', (_request, reply) => {
        void reply.header('Cache-Control', 'no-store');
        return {
          accounts: accounts === undefined ? [] : demoAccounts,
          faults: links === undefined ? [] : faultKinds,
          candles: intervals,
        };
      });
      if (accounts !== undefined) addSignIn(routes, { signIn: (id) => accounts.signIn(id) });
      if (links !== undefined) addFaults(routes, links);
      ready();
    });
    done();
  },
  { name: 'tickwire-demo', fastify: '5.x', dependencies: ['tickwire-websocket'] },
);
