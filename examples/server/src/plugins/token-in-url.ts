/** Tells a URL that carries a secret: those end up in logs of proxies, in histories and in referrers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

const secretName =
  /^(?:(?:access|id|auth|refresh|bearer|session)?[_-]?token|jwt|api[_-]?key|auth(?:orization)?|password|secret)$/i;
/** The shape of a JWT, under whatever name. */
const jwt = /^ey[\w-]{8,}\.[\w-]+\.[\w-]*$/;

/** Whether the query of this request target has a token, by name or by shape. */
export function hasTokenInUrl(url: string): boolean {
  const mark = url.indexOf('?');
  if (mark < 0) return false;
  for (const [name, value] of new URLSearchParams(url.slice(mark + 1))) {
    // Forms and query builders write a list as name[]. Split, for a pattern would begin anew at each of many brackets.
    if (secretName.test(name.split('[', 1)[0] ?? '') || jwt.test(value)) return true;
  }
  return false;
}

async function refuseTokenInUrl(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (!hasTokenInUrl(request.url)) return undefined;
  const error = 'A token in a URL ends up in logs. Send it in an authenticate message, or as Authorization: Bearer';
  return reply.code(400).send({ error, code: 'TOKEN_IN_URL' });
}

/** Answers 400 to such a URL, on every route. To be registered after the plugin that owns upgrades. */
export const tokenInUrlPlugin = fp(
  (app, _options, done) => {
    app.addHook('onRequest', refuseTokenInUrl);
    done();
  },
  { name: 'tickwire-token-in-url', fastify: '5.x', dependencies: ['tickwire-websocket'] },
);

/** The request target without its query: what a log line may have of it. */
export function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? '';
}
