/** Entry of the engine's process under Electron. Its arguments are the data folder and, optionally, a project file to open. */
import type { MessagePortMain, ParentPort } from 'electron'
import { toReply, UserError } from '../../contract/errors.ts'
import type { FromEngine, ShellQuestion, ToEngine } from '../../contract/bridge.ts'
import { required } from '../../contract/required.ts'
import { Engine, type Shell } from '../engine.ts'
import type { PrintPdf } from './print.ts'
import { RemoteProcesses } from './work-process.ts'

const { parentPort: parent } = process as NodeJS.Process & { parentPort?: ParentPort }
if (!parent) throw new Error('the engine process is started by the shell, not by hand')
const tell = (m: FromEngine): void => parent.postMessage(m)

const [dataDir, open] = process.argv.slice(2)
if (!dataDir) throw new Error('the engine process needs the data folder as its first argument')
const processes = new RemoteProcesses(tell)
/** PDFs that the shell prints, by number. */
const printing: PromiseWithResolvers<string | null>[] = []
const print: PrintPdf = async (html, pdf) => {
  const printed = Promise.withResolvers<string | null>()
  tell({ t: 'print', id: printing.push(printed) - 1, html, pdf })
  const problem = await printed.promise
  if (problem !== null)
    throw new UserError('print-failed', `The report could not be printed (${problem}): write it as HTML and print that from a browser.`)
}

/** Questions to the shell, by number. */
const asked: PromiseWithResolvers<string | null>[] = []
function askShell(question: ShellQuestion): Promise<string | null> {
  const answer = Promise.withResolvers<string | null>()
  tell({ t: 'ask-shell', id: asked.push(answer) - 1, question })
  return answer.promise
}
const shell: Shell = {
  encrypt: async (text) => required(await askShell({ what: 'encrypt', text }), 'the ciphertext'),
  decrypt: async (ciphertext) => required(await askShell({ what: 'decrypt', ciphertext }), 'the text'),
  confirm: async (host) => (await askShell({ what: 'confirm', host })) !== null,
}

/** Null if the engine could not start: the shell has received the error, and the process ends. */
const started = start(dataDir).then(
  (engine) => {
    engine.on('changed', ({ what }) => what === 'project' && void tellProject(engine))
    void tellProject(engine)
    return engine
  },
  (e: unknown) => {
    tell({ t: 'failed', message: toReply(e).message })
    setImmediate(() => process.exit(1))
    return null
  },
)

/** If the project cannot be opened, the shell receives the error and the last project is opened in its place. */
async function start(dataDir: string): Promise<Engine> {
  const options = { dataDir, spawn: processes.spawn, print, shell }
  if (!open) return Engine.start(options)
  try {
    return await Engine.start({ ...options, open })
  } catch (e) {
    tell({ t: 'open-failed', message: toReply(e).message })
    return Engine.start(options)
  }
}

async function tellProject(engine: Engine): Promise<void> {
  const { path, name } = await engine.call('project.info', {})
  tell({ t: 'project', path, name })
}
function serve(engine: Engine, port: MessagePortMain): void {
  const stop = engine.serve(
    { post: (m) => port.postMessage(m), onMessage: (l) => void port.on('message', (e) => l(e.data)) },
    { confined: true, dialogs: true },
  )
  port.on('close', stop)
  port.start()
}

/** The handler of each message of the shell, once the engine has started. */
const ACTIONS: {
  readonly [T in Exclude<ToEngine['t'], 'process' | 'process-exit'>]: (
    engine: Engine,
    m: Extract<ToEngine, { t: T }>,
    port: MessagePortMain | undefined,
  ) => void
} = {
  window: (engine, _m, port) => port && serve(engine, port),
  open: (engine, { path }) =>
    void engine.call('project.open', { path }).catch((e: unknown) => tell({ t: 'open-failed', message: toReply(e).message })),
  grant: (engine, { id, path, grant }) => {
    engine.grant(path, grant)
    tell({ t: 'granted', id })
  },
  printed: (_engine, { id, problem }) => printing[id]?.resolve(problem),
  'shell-answer': (_engine, { id, answer, problem }) => {
    if (problem === null) asked[id]?.resolve(answer)
    else asked[id]?.reject(new Error(problem))
  },
  quit: (engine) => void engine.close().finally(() => process.exit(0)),
}

parent.on('message', (e) => {
  const m = e.data as ToEngine
  const [port] = e.ports
  if (m.t === 'process') return port && void processes.connect(m.id, port)
  if (m.t === 'process-exit') return void processes.exited(m.id, m.code)
  void started.then((engine) => engine && ACTIONS[m.t](engine, m as never, port))
})
