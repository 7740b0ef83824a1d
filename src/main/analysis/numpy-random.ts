/** Draws of NumPy's `RandomState`, so that samples and splits of published accounts can be repeated. */

const [N, M] = [624, 397]

/** MT19937 (Matsumoto and Nishimura 1998), seeded by one integer as `RandomState(seed)` does. Returns 32-bit numbers. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(N)
  state[0] = seed
  for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i
  let at = N
  const refill = (): void => {
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff)
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    at = 0
  }
  return () => {
    if (at === N) refill()
    let y = state[at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

/** `RandomState(seed).permutation(n)`. Its first numbers are the rows of pandas' `sample(random_state=seed)`. */
export function permutation(n: number, seed: number): Int32Array {
  const next = mersenneTwister(seed)
  const out = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1
    let j: number
    do j = (next() & mask) >>> 0
    while (j > i)
    ;[out[i], out[j]] = [out[j]!, out[i]!]
  }
  return out
}

/** scikit-learn's `train_test_split(range(n), test_size=share, random_state=seed)`. */
export function trainTestSplit(n: number, share: number, seed: number): { readonly train: Int32Array; readonly test: Int32Array } {
  const held = Math.ceil(share * n)
  const order = permutation(n, seed)
  return { test: order.slice(0, held), train: order.slice(held) }
}
