#!/usr/bin/env node
// `reelabel VERB …`: the command line, from source in a checkout and from the bundle in a package.
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { at, endAs, recentNode, run, tooOld } from './lib/node.mjs'

const source = at('src/main/cli.ts')
const entry = existsSync(source) ? source : at('out/main/cli.js')
const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exitCode = 1
} else if (node === process.execPath) {
  process.argv[1] = entry
  await import(pathToFileURL(entry).href)
} else endAs(await run(node, [entry, ...process.argv.slice(2)]))
