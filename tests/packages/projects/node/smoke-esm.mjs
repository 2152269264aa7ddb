import { PriceWebSocketClient } from '@tickwire/client';
import { main } from './node-main.mjs';
import { smoke } from './smoke.mjs';

void main(PriceWebSocketClient, smoke);
