import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { at } from '../../scripts/lib/node.mjs'
import { icns, ico } from '../../scripts/make-icons.mjs'

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])
/** Width of the PNG that starts at `offset`: its first chunk holds the size. */
const widthAt = (file: Buffer, offset: number): number => {
  expect(file.subarray(offset, offset + 4)).toEqual(PNG)
  return file.readUInt32BE(offset + 16)
}

test('icon.ico lists a PNG for each size that Windows asks for', () => {
  const file = readFileSync(at('resources/icons/icon.ico'))
  const sizes = Array.from({ length: file.readUInt16LE(4) }, (_, i) => widthAt(file, file.readUInt32LE(6 + 16 * i + 12)))
  expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256])
})
test('icon.icns holds a PNG of the size that each type promises, and its length is the file’s', () => {
  const file = readFileSync(at('resources/icons/icon.icns'))
  expect(file.toString('latin1', 0, 4)).toBe('icns')
  expect(file.readUInt32BE(4)).toBe(file.length)
  const found: Record<string, number> = {}
  for (let offset = 8; offset < file.length; offset += file.readUInt32BE(offset + 4))
    found[file.toString('latin1', offset, offset + 4)] = widthAt(file, offset + 8)
  expect(found).toEqual({ icp4: 16, icp5: 32, icp6: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 })
})
test('icon.png has the size that Linux asks for', () => expect(widthAt(readFileSync(at('resources/icons/icon.png')), 0)).toBe(512))
test('offsets follow the header, also where a drawing has 256 pixels', () => {
  const png = Buffer.concat([PNG, Buffer.alloc(20)])
  const packed = ico([
    { size: 16, png },
    { size: 256, png },
  ])
  expect([packed.readUInt32LE(18), packed.readUInt32LE(34), packed.readUInt8(22)]).toEqual([38, 38 + png.length, 0])
  expect(icns([{ size: 24, png }]).length).toBe(8)
})
