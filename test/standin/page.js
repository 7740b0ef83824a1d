// @ts-check
/**
 * Runs in the page before any of its scripts, once in the page's own world and once in the preload's isolated world.
 * The two share the DOM and nothing else, as under Electron: calls cross as text in synchronous DOM events.
 * Self-contained, because it is sent as source.
 * @param {'page' | 'preload'} side
 * @param {string} salt
 * @param {string} codec source of a function body that returns {encode, decode}
 * @param {string} preload the built preload; empty for the page's side
 */
export function inPage(side, salt, codec, preload) {
  if (window !== window.top) return
  const { encode, decode } = new Function(codec)()
  const other = side === 'page' ? 'preload' : 'page'

  // --- values across the bridge: plain data, functions, promises; errors keep their message only
  /** @type {Function[]} what the other side may call, by number */
  const functions = []
  /** @param {any} v @returns {boolean} */
  const isLive = (v) =>
    typeof v === 'function' ||
    v instanceof Promise ||
    (typeof v === 'object' && v !== null && !ArrayBuffer.isView(v) && Object.values(v).some(isLive))
  /** @param {unknown} e */
  const text = (e) => (e instanceof Error ? e.message : String(e))
  /** @param {any} v @returns {any} */
  const wrap = (v) => {
    if (typeof v === 'function') return { $fn: functions.push(v) - 1 }
    if (v instanceof Promise) {
      /** @param {Function} ok @param {Function} no */
      const settle = (ok, no) =>
        void v.then(
          (x) => ok(x),
          (e) => no(text(e)),
        )
      return { $promise: functions.push(settle) - 1 }
    }
    if (typeof v === 'symbol') return undefined
    if (typeof v !== 'object' || v === null || ArrayBuffer.isView(v)) return v
    if (!isLive(v)) structuredClone(v) // throws for a Proxy (Svelte's $state), as contextBridge does
    if (Array.isArray(v)) return v.map(wrap)
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, wrap(x)]))
  }
  /** @param {any} v @returns {any} */
  const unwrap = (v) => {
    if (v === null || typeof v !== 'object' || ArrayBuffer.isView(v)) return v
    if (Array.isArray(v)) return v.map(unwrap)
    if ('$fn' in v) return (/** @type {any[]} */ ...args) => call(v.$fn, args)
    if ('$promise' in v) return new Promise((ok, no) => call(v.$promise, [ok, (/** @type {string} */ m) => no(new Error(m))]))
    return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, unwrap(x)]))
  }
  /** @type {string} the answer to the call that was just made */
  let reply = ''
  /** @param {string} name @param {unknown} detail */
  const fire = (name, detail) => void window.dispatchEvent(new CustomEvent(`${salt}-${name}`, { detail: encode(detail) }))
  /** @param {string} name @param {(detail: any) => void} listener */
  const hear = (name, listener) =>
    window.addEventListener(`${salt}-${name}`, (e) => listener(decode(/** @type {CustomEvent} */ (e).detail)))
  /** @param {number} fn @param {any[]} args */
  const call = (fn, args) => {
    fire(`call-${other}`, { fn, args: wrap(args) })
    const r = /** @type {any} */ (decode(reply))
    if (r.error !== undefined) throw new Error(r.error)
    return unwrap(r.value)
  }
  window.addEventListener(`${salt}-reply-${side}`, (e) => (reply = /** @type {CustomEvent} */ (e).detail))
  hear(`call-${side}`, ({ fn, args }) => {
    let answer
    try {
      const f = functions[fn]
      if (!f) throw new Error('stand-in: no such function')
      answer = { value: wrap(f(...unwrap(args))) }
    } catch (e) {
      answer = { error: text(e) }
    }
    fire(`reply-${other}`, answer)
  })

  // --- the page's side: what the preload exposes appears, frozen
  /** @param {any} o @returns {any} */
  const freeze = (o) => (Object.values(o).forEach((v) => typeof v === 'object' && v !== null && freeze(v)), Object.freeze(o))
  if (side === 'page') {
    hear('expose', ({ key, api }) => Object.defineProperty(window, key, { value: freeze(unwrap(api)), enumerable: true }))
    return
  }

  // --- the preload's side: messages to and from the main process
  const toMain = /** @type {any} */ (window)[`${salt}_send`]
  /** @param {object} m */
  const send = (m) => void toMain(encode({ ...m, url: location.href }))
  /** @type {Map<number, { ok(v: any): void; no(e: Error): void }>} */ const waiting = new Map()
  /** @type {Map<number, MessagePort>} */ const ports = new Map()
  /** @type {Map<string, Function[]>} */ const listeners = new Map()
  let next = 0
  /** @param {number} id @returns {MessagePort} the far end's twin */
  const makePort = (id) => {
    const { port1, port2 } = new MessageChannel()
    ports.set(id, port1)
    port1.onmessage = (e) => send({ t: 'port', id, data: e.data })
    return port2
  }
  /** @type {Record<string, (m: any) => void>} */
  const receive = {
    result: ({ id, value, error }) => {
      const w = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) w?.ok(value)
      else w?.no(new Error(error))
    },
    port: ({ id, data }) => ports.get(id)?.postMessage(data),
    close: ({ id }) => ports.get(id)?.close(),
    msg: ({ data, ports: ids }) => {
      const event = { ports: ids.map(makePort) }
      for (const l of listeners.get(data.channel) ?? []) l(event, ...data.args)
    },
  }
  Object.assign(window, {
    [`${salt}_deliver`]: (/** @type {string} */ message) => {
      const m = /** @type {any} */ (decode(message))
      receive[m.t]?.(m)
    },
  })

  const electron = {
    contextBridge: { exposeInMainWorld: (/** @type {string} */ key, /** @type {any} */ api) => fire('expose', { key, api: wrap(api) }) },
    ipcRenderer: {
      invoke: (/** @type {string} */ channel, /** @type {any[]} */ ...args) =>
        new Promise((ok, no) => {
          const id = next++
          waiting.set(id, { ok, no })
          send({ t: 'invoke', id, channel, args: structuredClone(args) })
        }),
      send: (/** @type {string} */ channel, /** @type {any[]} */ ...args) => send({ t: 'send', channel, args: structuredClone(args) }),
      on: (/** @type {string} */ channel, /** @type {Function} */ l) => void listeners.set(channel, [...(listeners.get(channel) ?? []), l]),
      off: (/** @type {string} */ channel, /** @type {Function} */ l) =>
        void listeners.set(
          channel,
          (listeners.get(channel) ?? []).filter((other) => other !== l),
        ),
    },
    // a File crosses the stand-in's bridge without its path, as one made by script does under Electron
    webUtils: { getPathForFile: () => '' },
  }
  /** What a sandboxed preload may require. @param {string} name */
  const require = (name) => {
    if (name !== 'electron') throw new Error(`a sandboxed preload cannot require ${name}`)
    return new Proxy(electron, {
      get: (target, key) => {
        if (key in target) return /** @type {any} */ (target)[key]
        throw new Error(`stand-in: electron.${String(key)} in a preload`)
      },
    })
  }
  new Function('require', 'module', 'exports', preload)(require, { exports: {} }, {})
}
