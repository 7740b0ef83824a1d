// `npm run verify:golden -- DIR [--device cpu|webgpu|cuda]`: the product's graphs against the reference values of a folder of models, laid out as
// ../shared/golden/models is. A JSON line for each model and quantity; exit code 1 where one is too far away (docs/development.md).
import { spawnSync } from 'node:child_process'
import { at, recentNode, tooOld } from './lib/node.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
// a driver that crashes takes its process along, not this one
const { status, signal } = spawnSync(node, [at('test/golden/verify.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
if (signal !== null) console.error(`The check was ended by ${signal}: the device's driver crashed, or memory ran out.`)
process.exitCode = status ?? 1
