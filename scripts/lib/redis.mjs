// Finds or installs Redis for the tests of workers.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { aptInstall } from './chromium.mjs'

/** Path of redis-server or valkey-server; null if there is none. */
export function findRedis() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => join(folder, name)))
  return paths.find((path) => existsSync(path)) ?? null
}

/** As {@link findRedis}, after installing it where that is possible. */
export function ensureRedis() {
  if (findRedis() === null) aptInstall('redis-server', 'Installing Redis for the tests of workers…')
  return findRedis()
}
