import { PriceWebSocketClient } from '@tickwire/client';
import { coin } from '@tickwire/protocol';
import { decodeServerMessage } from '@tickwire/protocol/codec';

export const client = new PriceWebSocketClient('wss://prices.example/ws');
export const channel: string = coin('bitcoin');
export const ok: boolean = decodeServerMessage('{}').ok;
