/** Loaded before the server's own `main.ts`: answers each message of the parent with the memory after a collection. */
process.on('message', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ heap: heapUsed / 1e6, rss: rss / 1e6 });
});
// The parent has gone: so does the server.
process.on('disconnect', () => process.exit());
// Listening to the parent must not keep a server alive that has ended in order.
process.channel?.unref();
