/** Files to import and folders of models that are made to crash, block or fill the program that reads them. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { messageOf, UserError } from '../../src/contract/errors.ts'
import { SOURCE } from '../../src/contract/importing.ts'
import { FORECAST_CHARACTERS } from '../../src/main/data/import/detect/forecast.ts'
import { Reader } from '../../src/main/jobs/reader.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { parquetFile } from '../data/support/parquet.ts'
import { goldenModels } from '../support/paths.ts'
import { expectEnd, reelabel } from './support/command-line.ts'
import { HEADER, packedZip, textRow, workbook } from './support/hostile-files.ts'
import { againstHost } from './support/host-process.ts'
import type { Attack } from './support/run.ts'

/** Where a small file must end, in seconds. */
const LONGEST_S = 10

/** Does `work` with a reader process of its own. Resolves to the seconds that it took and to the error in words, or `read`. */
async function withReader(work: (reader: Reader) => Promise<unknown>): Promise<{ readonly seconds: number; readonly said: string }> {
  const reader = new Reader(forkProcess)
  const start = performance.now()
  const end = (said: string) => ({ seconds: (performance.now() - start) / 1000, said })
  try {
    await work(reader)
    return end('read')
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return end(error.message)
  } finally {
    reader.close()
  }
}
function lineOf({ seconds, said }: { readonly seconds: number; readonly said: string }, expected: RegExp): string {
  if (!expected.test(said)) throw new Error(`said: ${said}`)
  return `${seconds.toFixed(1)} s: ${said}`
}

/** An attack with a file to import, which must end in these words. */
const withFile = (name: string, file: string, build: () => string | Buffer, expected: RegExp, slow?: true): Attack => ({
  name,
  ...(slow ? { slow } : {}),
  run: async ({ folder }) => {
    const path = join(folder, file)
    writeFileSync(path, build())
    const source = z.object(SOURCE).parse({ paths: [path] })
    const outcome = await withReader((reader) => reader.inspect(source, join(folder, 'memory.json'), FORECAST_CHARACTERS, {}))
    if (slow && outcome.seconds > LONGEST_S + 15) throw new Error(`took ${outcome.seconds.toFixed(1)} s`)
    return lineOf(outcome, expected)
  },
})

const MOVIE = { id: ['1'], title: ['t'], plot: ['a plot that is long enough to be one'], genres: ['Drama'] }
const columns = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`c${i}`, [`v${i}`]]))
const overlapping = (): Buffer =>
  packedZip([{ name: 'a.csv', content: `id,title,plot,genres\n${'1,T,A plot,Drama\n'.repeat(400_000)}`, copies: 9000 }])
const far = `${HEADER}<row r="1000"><c r="ALL1000" t="inlineStr"><is><t>x</t></is></c></row>`
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const END = /^Reading .* took longer than|^The program that reads files ended while it read|save its sheets as CSV/

