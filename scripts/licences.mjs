// `node scripts/licences.mjs`: writes docs/third-party-licences.md, the licences of everything that a package of Reelabel contains.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { at } from './lib/node.mjs'

/** Packages whose code (not only types) src imports: bundled ones and native modules. */
function imported() {
  /** @type {Set<string>} */ const found = new Set()
  for (const entry of readdirSync(at('src'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(?:ts|js|svelte)$/.test(entry.name)) continue
    const text = readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8')
    for (const [, static_, dynamic = ''] of text.matchAll(
      /^\s*(?:import|export)\s+(?!type\s)(?:[^'"]*?\sfrom\s+)?'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm,
    )) {
      const specifier = static_ ?? dynamic
      found.add(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  return [...found].filter((name) => name !== 'electron' && !name.startsWith('node:'))
}

/**
 * @typedef {{ name: string, version: string, license: string, text: string }} Licence
 * @typedef {{ version: string, license?: string, dependencies?: Record<string, string>, peerDependencies?: Record<string, string>,
 *   peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Locked
 */

/** Resolves `name` from a package's folder as Node does. @param {Record<string, Locked>} packages @param {string} from @param {string} name */
function resolve(packages, from, name) {
  for (let dir = from; ; dir = dir.slice(0, Math.max(0, dir.lastIndexOf('/node_modules/')))) {
    const path = `${dir === '' ? '' : `${dir}/`}node_modules/${name}`
    if (path in packages) return path
    if (dir === '') return null
  }
}

/** Folders of all packages that are needed at run time, from the lock file. @param {Record<string, Locked>} packages */
function needed(packages) {
  /** @type {Set<string>} */ const found = new Set()
  /** @param {string} from @param {readonly string[]} names */
  const add = (from, names) => {
    for (const name of names) {
      const path = resolve(packages, from, name)
      if (path === null || found.has(path)) continue
      found.add(path)
      const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = /** @type {Locked} */ (packages[path])
      add(path, [...Object.keys(dependencies), ...Object.keys(peerDependencies).filter((p) => !peerDependenciesMeta[p]?.optional)])
    }
  }
  add('', imported())
  return [...found]
}

/** Returns the text of the package's licence. @param {string} folder */
function textIn(folder) {
  const name = readdirSync(folder)
    .sort()
    .find((f) => /^(licen[cs]e|copying)(\.|$|-)/i.test(f))
  return name === undefined ? '' : readFileSync(`${folder}/${name}`, 'utf8').replaceAll('\r\n', '\n').trim()
}

/** @returns {Licence[]} */
export function licences() {
  const { packages } = /** @type {{ packages: Record<string, Locked> }} */ (JSON.parse(readFileSync(at('package-lock.json'), 'utf8')))
  return needed(packages)
    .filter((path) => existsSync(at(path)))
    .map((path) => {
      const text = textIn(at(path))
      return {
        name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
        version: packages[path]?.version ?? '',
        // some packages state their licence in its text only
        license: packages[path]?.license ?? /^(\w+) License/.exec(text)?.[1] ?? 'unknown',
        text,
      }
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1))
}

/** Licences of data in the repository that come from other projects. */
const DATA = {
  name: 'scikit-learn (its list of English stop words, in src/main/compute/linear/stop-words.ts)',
  text: `BSD 3-Clause License

Copyright (c) 2007-2023 The scikit-learn developers.
All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

* Redistributions of source code must retain the above copyright notice, this
  list of conditions and the following disclaimer.

* Redistributions in binary form must reproduce the above copyright notice,
  this list of conditions and the following disclaimer in the documentation
  and/or other materials provided with the distribution.

* Neither the name of the copyright holder nor the names of its
  contributors may be used to endorse or promote products derived from
  this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`,
}

/** Notices of the projects inside ONNX Runtime's libraries, as its release for Python of the same version has them; the npm package has none. */
export const NOTICES = `resources/notices/onnxruntime-${JSON.parse(readFileSync(at('package.json'), 'utf8')).dependencies['onnxruntime-node']}.txt`

/** Names of the projects in the notices: the first line after each rule. */
function noticed() {
  const parts = readFileSync(at(NOTICES), 'utf8')
    .split(/^_{5,}\s*$/m)
    .slice(1)
  return parts.map((part) => part.trim().split('\n', 1)[0]?.trim() ?? '').filter((name) => name !== '')
}

/** @param {readonly Licence[]} all */
export function page(all) {
  /** @type {Map<string, string[]>} packages by text */
  const texts = new Map()
  for (const { name, text } of all) if (text !== '') texts.set(text, [...(texts.get(text) ?? []), name])
  return [
    '# Third-party licences',
    '',
    'Reelabel itself is under the MIT licence (see `LICENSE`). It carries the packages below, with what they need; a',
    'packaged Reelabel also carries Electron (MIT) with Chromium and Node, whose notices lie beside the program as',
    '`LICENSES.chromium.html` and `LICENSE.electron.txt`. Written by `node scripts/licences.mjs`.',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...all.map((l) => `| ${l.name} | ${l.version} | ${l.license} |`),
    '',
    "## Inside ONNX Runtime's libraries",
    '',
    'The libraries of onnxruntime-node contain code of the projects below. A package of Reelabel contains their licences, in',
    `\`${NOTICES}\`. Eigen is under the Mozilla Public License 2.0; its source is at https://gitlab.com/libeigen/eigen.`,
    '',
    ...[...new Set(noticed())].map((name) => `- ${name.replace(/[*_<>|]/g, '\\$&')}`),
    '',
    'On Windows the package also contains `DirectML.dll` (terms: https://www.nuget.org/packages/Microsoft.AI.DirectML), `dxcompiler.dll`',
    'and `dxil.dll` (terms: https://github.com/microsoft/DirectXShaderCompiler/releases).',
    '',
    `## ${DATA.name}`,
    '',
    '```text',
    DATA.text,
    '```',
    '',
    ...[...texts].flatMap(([text, names]) => [`## ${[...new Set(names)].join(', ')}`, '', '```text', text, '```', '']),
  ].join('\n')
}

export const PAGE = at('docs/third-party-licences.md')
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const all = licences()
  writeFileSync(PAGE, page(all))
  console.log(`${all.length} packages in ${PAGE}`)
}
