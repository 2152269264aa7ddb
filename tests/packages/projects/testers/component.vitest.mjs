import { act, render, screen } from '@testing-library/react';
import { createElement } from 'react';
import { PriceStreamProvider, usePrice } from '@tickwire/react';
import { createFakeClient } from '@tickwire/testing';
import { expect, test } from 'vitest';

globalThis.IS_REACT_ACT_ENVIRONMENT = true;

function Bitcoin() {
  const price = usePrice('coin:bitcoin', (tick) => tick?.price);
  return createElement('output', null, String(price ?? '–'));
}

test('a component shows a price that the test has made', async () => {
  const client = createFakeClient({ prices: { 'coin:bitcoin': 50_000 } });
  render(createElement(PriceStreamProvider, { client }, createElement(Bitcoin)));
  expect((await screen.findByText('50000')).tagName).toBe('OUTPUT');
  await act(async () => client.price('coin:bitcoin', 51_000));
  expect((await screen.findByText('51000')).tagName).toBe('OUTPUT');
});