const TABLES: readonly Attack[] = [
  withFile('a zip archive of 9,000 files that share their bytes', 'a.zip', overlapping, /holds files that share bytes/),
  withFile('a workbook of 400 sheets, nearly all of whose cells are empty', 'a.xlsx', () => workbook(Array<string>(400).fill(far)), /are nearly empty/),
  withFile('a Parquet file of 0.5 kB that claims 2,000,000,000 rows', 'a.parquet', () => parquetFile(MOVIE, { run: 2e9 }), /its footer does not fit its size/),
  withFile('a Parquet file of 0.5 kB that claims 20,000,000 rows', 'a.parquet', () => parquetFile(MOVIE, { run: 2e7 }), /its footer does not fit its size/),
  withFile('a Parquet file with a page of 2,000,000,000 values in a table of 500 rows', 'a.parquet', () => parquetFile(MOVIE, { run: 2e9, claimed: 500 }), /a page of it claims too many values/),
  withFile('a Parquet file of 4,000 columns', 'a.parquet', () => parquetFile(columns(4000)), /4,000 columns, and at most 2,000 can be read/),
  withFile('JSON of 200,000 lists inside each other', 'a.json', () => `[{"id": "1", "plot": ${deep(200_000)}, "genres": "Drama"}]`, /holds no list of objects|^read$/),
  withFile('JSON Lines with 1,500,000 lists inside each other', 'a.jsonl', () => `{"id":1,"plot":"A plot","genres":"Drama"}\n{"id":2,"plot":${deep(750_000)}}\n`, /^read$/),
  withFile('a workbook of 4,800,000 cells', 'a.xlsx', () => workbook([HEADER + Array.from({ length: 1_200_000 }, (_, i) => textRow(i + 2, [`${i}`, 't', 'p', 'Drama'])).join('')]), /workbook has to be read at once/, true),
  withFile('a workbook of 5,000,000 shared strings', 'a.xlsx', () => workbook([HEADER], Array.from({ length: 5_000_000 }, (_, i) => `<si><t>s${i}</t></si>`).join('')), END, true),
  withFile('a workbook whose 100,000 plots are one text of a megabyte', 'a.xlsx', () => workbook([HEADER + Array.from({ length: 100_000 }, (_, i) => `<row r="${i + 2}"><c r="C${i + 2}" t="s"><v>0</v></c></row>`).join('')], `<si><t>${'word '.repeat(200_000)}</t></si>`), /^read$/, true),
  withFile('JSON of 5,000,000 lists inside each other', 'a.json', () => `[{"plot":${'['.repeat(5_000_000)}`, /holds no list of objects/, true),
  withFile('a table whose second line is a quoted cell of 200 MB', 'a.csv', () => Buffer.concat([Buffer.from('id,title,plot,genres\n1,T,"'), Buffer.alloc(200e6, 'x y\n'), Buffer.from('",Drama\n')]), /./, true),
  withFile('a table of 60,000,000 quotes', 'a.csv', () => Buffer.concat([Buffer.from('id,title,plot,genres\n'), Buffer.alloc(60e6, '"')]), /./, true),
  withFile('a table of 60,000,000 commas', 'a.csv', () => Buffer.alloc(60e6, ','), /no header that can be read|took longer/, true),
  withFile('gzip of 400 MB in 0.4 MB', 'a.csv.gz', () => gzipSync(Buffer.alloc(400e6, 'x')), /as archives do that are made to fill a disk/, true),
] // prettier-ignore

