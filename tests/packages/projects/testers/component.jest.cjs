const { act, render, screen } = require('@testing-library/react');
const { createElement } = require('react');
const { PriceStreamProvider, usePrice } = require('@tickwire/react');
const { createFakeClient } = require('@tickwire/testing');

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
