/** One HTTP request for a text of bounded size. It knows nothing of what the text is, and follows no redirect. */

/** What is read of a response; the platform's has this shape. */
export interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  text(): Promise<string>;
}

/** What the client needs of `fetch`; injectable as `options.fetch`. */
export type Fetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal; redirect: 'error'; cache: 'no-store' },
) => Promise<HttpResponse>;

/** How a request ended; `text` is there when it succeeded. */
export interface HttpAnswer {
  readonly status: number;
  readonly text?: string;
  /** As the header stands. */
  readonly retryAfter: string | null;
}

const mostBytes = 1_048_576;

/** A `Retry-After` in ms from now: seconds or a date; `NaN` for anything else. */
export function retryAfterMs(header: unknown, wallNow: number): number {
  if (typeof header !== 'string' || header.trim() === '') return NaN;
  const seconds = Number(header);
  return Number.isNaN(seconds) ? Date.parse(header) - wallNow : seconds * 1000;
}

interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
}

async function bodyOf(response: HttpResponse): Promise<string> {
  const tooBig = (size: number): void => {
    if (size > mostBytes) throw new Error('The answer is too big.');
  };
  tooBig(Number(response.headers.get('content-length')));
  const body = response.body as { getReader?: () => Reader } | null | undefined;
  // Not every platform streams: there the size is known only afterwards.
  if (typeof body?.getReader !== 'function') {
    const text = await response.text();
    tooBig(text.length);
    return text;
  }
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value?.byteLength ?? 0;
    tooBig(bytes);
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * Asks for a text of at most 1 MiB.
 *
 * @param fetch what to ask with @default the platform's at this moment
 * @throws whatever `fetch` throws; an error for a body above the limit or where there is no `fetch`
 */
export async function fetchText(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  fetch?: Fetch,
): Promise<HttpAnswer> {
  const ask: unknown = fetch ?? Reflect.get(globalThis, 'fetch');
  if (typeof ask !== 'function') throw new Error('There is no fetch here.');
  const response = await (ask as Fetch)(url, { headers, signal, redirect: 'error', cache: 'no-store' });
  const { ok, status } = response;
  const retryAfter = response.headers.get('retry-after');
  return ok ? { status, retryAfter, text: await bodyOf(response) } : { status, retryAfter };
}
