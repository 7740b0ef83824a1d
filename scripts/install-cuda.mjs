// `npm run cuda`: downloads the libraries of ONNX Runtime for CUDA 12 (Linux, x64) with the install script of onnxruntime-node,
// which `npm ci` does not run.
// Nothing is downloaded before the user agrees, at the prompt or with --yes.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { at, recentNode, tooOld } from './lib/node.mjs'

const node = recentNode()
if (node === null) {
  console.error(tooOld)
  process.exit(1)
}
const platform = `${process.platform}/${process.arch}`
if (platform !== 'linux/x64') {
  console.error(`CUDA is for Linux on x64, this is ${platform}. Graphics cards are used through WebGPU here; nothing has to be installed.`)
  process.exit(1)
}
const home = at('node_modules/onnxruntime-node')
if (!existsSync(`${home}/script/install.js`)) {
  console.error('onnxruntime-node is not installed: run `npm ci` first.')
  process.exit(1)
}
const { version } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'))
if (existsSync(`${home}/bin/napi-v6/${platform}/libonnxruntime_providers_cuda.so`)) {
  console.log('The CUDA libraries of ONNX Runtime are already installed.')
  process.exit(0)
}
console.log(`This downloads the package Microsoft.ML.OnnxRuntime.Gpu.Linux (some 200 MB, MIT licence) of ONNX Runtime ${version} from
https://api.nuget.org and unpacks its CUDA libraries into node_modules/onnxruntime-node/bin.
CUDA 12 and cuDNN 9 themselves are not part of it: they must be installed on this system, with NVIDIA's driver.`)
if (!process.argv.includes('--yes')) {
  if (!process.stdin.isTTY) {
    console.error('Nothing was downloaded: run `npm run cuda -- --yes` to agree without a prompt.')
    process.exit(1)
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question('Download it? (yes/no) ')
  prompt.close()
  if (!/^y(es)?$/i.test(answer.trim())) {
    console.log('Nothing was downloaded.')
    process.exit(0)
  }
}
const { status } = spawnSync(node, ['script/install.js', '--onnxruntime-node-install=cuda12'], { cwd: home, stdio: 'inherit' })
if (status === 0) console.log('Done. Choose CUDA as the device of a recipe: it is tested when it is first used.')
else console.error('The libraries could not be downloaded; nothing else has changed.')
process.exitCode = status ?? 1
