import { app, session, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { APP_ORIGIN } from '../../contract/bridge.ts'

const isOurs = (url: string): boolean => url.startsWith(`${APP_ORIGIN}/`)

/** Returns true if a message comes from the top frame of the window and that frame shows our page. */
export function isTrusted(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isOurs(frame.url)
}

/** The page cannot leave the bundle or open windows. It has no links to the web, so that no address of data is ever opened. */
function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (e) => {
    if (!isOurs(e.url)) e.preventDefault()
  })
  contents.on('will-attach-webview', (e) => e.preventDefault())
}

export function confineContents(): void {
  app.on('web-contents-created', (_e, contents) => confine(contents))
}

/** Denies every permission (camera, notifications, geolocation …), because none is needed. */
export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, reply) => reply(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}
