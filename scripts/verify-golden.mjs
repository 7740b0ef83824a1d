// `npm run verify:golden -- DIR [--device cpu|webgpu|cuda]`: compares Reelabel's graphs with the reference values of a folder of models
// in the layout of test/golden/values/models. Prints a JSON line for each model and quantity; exit code 1 if a difference is too large.
// Without a graphics card, `--device webgpu` computes with Chromium's software device.
import { spawnSync } from 'node:child_process'
import { at, recentNode, tooOld } from './lib/node.mjs'
import { hasVulkanDriver, softwareGpu } from './lib/software-gpu.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const args = process.argv.slice(2)
const wantsGpu = args.some((arg) => /^(--device=)?webgpu$/.test(arg))
const software = wantsGpu ? softwareGpu() : null
const useSoftware = software !== null && !hasVulkanDriver()
if (useSoftware) console.error(`No graphics driver here: computing with ${software.VK_ICD_FILENAMES}.`)
const loader = software?.LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH: software.LD_LIBRARY_PATH }
const env = { ...process.env, ...(useSoftware ? software : loader) }
// in a process of its own, which a crash of the driver ends
const { status, signal } = spawnSync(node, [at('test/golden/verify.ts'), ...args], { stdio: 'inherit', env })
if (signal !== null) console.error(`The check was ended by ${signal}: the device's driver crashed, or memory ran out.`)
process.exitCode = status ?? 1
