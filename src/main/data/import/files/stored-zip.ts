/** A zip archive without compression, in memory (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16). */
import { crc32 } from 'node:zlib'

const UTF8_NAMES = 0x0800
const VERSION = 20
/** 1 January 1980: a fixed date makes the bytes reproducible. */
const DATE = 0x21

export interface StoredFile {
  readonly name: string
  readonly data: Buffer
}

/** The bytes of an archive of these files. Together they must be smaller than 4 GB. */
export function storedZip(files: readonly StoredFile[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data } of files) {
    const nameBytes = Buffer.from(name, 'utf8')
    const common = commonHeader(data, nameBytes.length)
    const local = Buffer.concat([signed(0x04034b50), common, nameBytes])
    parts.push(local, data)
    directory.push(Buffer.concat([signed(0x02014b50), short(VERSION), common, Buffer.alloc(10), long(offset), nameBytes]))
    offset += local.length + data.length
  }
  const central = Buffer.concat(directory)
  const count = Buffer.concat([short(files.length), short(files.length)])
  return Buffer.concat([...parts, central, signed(0x06054b50), Buffer.alloc(4), count, long(central.length), long(offset), short(0)])
}

/** Fields that the local header and the central directory share, up to the length of the extra field. */
function commonHeader(data: Buffer, nameLength: number): Buffer {
  const method = short(0)
  const times = Buffer.concat([short(0), short(DATE)])
  const sizes = Buffer.concat([long(crc32(data)), long(data.length), long(data.length)])
  return Buffer.concat([short(VERSION), short(UTF8_NAMES), method, times, sizes, short(nameLength), short(0)])
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
function long(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const signed = long
