/**
 * What must hold for whole catalogues: reading, repairing, cleaning and writing them, with the numbers that an independent reader found.
 * It runs on the small catalogues of test/fixtures and, where they are there, on the published ones.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { Encoding, ImportPlan } from '../../../src/contract/importing.ts'
import type { RuleId } from '../../../src/contract/cleaning.ts'
import { genreKey } from '../../../src/main/data/clean/aliases.ts'
import { withoutMoreMarker } from '../../../src/main/data/clean/plots.ts'
import { withSwitches } from '../../../src/main/data/clean/rule-set.ts'
import { exportFile } from '../../../src/main/data/export/file.ts'
import type { ExportFile, ExportOptions, ExportRecord } from '../../../src/main/data/export/types.ts'
import { encodeText } from '../../../src/main/data/import/files/encodings.ts'
import { inspect } from '../../../src/main/data/import/detect/inspect.ts'
import { readRecords } from '../../../src/main/data/import/records/read.ts'
import { takeSample, type Sample, type TableChoices } from '../../../src/main/data/import/detect/sample.ts'
import type { TableRecord } from '../../../src/main/data/import/files/table.ts'
import { tableHeader, tableRecords } from '../../../src/main/data/import/files/tables.ts'
import { writeChunks } from '../../files/write.ts'
import { cleanAll, on, stepOf } from '../clean/support.ts'
import { cutRecords, parsedRecords, scanCells } from './csv.ts'
import { AUTO, catalogues, collect, countGenres, moviesOf, recordsOf, scratchFolder } from './files.ts'

export interface Counts {
  readonly records: number
  readonly empty_plot: number
  readonly no_genre: number
  readonly genre_counts: Readonly<Record<string, number>>
  readonly records_per_file?: Readonly<Record<string, number>>
  readonly distinct_plots_case_space_folded: number
}
export interface Expected {
  readonly counts: Readonly<Record<string, Counts>>
  /** Number of movies of letterboxd/genres.csv. */
  readonly letterboxdMovies: number
  /** How the import explains its choice of the plot column. */
  /** Least and most characters of a plot on average. */
  readonly plotCharacters: readonly [number, number]
  readonly repairs: {
    /** Line and number of lines of the one torn record of mymoviedb.csv. */
    readonly torn: readonly [line: number, lines: number]
    /** File and line of each record with text of a wrong encoding. */
    readonly mojibake: readonly string[]
    readonly broken: {
      readonly records: number
      readonly rejected: number
      /** Records that equal those of the good file but for white space, and exactly. */
      readonly identical: number
      readonly toTheLetter: number
      /** Titles of the others. */
      readonly different: readonly string[]
      readonly joined: readonly (readonly [line: number, lines: number])[]
      /** Records before any repair, and how many of them at least have a plot and a genre. */
      readonly lines: number
      readonly usable: number
    }
  }
  readonly cleaning: {
    readonly metadata: { readonly placeholders: number; readonly kept: number }
    /** Plots of the IMDb files that are a placeholder or end in "See full summary". */
    readonly imdbEmpty: number
  }
}
export const IMDB = 'imdb-by-genre (all files, first record of each movie_id)'
const FIVE_RULES: readonly RuleId[] = ['truncated', 'placeholder', 'genre-alias', 'missing', 'exact-duplicate']
const PLAIN: ExportOptions = { columns: [], neutraliseFormulas: false, keyOf: genreKey }

async function readTable(path: string, choices: TableChoices = {}): Promise<{ sample: Sample; records: TableRecord[] }> {
  const sample = (await takeSample(path, choices))[0]!
  return { sample, records: (await collect(tableRecords(sample))).flat() }
}
const exportRecord = (raw: string, change: Partial<ExportRecord> = {}): ExportRecord => ({
  ...{ raw, add: [], remove: [], lastOfMovie: true, key: '1', extras: null },
  ...change,
})
async function exportable({ files, mapping, genreSyntax }: ImportPlan): Promise<ExportFile> {
  const headerRaw = await tableHeader(files[0]!)
  return { ...files[0]!, headerRaw, genresColumn: mapping.genres, idColumn: mapping.id, genreSyntax }
}

