import { expect, test } from 'vitest'
import { licenseOf } from '../../src/main/model-folder/facts.ts'

test.each([
  ['---\nlicense: mit\n---\n', 'mit'],
  ['---\r\nlanguage: en\r\nlicense: "apache-2.0"\r\n---\r\n', 'apache-2.0'],
  ['\uFEFF---\nlicense:\n- mit\n- bsd\n---\n', 'mit'],
  ['---\nlicense:\n  - cc-by-4.0 # free\n---\n', 'cc-by-4.0'],
  ['---\nlicense: [llama3]\n---\n', 'llama3'],
  ['---\nlicense: other\nlicense_name: own-terms\n---\n', 'own-terms'],
  ['---\nlicense: other\n---\n', 'other'],
  ['---\nlicense:\ntags: [a]\n---\n', null],
  ['---\nx_license: mit\n---\n', null],
  ['# A model\nlicense: mit\n---\n', null],
  ['---\nlicense: mit', null],
  ['', null],
])('%j', (readme, license) => expect(licenseOf(readme)).toBe(license))
