import { app, Menu as ElectronMenu, type MenuItemConstructorOptions } from 'electron'
import type { Menu, MenuItem } from '../../contract/menu.ts'

const separator: MenuItemConstructorOptions = { type: 'separator' }

/** A key as Electron writes it; undefined for keys that a menu does not show, because they act in one screen only or are typed as text. */
export function acceleratorOf(key: string | null): string | undefined {
  return key !== null && /^(Ctrl|Alt)\+|^F\d/.test(key) ? key.replace('Ctrl+', 'CmdOrCtrl+') : undefined
}

/**
 * Returns the menu bar: the page's items, and those of the system.
 * @param menu the page's items; none before the page is loaded
 * @param send tells the page which item was chosen
 * @param developing true if the program runs from a checkout: only then the page can be reloaded and inspected
 */
export function menuTemplate(
  menu: Menu,
  send: (action: string) => void,
  developing: boolean,
  platform: NodeJS.Platform = process.platform,
): MenuItemConstructorOptions[] {
  // the menu only shows the keys: the page handles them, because in a text field some of them change the text
  const item = ({ id, title, key }: MenuItem): MenuItemConstructorOptions => {
    const accelerator = acceleratorOf(key)
    return { id, label: title, click: () => send(id), registerAccelerator: false, ...(accelerator ? { accelerator } : {}) }
  }
  const items = (name: keyof Menu): MenuItemConstructorOptions[] =>
    (menu[name] ?? []).flatMap((section) => [...section.map(item), ...(section.length > 0 ? [separator] : [])])
  const isMac = platform === 'darwin'
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: [...items('file'), { role: isMac ? 'close' : 'quit' }] },
    { label: '&Edit', submenu: [...items('edit'), { role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }] },
    {
      label: '&View',
      submenu: [
        ...items('view'),
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(developing ? ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    { role: 'help', submenu: [...items('help'), ...(isMac ? [] : [{ role: 'about' } as const])] },
  ]
}

export function setMenu(menu: Menu, send: (action: string) => void): void {
  ElectronMenu.setApplicationMenu(ElectronMenu.buildFromTemplate(menuTemplate(menu, send, !app.isPackaged)))
}