const member = (name: string, content: string | Buffer = TABLE) => packedZip([{ name, content }])
const TABLE = 'id,title,plot,genres\n1,T,A plot that is long enough,Drama\n'
const parquet = (): Buffer => parquetFile(MOVIE)
/** A Parquet file with another length of its footer. */
function footerOf(length: number): Buffer {
  const file = parquet()
  file.writeUInt32LE(length, file.length - 8)
  return file
}
const cellAt = (place: string): Buffer => workbook([`${HEADER}<row r="2"><c r="${place}" t="inlineStr"><is><t>x</t></is></c></row>`])
const ENTITIES = '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
/** Small files, and what is said of them; `read`: nothing bad in them is followed. */
const SMALL: Readonly<Record<string, readonly [file: string, build: () => string | Buffer, expected: RegExp]>> = {
  'a name that leads out of the archive': ['a.zip', () => member('../../../../tmp/x.csv'), /leads out of the archive/],
  'an absolute name in an archive': ['a.zip', () => member('/tmp/x.csv'), /leads out of the archive/],
  'a name of Windows that leads out of the archive': ['a.zip', () => member('..\\..\\x.csv'), /leads out of the archive/],
  'a name with a drive in an archive': ['a.zip', () => member('C:\\x.csv'), /leads out of the archive/],
  'an archive in an archive': ['a.zip', () => member('inner.zip', member('a.csv')), /packed inside an archive/],
  'gzip in gzip, six deep': ['a.csv.gz', () => Array(6).fill(0).reduce((data: Buffer) => gzipSync(data), Buffer.from(TABLE)), /packed inside an archive/],
  '12,000 files in an archive': ['a.zip', () => packedZip([{ name: 'a.csv', content: TABLE, copies: 12_000 }]), /holds more than 10,?000 files|share bytes/],
  'a megabyte of line ends': ['a.csv', () => '\n'.repeat(1e6), /is empty/],
  'null characters after a header': ['a.csv', () => 'id,title,plot,genres\n' + '\0'.repeat(1e6), /is not text/],
  'an empty file': ['a.csv', () => '', /is empty/],
  'a header of 5 MB': ['a.csv', () => Array.from({ length: 700_000 }, (_, i) => `c${i}`).join(), /no header that can be read/],
  'objects with 30,000 different members': ['a.jsonl', () => Array.from({ length: 30_000 }, (_, i) => `{"k${i}":1}`).join('\n'), /20,000 different members/],
  'an element of 20 MB': ['a.json', () => `[{"plot":"${'x'.repeat(20e6)}"}]`, /longer than 16,777,216 characters/],
  'a list of numbers': ['a.json', () => `[${'1,'.repeat(3e6)}1]`, /no header that can be read|no list of objects/],
  'members __proto__ and constructor': ['a.json', () => '[{"__proto__":{"polluted":1},"constructor":"x","id":"1","plot":"a plot that is long enough","genres":"Drama"}]', /^read$/],
  'a cell in the last place of a sheet': ['a.xlsx', () => cellAt('XFD1048576'), /nearly all of them empty|nearly empty/],
  'a place that is hidden by a character reference': ['a.xlsx', () => cellAt('A&#49;048576'), /is not a place in a sheet|nearly/],
  'entities that name a file, and that grow': ['a.xlsx', () => workbook([HEADER + textRow(2, ['&e;', '&b;', 'p', 'Drama'])], ENTITIES), /^read$/],
  'elements inside each other': ['a.xlsx', () => workbook([HEADER + '<c>'.repeat(300_000)]), /cannot be read as a workbook/],
  'a footer of 4 GB': ['a.parquet', () => footerOf(0xfffffff0), /cannot be read as Parquet|does not fit/],
  'a footer of no bytes': ['a.parquet', () => footerOf(0), /cannot be read as Parquet|does not fit/],
  'a Parquet file without its middle': ['a.parquet', () => Buffer.concat([parquet().subarray(0, 80), parquet().subarray(-80)]), /cannot be read as Parquet|does not fit/],
  'a Parquet file of 10^15 rows': ['a.parquet', () => parquetFile(MOVIE, { claimed: 1e15 }), /does not fit/],
  'a Parquet file that is a picture': ['a.parquet', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), /is not text/],
} // prettier-ignore
const small: Attack = {
  name: 'small tables and archives that are not what they say',
  run: async ({ folder }) => {
    const wrong: string[] = []
    const outcome = await withReader(async (reader) => {
      for (const [what, [file, build, expected]] of Object.entries(SMALL)) {
        const path = join(folder, file)
        writeFileSync(path, build())
        const source = z.object(SOURCE).parse({ paths: [path] })
        const said = await reader.inspect(source, join(folder, 'memory.json'), FORECAST_CHARACTERS, {}).then(
          (found) => (JSON.stringify(found).includes('root:') ? 'a private file' : 'read'),
          (error: unknown) => messageOf(error),
        )
        if (!expected.test(said)) wrong.push(`${what}: ${said}`)
        rmSync(path)
      }
    })
    if (wrong.length > 0) throw new Error(wrong.join(' | '))
    return `${Object.keys(SMALL).length} files in ${outcome.seconds.toFixed(1)} s, each refused in words or read`
  },
}

