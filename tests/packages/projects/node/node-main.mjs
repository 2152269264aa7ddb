// In Node and Bun: ends by itself, with nothing left open.
export async function main(PriceWebSocketClient, smoke) {
  const [url, refusedUrl, options] = process.argv.slice(2);
  await smoke({ PriceWebSocketClient, url, refusedUrl, options: JSON.parse(options ?? '{}') });
  if (typeof process.getActiveResourcesInfo === 'function') {
    let left;
    for (let tries = 0; tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      left = process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout|Immediate|Connect|DNS/.test(name));
      if (left.length === 0) break;
    }
    if (left.length > 0) throw new Error(`Left open: ${left.join(' ')}`);
  }
  console.log('SMOKE done');
}
