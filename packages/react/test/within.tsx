/** Puts a hook below a provider with a fake client. */
import type { ReactNode } from 'react';
import { PriceStreamProvider, type Flush } from '../src/index.js';
import type { FakeClient } from './fake-client.js';

export function within({ client }: FakeClient, flush: Flush = 'sync') {
  return function Wrapper({ children }: { children: ReactNode }) {
    return (
      <PriceStreamProvider client={client} flush={flush}>
        {children}
      </PriceStreamProvider>
    );
  };
}
