import { app, session, shell, type IpcMainEvent, type IpcMainInvokeEvent, type WebContents } from 'electron'
import { APP_ORIGIN } from '../../contract/shell.ts'

const isOurs = (url: string): boolean => url.startsWith(`${APP_ORIGIN}/`)

/** Whether a message comes from the window's own top frame, showing our page. */
export function isTrusted(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isOurs(frame.url)
}

/** The page never leaves the bundle and opens nothing; links to the web go to the user's browser. */
function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  contents.on('will-navigate', (e) => {
    if (!isOurs(e.url)) e.preventDefault()
  })
  contents.on('will-attach-webview', (e) => e.preventDefault())
}

export function confineContents(): void {
  app.on('web-contents-created', (_e, contents) => confine(contents))
}

/** Camera, notifications, geolocation and the rest: none is needed, so none is granted. */
export function denyPermissions(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.defaultSession.setPermissionCheckHandler(() => false)
}
