import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { PortLink, type Port, type Wire } from './port.ts'

const running = new Map<ChildProcess, string>()
export const killUtilities = (name?: string): number => {
  const victims = [...running].filter(([, n]) => name === undefined || n === name)
  for (const [child] of victims) child.kill('SIGKILL')
  return victims.length
}

export const utilityProcess = {
  fork(path: string, args: string[] = [], options: { env?: NodeJS.ProcessEnv; serviceName?: string } = {}): unknown {
    const child = fork(path, args, {
      serialization: 'advanced',
      execArgv: ['--import', new URL('./register.ts', import.meta.url).href],
      env: { ...(options.env ?? process.env), STANDIN_ROLE: 'utility' },
    })
    running.set(child, options.serviceName ?? '')
    // a message to a process that has just ended is dropped, as in Electron
    const link = new PortLink((m) => child.connected && child.send(m, () => undefined), 0)
    child.on('error', () => undefined)
    const utility = Object.assign(new EventEmitter(), {
      // as in Electron, there is no process id before `spawn`
      pid: undefined as number | undefined,
      postMessage: (m: unknown, transfer?: Port[]) => link.post(m, transfer),
      kill: () => child.kill(),
    })
    child.on('spawn', () => {
      utility.pid = child.pid
      utility.emit('spawn')
    })
    child.on('message', (m: Wire) => {
      const event = link.accept(m)
      if (event) utility.emit('message', event.data)
    })
    child.on('exit', (code, signal) => {
      running.delete(child)
      link.closeAll()
      utility.pid = undefined
      utility.emit('exit', code ?? (signal ? 9 : 0))
    })
    return utility
  },
}
