import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { licences, NOTICES, page, PAGE } from '../../scripts/licences.mjs'

const all = licences()
const FREE =
  /^\(?(?:MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Unlicense)(?: (?:AND|OR) (?:MIT|ISC|CC0-1\.0|BSD-3-Clause))*\)?$/

test('the page is up to date (else: node scripts/licences.mjs)', () =>
  expect(page(all) === readFileSync(PAGE, 'utf8').replaceAll('\r\n', '\n')).toBe(true))
test('every package has a licence that permits distribution', () => expect(all.filter((l) => !FREE.test(l.license))).toEqual([]))
test('the main components are listed', () =>
  expect(all.map((l) => l.name)).toEqual(expect.arrayContaining(['better-sqlite3', 'zod', 'svelte', 'chart.js', '@lucide/svelte'])))
test("the notices of what is inside ONNX Runtime's libraries are those of its version, and are named", () => {
  const version = all.find((l) => l.name === 'onnxruntime-node')?.version
  expect(NOTICES).toBe(`resources/notices/onnxruntime-${version}.txt`)
  const text = readFileSync(NOTICES, 'utf8')
  for (const name of ['protocolbuffers/protobuf', 'Eigen', 'abseil-cpp', 'dawn']) {
    expect(text).toContain(`\n${name}\n`)
    expect(page(all)).toContain(`\n- ${name}\n`)
  }
})
