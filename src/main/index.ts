/** Electron's composition root. The shell does no slow work: the engine runs in a process of its own. */
import { join } from 'node:path'
import { app, ipcMain } from 'electron'
import pkg from '../../package.json' with { type: 'json' }
import { CHANNELS } from '../contract/bridge.ts'
import { rendererDir } from './processes/entries.ts'
import { chooseProject, handleChosenFiles, handleSaveDialog, showProblem, openWindow, quitAfter, raise, setTitle } from './shell/window.ts'
import { EngineHost } from './shell/engine-host.ts'
import { serveNative } from './shell/native.ts'
import { projectIn } from './shell/project-argument.ts'
import { registerScheme, serveBundle } from './shell/protocol.ts'
import { confineContents, denyPermissions, isTrusted } from './shell/security.ts'

// inherited by every process: ONNX Runtime sends usage data unless this is set
process.env['ORT_DISABLE_TELEMETRY'] = '1'

app.setName('Reelabel')
app.setAboutPanelOptions({ applicationName: 'Reelabel', applicationVersion: pkg.version, credits: pkg.description })
const override = process.env['REELABEL_DATA']
if (override) app.setPath('userData', join(override, 'electron'))
let fileToOpen = projectIn(process.argv, process.cwd())
let openLater = (path: string): void => void (fileToOpen = path)

function start(): void {
  denyPermissions()
  serveBundle(rendererDir)
  const dataDir = override ?? app.getPath('userData')
  const window = openWindow(join(import.meta.dirname, '../preload/index.cjs'), join(dataDir, 'window.json'))
  const engine = new EngineHost({
    dataDir,
    open: fileToOpen,
    onProject: ({ name }) => setTitle(window, name),
    onProblem: (message) => showProblem(window, message),
  })
  openLater = (path) => engine.openProject(path)
  ipcMain.on(CHANNELS.hello, (event) => isTrusted(event) && engine.connect(event.sender))
  handleSaveDialog(window, engine.grant)
  handleChosenFiles(engine.grant)
  const openProject = (): void => void chooseProject(window).then((path) => path && engine.openProject(path))
  serveNative(window, dataDir, (action) => window.webContents.send(CHANNELS.menu, action), openProject)
  app.on('second-instance', (_e, argv, startedIn) => {
    raise(window)
    const path = projectIn(argv, startedIn)
    if (path) engine.openProject(path)
  })
  quitAfter(() => engine.quit())
}

registerScheme()
confineContents()
app.on('open-file', (e, path) => {
  e.preventDefault()
  openLater(path)
})
app.on('window-all-closed', () => app.quit())
if (app.requestSingleInstanceLock()) void app.whenReady().then(start)
else app.quit()
