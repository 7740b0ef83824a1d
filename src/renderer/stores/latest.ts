/** Tells a request whether it is still the latest, so that a late reply does not overwrite a newer one. */
export class Latest {
  #turn = 0

  /** Begins a request and makes all earlier ones stale. The returned function is true until the request is stale. */
  begin(): () => boolean {
    this.#turn++
    return this.current()
  }
  /** Joins the latest request: true until it is stale. */
  current(): () => boolean {
    const turn = this.#turn
    return () => turn === this.#turn
  }
}
