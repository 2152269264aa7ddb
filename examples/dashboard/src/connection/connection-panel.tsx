/** What the connection is doing and what it has been through, in words; and a way to break it. */
import { useConnection, usePriceClient } from '@tickwire/react';
import { useSyncExternalStore, type ReactElement } from 'react';
import { useMarket } from '../market/market.js';
import { Panel } from '../shell/panel.js';
import { PassingButton } from '../shell/passing-button.js';
import { useNow } from '../shell/use-now.js';
import { BreakIt } from './break-it.js';
import { connectionFacts, connectionState } from './connection-facts.js';
import { SdkLogList } from './sdk-log-list.js';
import { sdkLogOf } from './sdk-log-store.js';
import { useMeasured } from './use-measured.js';

/** Measures, and so asks the server now and then: only while it is shown. */
function Facts(): ReactElement {
  const client = usePriceClient();
  const connection = useConnection();
  const measured = useMeasured(client, connection.status === 'connected' ? connection.since : undefined);
  return (
    <dl className="facts">
      {connectionFacts(connection, client.stats(), measured).map(({ id, term, words }) => (
        <div key={id}>
          <dt>{term}</dt>
          <dd className="number" data-fact={id}>
            {words}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function State(): ReactElement {
  const client = usePriceClient();
  const connection = useConnection();
  const { title, detail, countdown, canTry } = connectionState(connection, useNow());
  return (
    <div className="connection-state" data-status={connection.status}>
      <p>
        <strong>{title}</strong>
        {detail !== undefined && ` ${detail}`}
        {countdown !== undefined && <span className="number"> {countdown}</span>}
      </p>
      {canTry && <PassingButton onClick={() => void client.connect().catch(() => undefined)}>Try now</PassingButton>}
    </div>
  );
}

export function ConnectionPanel(): ReactElement {
  const log = sdkLogOf(usePriceClient());
  const lines = useSyncExternalStore(log.subscribe, log.get, log.get);
  const { shown } = useMarket();
  return (
    <Panel id="connection" title="Connection" className="connection">
      <div className="panel-body" tabIndex={0} role="group" aria-labelledby="connection-title">
        <State />
        {shown === 'connection' && <Facts />}
        <BreakIt log={log} />
        <h3 className="sdk-log-title">What the SDK noticed and did</h3>
        <SdkLogList lines={lines} />
      </div>
    </Panel>
  );
}
