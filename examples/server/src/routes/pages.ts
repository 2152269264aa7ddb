/** The static pages: what is served at `/` and below, and what they may load. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** No code but the pages' own files. A page may connect to any stream, for its address is the user's choice. */
const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "connect-src 'self' ws: wss:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Serves the files of a folder, but none whose name begins with a dot. */
export function addPages(app: FastifyInstance, root: string): void {
  void app.register(fastifyStatic, {
    root,
    dotfiles: 'ignore',
    setHeaders(response) {
      response.setHeader('Content-Security-Policy', policy);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Referrer-Policy', 'same-origin');
    },
  });
}
