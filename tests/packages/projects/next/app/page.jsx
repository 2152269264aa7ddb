import { Bitcoin } from './bitcoin.jsx';
import { coin } from '@tickwire/protocol';

export default function Page() {
  return (
    <main>
      <Bitcoin channel={coin('bitcoin')} />
    </main>
  );
}
