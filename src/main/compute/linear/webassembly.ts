/** The little of WebAssembly's JavaScript interface that is used here: it belongs to the web's types, which Node's code goes without. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
}
interface Interface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: { env: { memory: SharedMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: Interface }).WebAssembly
