interface Reply {
  readonly changes: number
  readonly newest: number
}

/**
 * Recognises the `changed` events of this window's own changes, which are on screen already, by the batch in the change log. An event may
 * arrive before or after the reply that names the batch, or not at all.
 */
export class OwnBatches {
  /** Batches whose event has not arrived yet. */
  readonly #batches = new Set<number>()
  /** Changes whose reply has not arrived yet. */
  readonly #pending = new Set<Promise<unknown>>()

  /** Runs a change of this window; `change` returns undefined if it failed. */
  async run<T extends Reply>(change: () => Promise<T | undefined>): Promise<T | undefined> {
    const reply = change().then((result) => {
      // a change without effect has no event
      if (result && result.changes > 0) this.#batches.add(result.newest)
      return result
    })
    this.#pending.add(reply)
    try {
      return await reply
    } finally {
      this.#pending.delete(reply)
    }
  }
  /** True if the event with this batch belongs to a change of this window. Waits for pending replies, one of which may name it. */
  async takes(batch: number): Promise<boolean> {
    if (!this.#batches.has(batch)) await Promise.allSettled(this.#pending)
    return this.#batches.delete(batch)
  }
  /** Another project is open: its batches have numbers of their own. */
  clear(): void {
    this.#batches.clear()
  }
}