/** Declares the tests of the catalogues in `folder`; call it inside a `describe`. */
export function catalogueSuite(folder: string, expected: Expected): void {
  const paths = catalogues(folder)
  const all = Object.values(paths).flat()
  const { folder: scratch, write } = scratchFolder()

  describe('formats', () => {
    it.each([
      ['9000-movies', paths.mymoviedb, 'comma', { id: null, title: 'Title', plot: 'Overview', genres: 'Genre', split: null }],
      ['9000-movies', paths.broken, 'comma', { id: null, title: 'Title', plot: 'Overview', genres: 'Genre', split: null }],
      ['imdb-by-genre', paths.imdb, 'comma', { id: 'movie_id', title: 'movie_name', plot: 'description', genres: 'genre', split: null }],
      ['movies-dataset', paths.metadata, 'python', { id: 'id', title: 'title', plot: 'overview', genres: 'genres', split: null }],
      ['letterboxd-one', paths.letterboxdOne, 'pipe', { id: 'id', title: null, plot: 'description', genres: 'genre', split: null }],
    ])('%s', async (format, files, syntax, mapping) => {
      const plan = await inspect(files, AUTO)
      expect(plan).toMatchObject({ format, genreSyntax: syntax, mapping, problems: [] })
      expect(plan.files).toHaveLength(files.length)
      expect(plan.preview[0]?.genres.length).toBeGreaterThan(0)
      // the plain table, which knows no headers of these, must find the same columns
      const plain = await inspect(files, { ...AUTO, format: 'table' })
      expect(plain).toMatchObject({ format: 'table', genreSyntax: syntax, mapping, problems: [] })
    })

    it('are explained', async () => {
      const { reasons } = await inspect(paths.mymoviedb, AUTO)
      const columns = ['Release_Date', 'Title', 'Overview', 'Genre']
      expect(reasons).toContainEqual({ code: 'format', name: '9000+ Movies', by: 'columns', columns })
      expect(reasons).toContainEqual({ code: 'plot', column: 'Overview', characters: expect.any(Number) as number, tags: false })
      const plot = reasons.find((reason) => reason.code === 'plot')
      expect(plot?.characters).toBeGreaterThanOrEqual(expected.plotCharacters[0])
      expect(plot?.characters).toBeLessThanOrEqual(expected.plotCharacters[1])
    })

    it('ask for the movies if only the genres of Letterboxd are there', async () => {
      const plan = await inspect(paths.letterboxdGenres, AUTO)
      expect(plan.format).toBe('letterboxd-three')
      expect(plan.problems).toEqual([expect.stringContaining('add movies.csv')])
    })
  })

  describe('counts', () => {
    it.each([
      ['mymoviedb/mymoviedb.csv', paths.mymoviedb],
      ['movies-metadata/movies_metadata.csv', paths.metadata],
      ['letterboxd/synthesis_data.csv', paths.letterboxdOne],
    ])('%s', async (name, files) => {
      const want = expected.counts[name]!
      // the independent reader counts the pieces of a torn record as records
      const records = await recordsOf(await inspect(files, { ...AUTO, repairs: { torn: false } }))
      expect(records).toHaveLength(want.records)
      expect(records.filter(({ rejected }) => rejected !== null)).toEqual([])
      expect(records.filter(({ plot }) => plot.trim() === '')).toHaveLength(want.empty_plot)
      expect(records.filter(({ genres }) => genres.length === 0)).toHaveLength(want.no_genre)
      expect(countGenres(records.map(({ genres }) => genres))).toEqual(want.genre_counts)
    })

    it('IMDb by genre: records of each file, movies of all', async () => {
      const want = expected.counts[IMDB]!
      const plan = await inspect(paths.imdb, AUTO)
      const perFile: Record<string, number> = {}
      for await (const { file } of readRecords(plan)) perFile[plan.files[file]!.name] = (perFile[plan.files[file]!.name] ?? 0) + 1
      expect(perFile).toEqual(want.records_per_file)
      const movies = await moviesOf(paths.imdb)
      expect(movies).toHaveLength(want.records)
      expect(countGenres(movies.map(({ own }) => own))).toEqual(want.genre_counts)
      expect(movies.filter(({ genres, own }) => genres.length < own.length)).toEqual([])
    })

    it('Letterboxd: rows and ids of genres.csv', async () => {
      const want = expected.counts['letterboxd/genres.csv']!
      const records = await recordsOf(await inspect(paths.letterboxdGenres, AUTO))
      expect(records).toHaveLength(want.records)
      expect(countGenres(records.map(({ genres }) => genres))).toEqual(want.genre_counts)
      expect(new Set(records.map(({ key }) => key)).size).toBe(expected.letterboxdMovies)
    })
  })

  describe('text', () => {
    it.each(all)('%s comes back byte for byte', async (path) => {
      const plan = await inspect([path], AUTO)
      const headerRaw = await tableHeader(plan.files[0]!)
      let text = headerRaw
      let bytes = 0
      for await (const { raw } of readRecords(plan, (read) => (bytes = read))) text += raw
      expect(text === readFileSync(path, 'utf8')).toBe(true)
      expect(bytes).toBe(plan.files[0]!.bytes)
    })

    it.each(all)('%s has the records that csv-parse finds', (path) => {
      const delimiter = path.includes('semicolon') ? ';' : ','
      const text = readFileSync(path, 'utf8')
      const found = cutRecords(text, delimiter, '"', 100_000)
      expect(found.map(({ raw }) => raw).join('') === text).toBe(true)
      const want = parsedRecords(text, delimiter)!
      expect(found).toHaveLength(want.length)
      const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((cell, i) => cell === b[i])
      for (const [i, { raw, fields }] of found.entries()) {
        if (!same(fields, want[i]!)) expect(fields).toEqual(want[i])
        const scanned = scanCells(raw, delimiter)
        if (!same(scanned, fields)) expect(scanned).toEqual(fields)
      }
    })

    it.each<Encoding>(['utf-16le', 'utf-16be'])('%s: the same records, and all bytes back', async (encoding) => {
      const text = readFileSync(
        paths.imdb.find((path) => path.includes('film-noir'))!,
        'utf8',
      )
      const bytes = encodeText('\ufeff' + text, encoding)
      const [wide] = await takeSample(write(`${encoding}.csv`, bytes))
      const [plain] = await takeSample(write('plain.csv', text))
      expect(wide).toMatchObject({ encoding, bom: true, columns: plain!.columns })
      const records = (await collect(tableRecords(wide!))).flat()
      expect(records).toEqual(
        (await collect(tableRecords(plain!))).flat().map((record) => ({ ...record, log: expect.anything() as never })),
      )
      const back = '\ufeff' + (await tableHeader(wide!)) + records.map(({ raw }) => raw).join('')
      expect(encodeText(back, encoding).equals(bytes)).toBe(true)
    })
  })

  describe('repairs', () => {
    it('mymoviedb.csv: the lines of one torn record are joined', async () => {
      const [path] = paths.mymoviedb
      const [line, lines] = expected.repairs.torn
      const { sample, records } = await readTable(path)
      expect(records).toHaveLength(expected.counts['mymoviedb/mymoviedb.csv']!.records - lines + 1)
      const repaired = records.filter(({ log }) => log.length > 0)
      expect(repaired.map((record) => [record.line, record.log[0]!.lines])).toEqual([[line, lines]])
      expect(repaired[0]!.fields[7]).toMatch(/^[A-Z][a-z]+(, [A-Z][a-z]+)*$/)
      const text = (await tableHeader(sample)) + records.map(({ raw }) => raw).join('')
      expect(text === readFileSync(path, 'utf8')).toBe(true)
    })

    it.each(all.filter((path) => !path.includes('mymoviedb')))('%s: no record is joined', async (path) => {
      const { sample, records } = await readTable(path)
      expect(sample.offers.filter(({ repair }) => repair !== 'mojibake')).toEqual([])
      expect(records.filter(({ broken }) => broken !== null)).toEqual([])
    })

    it('mojibake: the records with broken text are repaired, all other text stays as it is', async () => {
      const found: string[] = []
      for (const path of all) {
        const { records } = await readTable(path, { repairs: { mojibake: true, torn: false } })
        for (const { line, log } of records) if (log.some(({ what }) => what === 'repaired')) found.push(`${basename(path)} ${line}`)
      }
      expect(found).toEqual(expected.repairs.mojibake)
    })

    // Reference: mymoviedb.csv itself, read by csv-parse. What is lost in the broken file is gone: the text after a ; in a plot.
    it('mymoviedb.semicolon-broken.csv: put together again as far as its text is there', async () => {
      const { broken } = expected.repairs
      const good = parse(readFileSync(paths.mymoviedb[0]), { relax_column_count: true }).slice(1)
      const { records } = await readTable(paths.broken[0], { repairs: { 'broken-quotes': true } })
      const kept = records.filter((record) => record.broken === null)
      const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ')
      const keyOf = ([, title, plot, , , , , genres]: readonly string[]): string => JSON.stringify([title, spaced(plot!), genres])
      const exactKeyOf = ([, title, plot, , , , , genres]: readonly string[]): string => JSON.stringify([title, plot, genres])
      const [wanted, exact] = [new Set(good.map(keyOf)), new Set(good.map(exactKeyOf))]
      const identical = kept.filter(({ fields }) => wanted.has(keyOf(fields)))
      expect({
        records: records.length,
        rejected: records.length - kept.length,
        identical: identical.length,
        toTheLetter: kept.filter(({ fields }) => exact.has(exactKeyOf(fields))).length,
        different: kept.filter((record) => !identical.includes(record)).map(({ fields }) => fields[1]),
        joined: kept.flatMap(({ log }) => log.filter(({ what }) => what === 'repaired')).map(({ line, lines }) => [line, lines]),
      }).toEqual({ ...broken, lines: undefined, usable: undefined })
    })

    it('mymoviedb.semicolon-broken.csv: without repairs no record is lost', async () => {
      const { broken } = expected.repairs
      const records = await recordsOf(await inspect(paths.broken, { ...AUTO, repairs: { torn: false } }))
      expect(records).toHaveLength(broken.lines)
      expect(records.filter(({ plot, genres }) => plot.trim() !== '' && genres.length > 0).length).toBeGreaterThanOrEqual(broken.usable)
    })
  })

  describe('cleaning', () => {
    const rules = FIVE_RULES.map((rule) => on(rule))
    const numbered = async (files: readonly string[]) => (await moviesOf(files)).map((m, i) => ({ ...m, movie: i + 1 }))

    it('9000+ Movies: the distinct plots stay, except the one "Plot unknown."', async () => {
      const movies = await numbered(paths.mymoviedb)
      const cleaned = await cleanAll(movies, rules)
      const distinct = new Set(movies.map((m) => m.plot.trim().toLowerCase().replace(/\s+/g, ' '))).size
      expect(stepOf(cleaned.report, 'placeholder').count).toBe(1)
      expect(cleaned.report.kept).toBe(distinct - 1 - (movies.some((m) => m.plot.trim() === '') ? 1 : 0))
      const placeholders = await cleanAll(movies, withSwitches(rules, { placeholder: false }))
      expect(placeholders.report.kept).toBe(cleaned.report.kept + 1)
    })

    it('IMDb by genre: as many placeholders and truncated plots as the independent reader counts', async () => {
      const movies = await numbered(paths.imdb)
      const { fates } = await cleanAll(movies, rules)
      // the independent reader knows three whole texts and the "See full …" marker; the rule knows more ways of saying "no plot"
      const named = /^(add a plot|plot unknown|no overview found)\.?$/i
      const truncated = movies.filter(({ plot }) => withoutMoreMarker(plot) !== null)
      const placeholders = movies.filter(({ plot }) => named.test(plot.trim()))
      expect(truncated.length + placeholders.length).toBe(expected.cleaning.imdbEmpty)
      expect(placeholders.every(({ movie }) => fates[movie - 1]!.out === 'placeholder')).toBe(true)
      expect(fates.every(({ out, plot }) => out !== null || !/see full (summary|synopsis)\s*»?\s*$/i.test(plot))).toBe(true)
      const distinct = await cleanAll(movies, withSwitches(rules, { placeholder: false, truncated: false }))
      expect(distinct.report.kept).toBe(expected.counts[IMDB]!.distinct_plots_case_space_folded)
    })

    it('The Movies Dataset: placeholders and duplicates', async () => {
      const { report } = await cleanAll(await numbered(paths.metadata), rules)
      const { placeholders, kept } = expected.cleaning.metadata
      expect(stepOf(report, 'placeholder').count).toBe(placeholders)
      expect(report.kept).toBe(kept)
    })
  })

  describe('Letterboxd, three files', () => {
    it('joins plots, genres and themes by id', async () => {
      const movies = write(
        'movies.csv',
        'id,name,date,description\n1000001,Barbie,2023,Two dolls leave home.\n1000002,Parasite,2019,"A family, poor."\n1,Lost,,\n',
      )
      const themes = write('themes.csv', 'id,theme\n1000001,Satire\n1000002,Class\n1000002,Family\n')
      const files = [themes, ...paths.letterboxdGenres, movies]
      const plan = await inspect(files, AUTO)
      expect(plan).toMatchObject({ format: 'letterboxd-three', genreSyntax: 'long', problems: [] })
      expect(plan.mapping).toEqual({ id: 'id', title: 'name', plot: 'description', genres: 'genre', split: null })
      expect(plan.files.map(({ name, role }) => [name, role])).toEqual([
        ['movies.csv', 'movies'],
        ['genres.csv', 'genres'],
        ['themes.csv', 'themes'],
      ])
      const barbie = { key: '1000001', title: 'Barbie', plot: 'Two dolls leave home.', genres: ['Comedy', 'Adventure'] }
      expect(plan.preview[0]).toEqual(barbie)
      const joined = await moviesOf(files)
      expect(joined[0]).toMatchObject(barbie)
      expect(joined.find(({ key }) => key === '1000002')).toMatchObject({
        plot: 'A family, poor.',
        genres: ['Comedy', 'Thriller', 'Drama'],
      })
      expect(joined.find(({ key }) => key === '1')).toMatchObject({ title: 'Lost', genres: [] })
    })

    it('a removed genre loses its row, an added one gets one', async () => {
      const plan = await inspect(paths.letterboxdGenres, AUTO)
      const source = await recordsOf(plan)
      const records = source.map(({ raw, key }, i) => exportRecord(raw, { key: key ?? '', lastOfMovie: source[i + 1]?.key !== key }))
      const corrected = records.map((item) => (item.key === '1000002' ? { ...item, add: ['War'], remove: ['Comedy'] } : item))
      const target = write('genres.csv', '')
      await writeChunks(target, exportFile(await exportable(plan), corrected, PLAIN))
      const genresOf = async (path: string): Promise<string[] | undefined> =>
        (await moviesOf([path])).find(({ key }) => key === '1000002')?.genres
      expect(await genresOf(paths.letterboxdGenres[0])).toEqual(['Comedy', 'Thriller', 'Drama'])
      expect(await genresOf(target)).toEqual(['Thriller', 'Drama', 'War'])
      expect(readFileSync(target, 'utf8').replace('1000002,War\r\n', '')).toBe(
        readFileSync(plan.files[0]!.path, 'utf8').replace('1000002,Comedy\r\n', ''),
      )
    })
  })

  describe('export', () => {
    it.each(all)('%s is written as it was read', async (path) => {
      const plan = await inspect([path], AUTO)
      const records = (await recordsOf(plan)).map(({ raw }) => exportRecord(raw))
      const target = join(scratch, 'out.csv')
      const bytes = await writeChunks(target, exportFile(await exportable(plan), records, PLAIN))
      expect(bytes).toBe(plan.files[0]!.bytes)
      expect(readFileSync(target).equals(readFileSync(path))).toBe(true)
    })

    it.each([paths.mymoviedb, paths.metadata, paths.letterboxdOne])('%s: corrections come back, all other cells stay', async (path) => {
      const plan = await inspect([path], AUTO)
      const source = await recordsOf(plan)
      const records = source.map(({ raw }, i) => exportRecord(raw, i % 3 === 0 ? { add: ['War', 'Brand New'], remove: ['Drama'] } : {}))
      const target = write('corrected.csv', '')
      await writeChunks(target, exportFile(await exportable(plan), records, PLAIN))
      const again = await recordsOf(await inspect([target], AUTO))
      expect(again).toHaveLength(source.length)
      for (const [i, { raw, genres, plot, title, key }] of again.entries()) {
        const before = source[i]!
        if (i % 3 !== 0) expect(raw).toBe(before.raw)
        const kept = before.genres.filter((genre) => genreKey(genre) !== 'drama')
        const want = i % 3 === 0 ? [...new Set([...kept, 'War', 'Brand New'])] : before.genres
        expect([plot, title, key, [...genres].sort()]).toEqual([before.plot, before.title, before.key, [...want].sort()])
      }
    })
  })
}
