import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { APP_ORIGIN, APP_SCHEME } from '../../contract/bridge.ts'
import { pageHeaders } from '../../contract/web.ts'
import { fileInside } from '../host/page-files.ts'

/** Makes `app://` behave as https does. Call this before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }])
}

/** Serves the built window. */
export function serveBundle(rendererDir: string): void {
  const notFound = (): Response => new Response('not found', { status: 404 })
  protocol.handle(APP_SCHEME, async (request) => {
    const url = new URL(request.url)
    const file = `${url.protocol}//${url.host}` === APP_ORIGIN ? fileInside(rendererDir, url.pathname) : null
    if (!file) return notFound()
    try {
      return new Response(new Uint8Array(await readFile(file)), { headers: pageHeaders(file) })
    } catch {
      return notFound()
    }
  })
}
