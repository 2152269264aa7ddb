import { PriceWebSocketClient } from '@tickwire/client';
import { smoke } from './smoke.mjs';

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const url = searchParams.get('url');
    const refusedUrl = searchParams.get('refusedUrl');
    try {
      return new Response(await smoke({ PriceWebSocketClient, url, refusedUrl }));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
