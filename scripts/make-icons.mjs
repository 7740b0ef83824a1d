// `node scripts/make-icons.mjs`: draws resources/icons/icon.svg at every size and packs icon.png (Linux), icon.ico (Windows) and
// icon.icns (macOS). Run it after a change to the drawing; the files are committed, so that a build needs no browser.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { ensureChromium } from './lib/chromium.mjs'
import { at } from './lib/node.mjs'

/** @typedef {{ size: number, png: Buffer }} Drawing `size` in pixels */

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024]
/** Types of a PNG in an .icns file, by size. Source: Apple Icon Image format. @type {Readonly<Record<number, string>>} */
const ICNS_TYPES = { 16: 'icp4', 32: 'icp5', 64: 'icp6', 128: 'ic07', 256: 'ic08', 512: 'ic09', 1024: 'ic10' }

/** An .ico file: a header of 6 bytes, an entry of 16 bytes for each drawing, then the PNGs. @param {readonly Drawing[]} drawings at most 256 pixels each */
export function ico(drawings) {
  const header = Buffer.alloc(6 + 16 * drawings.length)
  header.writeUInt16LE(1, 2) // an icon, not a cursor
  header.writeUInt16LE(drawings.length, 4)
  let offset = header.length
  for (const [i, { size, png }] of drawings.entries()) {
    const entry = 6 + 16 * i
    header.writeUInt8(size % 256, entry) // 0 means 256
    header.writeUInt8(size % 256, entry + 1)
    header.writeUInt16LE(1, entry + 4) // colour planes
    header.writeUInt16LE(32, entry + 6) // bits per pixel
    header.writeUInt32LE(png.length, entry + 8)
    header.writeUInt32LE(offset, entry + 12)
    offset += png.length
  }
  return Buffer.concat([header, ...drawings.map((d) => d.png)])
}

/** An .icns file: `icns` and the length of the file, then type, length and PNG of each drawing; lengths include their 8 bytes. @param {readonly Drawing[]} drawings */
export function icns(drawings) {
  const chunks = drawings.flatMap(({ size, png }) => {
    const type = ICNS_TYPES[size]
    return type === undefined ? [] : [chunk(type, png)]
  })
  return chunk('icns', Buffer.concat(chunks))
}
/** @param {string} type four characters @param {Buffer} content */
function chunk(type, content) {
  const header = Buffer.alloc(8)
  header.write(type, 'latin1')
  header.writeUInt32BE(8 + content.length, 4)
  return Buffer.concat([header, content])
}

/** @returns {Promise<Drawing[]>} */
async function draw() {
  const executablePath = ensureChromium()
  if (executablePath === null) throw new Error('Drawing the icons needs Chromium: install it, or set CHROMIUM to its path.')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    const source = `data:image/svg+xml;base64,${readFileSync(at('resources/icons/icon.svg')).toString('base64')}`
    const drawings = []
    for (const size of SIZES) {
      await page.setViewportSize({ width: size, height: size })
      await page.setContent(`<body style="margin:0"><img src="${source}" width="${size}" height="${size}" style="display:block">`)
      drawings.push({ size, png: await page.screenshot({ omitBackground: true }) })
    }
    return drawings
  } finally {
    await browser.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const drawings = await draw()
  writeFileSync(at('resources/icons/icon.ico'), ico(drawings.filter((d) => d.size <= 256)))
  writeFileSync(at('resources/icons/icon.icns'), icns(drawings))
  writeFileSync(at('resources/icons/icon.png'), /** @type {Drawing} */ (drawings.find((d) => d.size === 512)).png)
}