const special: Attack = {
  name: 'a pipe and a device under the name of a table',
  run: async ({ folder }) => {
    if (process.platform === 'win32') return 'Windows has no such files'
    execFileSync('mkfifo', [join(folder, 'pipe.csv')])
    const lines: string[] = []
    for (const path of [join(folder, 'pipe.csv'), '/dev/zero'])
      lines.push(
        lineOf(await withReader((r) => r.inspect(z.object(SOURCE).parse({ paths: [path] }), join(folder, 'm'), 0, {})), /not a file/),
      )
    return lines.join(' ')
  },
}

const FILES = ['config.json', 'model.safetensors'] as const
const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('').flatMap((c) => [c, `##${c}`])
/** A tiny model whose `tokenizer.json` has these parts. */
function modelIn(folder: string, tokenizer: object = {}): string {
  const model = join(folder, 'model')
  mkdirSync(model)
  for (const file of FILES) copyFileSync(join(goldenModels, 'bert-tiny', file), join(model, file))
  const vocab = Object.fromEntries(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...LETTERS].map((token, id) => [token, id]))
  const post_processor = { type: 'BertProcessing', cls: ['[CLS]', 2], sep: ['[SEP]', 3] }
  const parts = { normalizer: null, pre_tokenizer: { type: 'Whitespace' }, post_processor, decoder: null, added_tokens: [] }
  const wordPiece = { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab }
  writeFileSync(join(model, 'tokenizer.json'), JSON.stringify({ ...parts, model: wordPiece, ...tokenizer }))
  return model
}
const add = (folder: string, path: string) =>
  withReader((reader) => reader.ask({ t: 'add-model', library: join(folder, 'library'), path, base: null }, [path]))

