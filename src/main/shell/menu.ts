import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../../contract/bridge.ts'

const separator: MenuItemConstructorOptions = { type: 'separator' }

/**
 * Returns the application menu.
 * @param send sends a command to the window
 * @param developing true if the program runs from a checkout: only then the page can be reloaded and inspected
 */
export function menuTemplate(
  send: (command: MenuCommand) => void,
  developing: boolean,
  platform: NodeJS.Platform = process.platform,
): MenuItemConstructorOptions[] {
  const command = (label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    id: name,
    click: () => send(name),
    ...(accelerator ? { accelerator } : {}),
  })
  // the menu only shows these keys: the page handles them, because in a text field they change the text
  const shown = (label: string, name: MenuCommand, accelerator: string): MenuItemConstructorOptions => ({
    ...command(label, name, accelerator),
    registerAccelerator: false,
  })
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('Open project…', 'open', 'CmdOrCtrl+O'),
        command('Open the sample project', 'sample'),
        separator,
        command('Import…', 'import', 'CmdOrCtrl+I'),
        command('Export…', 'export', 'CmdOrCtrl+E'),
        separator,
        { role: platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        shown('Undo', 'undo', 'CmdOrCtrl+Z'),
        shown('Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: '&View',
      submenu: [
        command('Clean', 'clean'),
        separator,
        command('Review', 'review', 'CmdOrCtrl+2'),
        command('Sweep a genre…', 'sweep'),
        command('Audit', 'audit'),
        separator,
        command('Overview', 'overview', 'CmdOrCtrl+1'),
        command('Errors', 'errors'),
        command('Thresholds', 'thresholds'),
        command('Slices', 'slices'),
        separator,
        command('Train', 'train', 'CmdOrCtrl+3'),
        command('Try a plot', 'try'),
        command('Retrain with corrections', 'retrain'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...(developing ? ([{ role: 'reload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    {
      role: 'help',
      submenu: [
        command('Help', 'help', 'F1'),
        command('Keys', 'keys'),
        command('Welcome', 'welcome'),
        ...(platform === 'darwin' ? [] : [{ role: 'about' } as const]),
      ],
    },
  ]
}

export function setMenu(send: (command: MenuCommand) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(send, !app.isPackaged)))
}
