/** How pages are served, by the browser host and by Electron's `app://` alike. */
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
}
const contentType = (file: string): string => TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
export const pageHeaders = (file: string): Record<string, string> => ({
  'content-type': contentType(file),
  'content-security-policy': CSP,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
})
/** Largest message that a host accepts, in bytes: a piece of an upload in base64, with room to spare. */
export const MAX_MESSAGE_BYTES = 6 << 20

/** JSON that preserves typed arrays, for channels without structured clone (WebSocket, test bridges). */
const KINDS = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array } as const
type Kind = keyof typeof KINDS

export function encode(value: unknown): string {
  return JSON.stringify(value, (_k, v: unknown) => {
    if (!ArrayBuffer.isView(v)) return v
    const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength)
    let s = ''
    for (let i = 0; i < bytes.length; i += 8192) s += String.fromCharCode(...bytes.subarray(i, i + 8192))
    return { $kind: v.constructor.name === 'Buffer' ? 'Uint8Array' : v.constructor.name, $b64: btoa(s) }
  })
}

/** Inverse of {@link encode}. Throws a SyntaxError for text that is not JSON, a TypeError for an unknown kind. */
export const decode = (text: string): unknown => revived(JSON.parse(text))

/** The value with its typed arrays, in place. A reviver of JSON.parse takes five times as long. */
function revived(v: unknown): unknown {
  if (typeof v !== 'object' || v === null) return v
  if (!Array.isArray(v) && '$b64' in v && '$kind' in v) return typedArray(String(v.$kind), String(v.$b64))
  const holder = v as Record<string, unknown>
  if (Array.isArray(v)) for (let i = 0; i < v.length; i++) v[i] = revived(v[i])
  else for (const key of Object.keys(holder)) holder[key] = revived(holder[key])
  return v
}
function typedArray(kind: string, base64: string): unknown {
  const Ctor = Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : undefined
  if (!Ctor) throw new TypeError(`unknown array kind ${kind}`)
  const characters = atob(base64)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i)
  return new Ctor(bytes.buffer)
}
