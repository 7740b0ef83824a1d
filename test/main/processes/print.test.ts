import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findChromium } from '../../../scripts/lib/chromium.mjs'
import { printWith, printWithBrowser } from '../../../src/main/processes/print.ts'
import { needs } from '../../support/needs.ts'
import { codeOf, scratch } from '../../support/project.ts'

const going = new AbortController().signal
function page(): { html: string; pdf: string; folder: string } {
  const folder = scratch()
  const html = join(folder, 'page.html')
  writeFileSync(html, '<!doctype html><title>Printed</title><p>A page')
  return { html, pdf: join(folder, 'page.pdf'), folder }
}

test('a browser of this machine prints a page, and leaves nothing else', needs(findChromium() !== null, 'no Chromium'), async () => {
  const { html, pdf, folder } = page()
  await printWithBrowser(html, pdf, going)
  expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-')
  expect(readdirSync(folder).toSorted()).toEqual(['page.html', 'page.pdf'])
})

test('without a browser, and if it fails, the error says what to do', async () => {
  const { html, pdf, folder } = page()
  await expect(printWith(() => undefined)(html, pdf, going)).rejects.toMatchObject({
    code: 'no-browser',
    message: expect.stringMatching(/none was found on this machine: install one, set CHROMIUM .*, or write the report as HTML/) as string,
  })
  // Node refuses the options of a browser
  await expect(printWith(() => process.execPath)(html, pdf, going)).rejects.toMatchObject({
    code: 'print-failed',
    message: expect.stringMatching(/could not print the report \(exit code 9: .*\): write it as HTML and print that\.$/) as string,
  })
  expect(await codeOf(() => printWith(() => join(folder, 'none'))(html, pdf, going))).toBe('print-failed')
  expect(readdirSync(folder)).toEqual(['page.html'])
})

test('a cancelled job ends the browser', needs(process.platform !== 'win32', 'a shell script stands for the browser'), async () => {
  const { html, pdf, folder } = page()
  const [slow, began] = [join(folder, 'slow'), join(folder, 'began')]
  writeFileSync(slow, `#!/bin/sh\necho > ${began}\nexec sleep 600\n`)
  chmodSync(slow, 0o755)
  const cancel = new AbortController()
  const printing = codeOf(() => printWith(() => slow)(html, pdf, cancel.signal))
  await expect.poll(() => existsSync(began)).toBe(true)
  cancel.abort()
  expect(await printing).not.toBe('none')
  expect(readdirSync(folder).toSorted()).toEqual(['began', 'page.html', 'slow'])
})
