/** The clients on fakes that a test has made; the check after it closes them and looks at what is left. */
import type { FakeClock, FakeEnvironment, FakeSockets } from '@tickwire/testing';

interface OnFakes {
  readonly client: { close(): Promise<void> };
  readonly sockets: FakeSockets;
  readonly clock: FakeClock;
  readonly environment: FakeEnvironment;
}

export const opened = new Set<OnFakes>();
