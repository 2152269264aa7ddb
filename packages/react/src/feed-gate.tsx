/** Where a feed meets React: renders nothing, and tells the feed when React has come to what it asked for. */
import { Component, type ReactNode } from 'react';
import type { PriceFeed } from './price-feed.js';

interface Props {
  feed: PriceFeed;
}

/**
 * Stands above everything that reads the feed. A class, because it needs the commit, and of layout effects React 18
 * complains on a server.
 */
export class FeedGate extends Component<Props, { asked: number }> {
  override state = { asked: 0 };
  #undo: () => void = () => undefined;

  override componentDidMount(): void {
    this.#undo = this.props.feed.guard(() => this.setState(({ asked }) => ({ asked: asked + 1 })));
  }

  override componentDidUpdate({ feed }: Props): void {
    if (feed !== this.props.feed) {
      this.#undo();
      this.componentDidMount();
    }
    this.props.feed.reached();
  }

  override componentWillUnmount(): void {
    this.#undo();
  }

  override render(): ReactNode {
    return null;
  }
}
