/** What the platform says of the network and the page. Where it says nothing, the machine is online and visible. */
import { property } from './property.js';

/** Whether the machine believes to be online, and the page to be visible. */
export interface EnvironmentState {
  online: boolean;
  visible: boolean;
}

/** Where the client learns of its surroundings; injectable as `options.environment`. */
export interface Environment {
  read(): EnvironmentState;
  /** Calls the listener on each change; `woke` when the network came back, or the page was shown or resumed. */
  subscribe(listener: (change: EnvironmentState & { woke: boolean }) => void): () => void;
}

interface Target {
  addEventListener(type: string, listener: (event: unknown) => void): void;
  removeEventListener(type: string, listener: (event: unknown) => void): void;
}

function isTarget(value: unknown): value is Target {
  return ['addEventListener', 'removeEventListener'].every((name) => typeof property(value, name) === 'function');
}

function read(): EnvironmentState {
  return {
    online: property(property(globalThis, 'navigator'), 'onLine') !== false,
    visible: property(property(globalThis, 'document'), 'visibilityState') !== 'hidden',
  };
}

/** The platform's surroundings: browsers, workers and Node alike. */
export const systemEnvironment: Environment = {
  read,
  subscribe(listener) {
    const undo: (() => void)[] = [];
    const follow = (target: unknown, type: string, woke: (event: unknown) => boolean | undefined): void => {
      if (!isTarget(target)) return;
      const heard = (event: unknown): void => {
        const woken = woke(event);
        const { online, visible } = read();
        // A page that is frozen runs nothing, whether or not it has been told that it is hidden.
        if (woken !== undefined) listener({ online, visible: visible && type !== 'freeze', woke: woken });
      };
      target.addEventListener(type, heard);
      undo.push(() => target.removeEventListener(type, heard));
    };
    const document = property(globalThis, 'document');
    follow(globalThis, 'online', () => true);
    follow(globalThis, 'offline', () => false);
    // Only a page that comes back from the back/forward cache has slept.
    follow(globalThis, 'pageshow', (event) => (property(event, 'persisted') === true ? true : undefined));
    follow(document, 'visibilitychange', () => read().visible);
    follow(document, 'freeze', () => false);
    follow(document, 'resume', () => true);
    return () => {
      for (const remove of undo.splice(0)) remove();
    };
  },
};

/** Loopback, private and link-local addresses (RFC 1918, 3927, 4193, 4291), and names that only a local network knows. */
const near =
  /^(localhost|[^.:]+|.+\.(localhost|local|lan|internal|home\.arpa)|(127|10)(\.\d+){3}|192\.168(\.\d+){2}|169\.254(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[(::1|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*)\])$/;

/** Whether a server is reached without the internet: what the platform says of being online is nothing to it. */
export function isNearby(url: string): boolean {
  try {
    return near.test(new URL(url).hostname);
  } catch {
    return false;
  }
}

/** The address that relative URLs stand on, in a page; `undefined` elsewhere. */
export function baseUrl(): string | undefined {
  const href = property(property(globalThis, 'location'), 'href');
  return typeof href === 'string' ? href : undefined;
}

/** The same surroundings, whose page counts as shown: it goes on dialling while it is hidden. */
export function alwaysShown(environment: Environment): Environment {
  return {
    read: () => ({ ...environment.read(), visible: true }),
    subscribe: (listener) => environment.subscribe((state) => listener({ ...state, visible: true })),
  };
}
