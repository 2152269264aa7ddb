/** Puts a hook below a provider with a fake client. */
import type { ReactNode } from 'react';
import { PriceStreamProvider, type Flush } from '../src/index.js';
import type { ObservedClient } from './observed-client.js';

export function within({ client }: ObservedClient, flush: Flush = 'sync') {
  return function Wrapper({ children }: { children: ReactNode }) {
    return (
      <PriceStreamProvider client={client} flush={flush}>
        {children}
      </PriceStreamProvider>
    );
  };
}