const withModel = (name: string, change: (model: string) => void, expected: RegExp): Attack => ({
  name,
  run: async ({ folder }) => {
    const model = modelIn(folder)
    change(model)
    return lineOf(await add(folder, model), expected)
  },
})
const pipeInPlaceOf = (file: string) => (model: string) => {
  if (process.platform !== 'win32') execFileSync('sh', ['-c', 'rm "$0" && mkfifo "$0"', join(model, file)])
}
/** A project of 40 movies with these plots. @param options of the import @returns its path */
async function importPlots(folder: string, plotOf: (i: number) => string, ...options: string[]): Promise<string> {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},T,"${plotOf(i)}",${i % 2 ? 'Drama' : 'War'}`)
  writeFileSync(join(folder, 'movies.csv'), `id,title,plot,genres\n${rows.join('\n')}\n`)
  await expectEnd(0, folder, ['import', 'movies.reel', 'movies.csv', ...options])
  return join(folder, 'movies.reel')
}
/** The arguments of a short training that begins from a model. */
const training = (project: string, model: string): string[] => ['train', project, '--model', `bert:${model}`, '--mode=head', '--epochs=1']

/** A text on which the pattern takes for ever. */
const ENDLESS = 'a plot of many words that goes on and on without an end of any kind'
const PATTERN = { Regex: '(?:[a-z]+\\s?)+\\x00' }
const TOKENIZERS: Readonly<Record<string, object>> = {
  'splits words': { pre_tokenizer: { type: 'Split', pattern: PATTERN, behavior: 'Isolated', invert: false } },
  'replaces text': { normalizer: { type: 'Replace', pattern: PATTERN, content: ' ' } },
}

/** Weights with this header. @param bytes of numbers after it */
function weightsOf(header: string, length = Buffer.byteLength(header), bytes = 64_000): Buffer {
  const begin = Buffer.alloc(8)
  begin.writeBigUInt64LE(BigInt(length))
  return Buffer.concat([begin, Buffer.from(header), Buffer.alloc(bytes)])
}
const tensor = (shape: readonly number[], offsets: readonly number[]): object => ({ dtype: 'F32', shape, data_offsets: offsets })
const header = (tensors: object): string => JSON.stringify(tensors)
/** Configurations, as changes of one that is sound; weights; and names of parts of weights. */
const MODEL_LIES: Readonly<Record<string, { readonly config?: object; readonly weights?: () => Buffer; readonly index?: object }>> = {
  'a billion layers': { config: { num_hidden_layers: 1e9 } },
  'a vocabulary of four million that is not there': { config: { vocab_size: 4e6 } },
  'sixteen million positions that are not there': { config: { max_position_embeddings: 16_777_216 } },
  'a size that is no whole number': { config: { hidden_size: 32.5 } },
  'an activation constructor': { config: { hidden_act: 'constructor' } },
  'an activation __proto__': { config: { hidden_act: '__proto__' } },
  'a size below zero': { config: { hidden_size: -32 } },
  'a header of 2^63 bytes': { weights: () => { const file = weightsOf('{}'); file.writeBigUInt64LE(2n ** 63n - 1n); return file } },
  'a header longer than the file': { weights: () => weightsOf('{}', 50_000_000) },
  'a tensor beyond the end': { weights: () => weightsOf(header({ a: tensor([4], [0, 1e15]) })) },
  'a tensor that begins below zero': { weights: () => weightsOf(header({ a: tensor([4], [-16, 0]) })) },
  'a tensor of 2^62 numbers': { weights: () => weightsOf(header({ a: tensor([2 ** 31, 2 ** 31], [0, 64_000]) })) },
  'tensors that overlap': { weights: () => weightsOf(header({ a: tensor([16_000], [0, 64_000]), b: tensor([16_000], [0, 64_000]) })) },
  'a tensor __proto__': { weights: () => weightsOf('{"__proto__":{"dtype":"F32","shape":[16000],"data_offsets":[0,64000]},"b":{"dtype":"F32","shape":[16000],"data_offsets":[0,64000]}}') },
  '100,000 empty tensors': { weights: () => weightsOf(header(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`t${i}`, tensor([0], [0, 0])])))) },
  'a header of lists inside each other': { weights: () => weightsOf(`{"a":${deep(1_000_000)}}`) },
  'parts of weights outside of the folder': { index: { weight_map: { a: '../model.safetensors' } } },
} // prettier-ignore
const lying: Attack = {
  name: 'models whose configuration and weights lie',
  run: ({ folder }) =>
    withReader(async (reader) => {
      for (const [what, { config, weights, index }] of Object.entries(MODEL_LIES)) {
        const own = join(folder, what)
        mkdirSync(own)
        const model = modelIn(own)
        const file = (name: string): string => join(model, name)
        if (config) {
          const sound = JSON.parse(readFileSync(file('config.json'), 'utf8')) as object
          writeFileSync(file('config.json'), JSON.stringify({ ...sound, ...config }))
        }
        if (weights) writeFileSync(file('model.safetensors'), weights())
        if (index) {
          rmSync(file('model.safetensors'))
          writeFileSync(file('model.safetensors.index.json'), JSON.stringify(index))
        }
        const said = await reader.ask({ t: 'add-model', library: join(own, 'library'), path: model, base: null }, [model]).then(
          () => 'it was added',
          (error: unknown) => (error instanceof UserError ? '' : messageOf(error)),
        )
        if (said) throw new Error(`${what}: ${said}`)
      }
    }).then(({ seconds }) => `${Object.keys(MODEL_LIES).length} models in ${seconds.toFixed(1)} s, each refused in words`),
}

const MODELS: readonly Attack[] = [
  withModel('a pipe under the name of weights', pipeInPlaceOf('model.safetensors'), /is a pipe, not a file/),
  withModel('a pipe under the name of a configuration', pipeInPlaceOf('config.json'), /is a pipe, not a file/),
  withModel(
    'a tokenizer with 50 MB of added tokens',
    (model) => {
      const added_tokens = Array.from({ length: 12_500 }, (_, i) => ({ id: 100 + i, content: `${i}-`.padEnd(4000, 'x') }))
      writeFileSync(join(model, 'tokenizer.json'), JSON.stringify({ model: { vocab: { a: 0 } }, added_tokens }))
    },
    /its added tokens have 50000000 characters together/,
  ),
  withModel(
    'weights with a header of 70 MB',
    (model) => {
      const header = Buffer.alloc(70e6, ' ')
      header.write('{}')
      const length = Buffer.alloc(8)
      length.writeBigUInt64LE(BigInt(header.length))
      writeFileSync(join(model, 'model.safetensors'), Buffer.concat([length, header]))
    },
    /its header claims 70000000 bytes/,
  ),
  withModel('a configuration of 2,000,000 lists inside each other', (model) => writeFileSync(join(model, 'config.json'), `{"a": ${deep(1_000_000)}}`), /config\.json/),
  ...Object.entries(TOKENIZERS).map(
    ([what, parts]): Attack => ({
      name: `a training with a tokenizer whose pattern, which ${what}, takes for ever on some plots`,
      slow: true,
      run: async ({ folder }) => {
        const model = modelIn(folder, parts)
        const project = await importPlots(folder, (i) => `${ENDLESS} ${i}`)
        const start = performance.now()
        const said = await expectEnd(3, folder, training(project, model))
        return lineOf({ seconds: (performance.now() - start) / 1000, said }, /its patterns took longer than/)
      },
    }),
  ),
] // prettier-ignore

const tried: Attack = {
  name: 'a prediction with a tokenizer whose pattern takes for ever on its text alone',
  slow: true,
  run: async ({ folder }) => {
    const model = modelIn(folder, TOKENIZERS['splits words'])
    // the pattern matches small letters only
    const project = await importPlots(folder, (i) => `${'A PLOT OF THE YEAR '.repeat(4)}${i}`, '--off', 'near-duplicate')
    const trained = await expectEnd(0, folder, training(project, model))
    if (!trained.includes('run 1')) throw new Error(`it was not trained: ${trained}`)
    const start = performance.now()
    const { text } = await reelabel(folder, ['predict', project, '--text', ENDLESS])
    return lineOf({ seconds: (performance.now() - start) / 1000, said: text }, /its patterns took longer than/)
  },
}

const others: Attack = {
  name: 'another window while hostile files are inspected',
  slow: true,
  run: ({ folder }) =>
    againstHost(folder, async (host) => {
      const client = await host.connect()
      const files: Readonly<Record<string, string | Buffer>> = {
        'a.zip': overlapping(),
        'a.json': `[{"plot":${'['.repeat(3_000_000)}`,
        'a.parquet': parquetFile(MOVIE, { run: 2e9, claimed: 500 }),
        'a.xlsx': workbook([HEADER + Array.from({ length: 200_000 }, (_, i) => textRow(i + 2, [`${i}`, 't', 'p', 'Drama'])).join('')]),
      }
      const said: string[] = []
      const longest = await host.longestWaitDuring(async () => {
        for (const [name, content] of Object.entries(files)) {
          const bytes = Buffer.from(content as string)
          let path = ''
          for (let offset = 0; offset < bytes.length; offset += 1 << 20)
            path = (
              await client.call('files.put', {
                name,
                upload: `upload-${name.replace('.', '-')}`,
                offset,
                bytes: new Uint8Array(bytes.subarray(offset, offset + (1 << 20))),
              })
            ).path
          said.push(await client.call('import.inspect', { paths: [path] }).then(() => 'read', (error: unknown) => messageOf(error))) // prettier-ignore
        }
      })
      if (longest > 300) throw new Error(`it waited ${Math.round(longest)} ms`)
      return `it waited ${Math.round(longest)} ms at most; ${said.map((s) => s.slice(0, 60)).join(' | ')}`
    }),
}

export const attacks: readonly Attack[] = [...TABLES, small, special, ...MODELS, lying, tried, others]
