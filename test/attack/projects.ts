/** Projects of strangers, what lies beside projects, and files that take the place of a project. */
import Database from 'better-sqlite3'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { Engine } from '../../src/main/engine.ts'
import { UserError } from '../../src/contract/errors.ts'
import { temporaryName } from '../../src/main/files/temporary.ts'
import { thisProcess } from '../../src/main/files/process-identity.ts'
import { forkProcess } from '../../src/main/processes/work-process.ts'
import { copyDecisions } from '../../src/main/store/backup.ts'
import { tamper } from '../support/tamper.ts'
import { expectEnd, importProject, reelabel } from './support/command-line.ts'
import type { Attack } from './support/run.ts'
import { CALLS, rawErrors, spoil } from './support/values.ts'

/** @throws Error unless it holds: the attack has succeeded */
function hold(what: string, holds: boolean): void {
  if (!holds) throw new Error(what)
}
/** Runs an attempt for each entry of a table. @returns the names of the entries */
async function each<T>(table: Readonly<Record<string, T>>, attempt: (entry: T, name: string) => Promise<unknown>): Promise<string> {
  for (const [name, entry] of Object.entries(table))
    await attempt(entry, name).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`)
    })
  return Object.keys(table).join('; ')
}

const ENDLESS = 'with recursive r (i) as (select 1 union all select i + 1 from r) select i as id from r'
/** SQL that makes a project a stranger's, and a verb that would fall for it. */
const SCHEMAS: Readonly<Record<string, string>> = {
  'a trigger that eats decisions': 'create trigger eater after insert on change begin delete from batch; end',
  'an endless view': `alter table movie rename to m; create view movie as ${ENDLESS}`,
  'no tables': 'drop table meta',
  'layout -5': 'pragma user_version = -5',
  'layout 0': 'pragma user_version = 0',
  'layout 99': 'pragma user_version = 99',
  'a foreign application': 'pragma application_id = 1',
  'a column that is computed': "update sqlite_master set sql = replace(sql, 'unique)', 'unique, g as (upper(name)))') where name = 'genre'",
}
const DEAD = { ...thisProcess(), pid: 999_999_999 }
const beside = (path: string, name: string): string => join(path, '..', name)
const pipe = (path: string): void => void execFileSync('mkfifo', [path])
const BACKUP = '00009-20261101-000000-hourly.reel'
/** What is put beside p.reel. */
const NEIGHBOURS: Readonly<Record<string, (path: string) => void>> = {
  'a folder named like a note': (path) => mkdirSync(beside(path, '.p.reel.open-x')),
  'a pipe named like a note': (path) => pipe(beside(path, '.p.reel.open-x')),
  'a link to nowhere named like a note': (path) => symlinkSync('nowhere', beside(path, '.p.reel.open-x')),
  'a folder named like unfinished work': (path) => mkdirSync(temporaryName(path, DEAD)),
  'a file p.backups': (path) => writeFileSync(beside(path, 'p.backups'), 'mine'),
  'a link to nowhere p.backups': (path) => symlinkSync('nowhere', beside(path, 'p.backups')),
  'a pipe among the backups': (path) => {
    mkdirSync(beside(path, 'p.backups'))
    pipe(beside(path, `p.backups/${BACKUP}`))
  },
  'a backup with a number of thirty digits': (path) => {
    mkdirSync(beside(path, 'p.backups'))
    copyFileSync(path, beside(path, `p.backups/${'9'.repeat(30)}${BACKUP.slice(5)}`))
  },
  'a note of a dead program with a time to come': (path) => {
    const note = beside(path, '.p.reel.open-x')
    writeFileSync(note, JSON.stringify({ program: 'x', user: 'u', host: 'other', pid: 1, since: '2026-01-01T00:00:00Z', began: null }))
    utimesSync(note, new Date(), new Date('2096-01-01'))
  },
}

/** What is put in the place of a project, which no verb may take for one. */
const NO_PROJECTS: Readonly<Record<string, (path: string) => void>> = {
  'a folder': (path) => mkdirSync(path),
  'a link to a device without an end': (path) => symlinkSync('/dev/zero', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'an empty file': (path) => writeFileSync(path, ''),
  'a megabyte of zeros': (path) => writeFileSync(path, Buffer.alloc(1e6)),
  'a megabyte of other bytes': (path) => writeFileSync(path, Buffer.alloc(1e6, 0xa5)),
}
/** What is put in the place of the side files of p.reel, and whether it may be opened nevertheless. */
const SIDE_FILES: Readonly<Record<string, readonly [put: (path: string) => void, codes: readonly number[]]>> = {
  'a folder as the log': [(path) => mkdirSync(`${path}-wal`), [3]],
  'a pipe as the log': [(path) => pipe(`${path}-wal`), [0, 3]],
  'a log of other bytes': [(path) => writeFileSync(`${path}-wal`, Buffer.alloc(100_000, 0xa5)), [0]],
  'a journal of other bytes': [(path) => writeFileSync(`${path}-journal`, Buffer.alloc(100_000, 0xa5)), [0, 3]],
}
/** Targets of an export that lead to the source `p.csv` or to the project `p.reel`, or to a private file. */
const TARGETS: Readonly<Record<string, (folder: string) => string>> = {
  'the project': () => 'p.reel',
  'a link to the project': (folder) => linked(folder, 'p.reel'),
  'the source': () => 'p.csv',
  'a link to the source': (folder) => linked(folder, 'p.csv'),
  'a hard link to the source': (folder) => {
    linkSync(join(folder, 'p.csv'), join(folder, 'hard.csv'))
    return 'hard.csv'
  },
  'the source by a way around': (folder) => {
    mkdirSync(join(folder, 'sub'), { recursive: true })
    return 'sub/../p.csv'
  },
  'the source through a link to its folder': (folder) => join(linked(folder, '.'), 'p.csv'),
  'a link to another file': (folder) => linked(folder, 'precious'),
  'a name of 304 letters': () => 'x'.repeat(304),
}
function linked(folder: string, to: string): string {
  const name = `link to ${basename(to)}`
  symlinkSync(to, join(folder, name))
  return name
}

/** Notes in the change log of a file. */
function notesIn(path: string): string[] {
  const db = new Database(path)
  try {
    hold(`${path} is not sound`, db.pragma('integrity_check', { simple: true }) === 'ok')
    return db.prepare("select becomes from change where field = 'note' order by id").pluck().all() as string[]
  } finally {
    db.close()
  }
}
const OWN = ['own 1', 'own 2', 'own 3']
/** Two projects: `mine`, and another one with notes of its own. */
async function twoProjects(folder: string): Promise<readonly [mine: string, other: string]> {
  const projects = [await importProject(folder, 'mine'), await importProject(folder, 'other')] as const
  for (const text of OWN) await expectEnd(0, folder, ['label', 'other.reel', 'm0', '--note', text])
  return projects
}
const PUT: Readonly<Record<string, (from: string, to: string) => void>> = { 'renamed over it': renameSync, 'copied into it': copyFileSync }
/**
 * Replaces a project by another one in each way, each in a folder of its own. The next program must see the other project as it was.
 * @param attempt makes decisions in the project at `path`, calls `replace` and closes the project
 * @param isKept true if these decisions are kept elsewhere
 */
const replacing = (
  folder: string,
  attempt: (folder: string, path: string, replace: () => void) => Promise<void>,
  isKept: (folder: string, how: string) => boolean,
): Promise<string> =>
  each(PUT, async (put, how) => {
    const own = join(folder, how)
    mkdirSync(own)
    const [path, other] = await twoProjects(own)
    await attempt(own, path, () => put(other, path))
    await expectEnd(0, own, ['history', path])
    hold(`the project holds ${notesIn(path).join(', ')}`, notesIn(path).join() === OWN.join())
    hold('the decisions are lost', isKept(own, how))
  })
const hasLogAside = (folder: string): boolean => existsSync(join(folder, 'mine.log-of-another-file-1-wal'))

async function noted(engine: Engine, to: string): Promise<void> {
  await engine.call('labels.apply', { changes: [{ field: 'note', movie: 1, to }] })
}
/** A window that makes decisions and is then killed. */
async function killedWindow(folder: string, path: string): Promise<void> {
  const script = `
    const { Engine } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/main/engine.ts'))})
    const engine = await Engine.start({ dataDir: ${JSON.stringify(join(folder, 'data of the window'))}, open: ${JSON.stringify(path)}, spawn: () => { throw new Error('none') } })
    for (const to of ['mine 1', 'mine 2']) await engine.call('labels.apply', { changes: [{ field: 'note', movie: 1, to }] })
    process.stdout.write('done')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const all: readonly Attack[] = [
  {
    name: 'foreign triggers, views, columns and layouts',
    slow: true,
    run: async ({ folder }) => {
      const sound = await importProject(folder)
      return each(SCHEMAS, async (sql, name) => {
        const path = join(folder, `${name}.reel`)
        copyFileSync(sound, path)
        tamper(path, sql)
        for (const args of [
          ['runs', path],
          ['label', path, 'm0', '--note', 'x'],
        ])
          await expectEnd(3, folder, args)
      })
    },
  },
  {
    name: 'SQL in the name of a trigger, run by a restore',
    slow: true,
    run: async ({ folder }) => {
      const [path, other] = await twoProjects(folder)
      mkdirSync(join(folder, 'mine.backups'))
      copyDecisions(path, join(folder, 'mine.backups/00001-20261130-120000-asked.decisions'))
      const name = `x""; commit; attach '${other}' as z; drop trigger z.change_kept; delete from z.change; attach '${join(folder, 'made')}' as y; create table y.t(a); begin; drop trigger ""y`
      tamper(path, `create trigger "${name}" before update on change begin select 1; end`)
      await expectEnd(3, folder, ['restore', path, 'newest'])
      hold('a file was made outside', !existsSync(join(folder, 'made')))
      hold('decisions of another project are gone', notesIn(other).length === OWN.length)
      return 'refused; the other project has its decisions'
    },
  },
  {
    name: 'private files as sources of a project, copied by an export of everything',
    slow: true,
    run: async ({ folder }) => {
      const path = await importProject(folder)
      const secret = join(folder, 'id_ed25519')
      writeFileSync(secret, 'SECRET of this machine')
      return each({ 'by its size': 22, 'by many sizes': 0 }, async (size, name) => {
        const copy = join(folder, `${name}.reel`)
        copyFileSync(path, copy)
        const columns =
          'name, role, delimiter, bom, header, columns, genre_syntax, import, current, kind, encoding, quote_escape, genre_columns, repairs, mapping'
        const insert = (bytes: number): string =>
          `insert into source_file (path, bytes, packing, ${columns}) select '${secret}', ${bytes}, 'gzip', ${columns} from source_file where id = 1;`
        tamper(copy, size > 0 ? insert(size) : Array.from({ length: 60 }, (_, i) => insert(i)).join('\n'))
        const out = join(folder, name)
        await expectEnd(0, folder, ['export', copy, '--what', 'everything', '--out', out])
        for (const file of readdirSync(out)) hold(`${file} holds the private file`, !readFileSync(join(out, file)).includes('SECRET of'))
      })
    },
  },
  {
    name: 'what lies beside a project',
    slow: true,
    run: ({ folder }) =>
      each(NEIGHBOURS, async (put, name) => {
        const own = join(folder, name)
        mkdirSync(own)
        const path = await importProject(own)
        put(path)
        await expectEnd(0, own, ['clean', path, '--off', 'html'])
      }),
  },
  {
    name: 'a user’s file that is named like unfinished work, and lines forged in a note',
    slow: true,
    run: async ({ folder }) => {
      const path = await importProject(folder)
      const mine = [temporaryName(join(folder, 'thesis'), DEAD), join(folder, 'thesis.2024.importing')]
      for (const file of mine) writeFileSync(file, 'years of work')
      const note = { program: 'x', user: 'u\nAll is well.', host: 'other', pid: 1, since: '2026-01-01T00:00:00Z', began: null }
      writeFileSync(join(folder, '.p.reel.open-x'), JSON.stringify(note))
      const text = await expectEnd(3, folder, ['clean', path, '--off', 'html'])
      hold('a line was forged', !text.includes('\nAll is well'))
      for (const file of mine) hold(`${basename(file)} is gone`, existsSync(file))
      return text.trim()
    },
  },
  {
    name: 'pipes as a project and beside one, looked at, salvaged and restored',
    slow: true,
    run: async ({ folder }) => {
      pipe(join(folder, 'pipe.reel'))
      await importProject(folder)
      pipe(join(folder, 'p.reel-journal'))
      return each({ runs: ['pipe.reel'], restore: ['pipe.reel', 'newest'], salvage: ['pipe.reel', '--out', 'a'] }, (args, verb) =>
        reelabel(folder, [verb, ...args]).then(({ code, text }) => hold(`${code}: ${text}`, code === 3)),
      )
    },
  },
  {
    name: 'what is no project in the place of one, looked at and salvaged',
    slow: true,
    run: ({ folder }) =>
      each(NO_PROJECTS, async (put, name) => {
        const path = join(folder, `${name}.reel`)
        put(path)
        for (const args of [
          ['runs', path],
          ['salvage', path, '--out', join(folder, 'out')],
        ])
          await expectEnd(3, folder, args)
      }),
  },
  {
    name: 'a file of 4 GB of zeros, salvaged',
    slow: true,
    run: async ({ folder }) => {
      const path = join(folder, 'zeros.reel')
      writeFileSync(path, '')
      // a sparse file takes no space
      truncateSync(path, 4e9)
      const text = await expectEnd(3, folder, ['salvage', path, '--out', join(folder, 'out')])
      hold(text, text.includes('Nothing of a Reelabel project can be recognised'))
      return 'refused'
    },
  },
  {
    name: 'foreign side files of a project',
    slow: true,
    run: ({ folder }) =>
      each(SIDE_FILES, async ([put, codes], name) => {
        const own = join(folder, name)
        mkdirSync(own)
        const path = await importProject(own)
        put(path)
        const { code, text } = await reelabel(own, ['label', path, 'm0', '--note', 'x'])
        hold(`${code}: ${text}`, codes.includes(code ?? -1))
        if (code === 0) hold('the decision is lost', notesIn(path).join() === 'x')
      }),
  },
  {
    name: 'an export over the project, its source and another file, also through links',
    slow: true,
    run: async ({ folder }) => {
      await importProject(folder)
      await expectEnd(0, folder, ['label', 'p.reel', 'm0', '--note', 'x', '-Drama'])
      writeFileSync(join(folder, 'precious'), 'precious')
      const source = readFileSync(join(folder, 'p.csv'), 'utf8')
      return each(TARGETS, async (targetIn, name) => {
        const { code, text } = await reelabel(folder, ['export', 'p.reel', '--out', targetIn(folder)])
        hold(`${code}: ${text}`, code === 0 || code === 3)
        hold(`${name}: the source was written`, readFileSync(join(folder, 'p.csv'), 'utf8') === source)
        hold(`${name}: another file was written`, readFileSync(join(folder, 'precious'), 'utf8') === 'precious')
        hold(`${name}: the project was written`, notesIn(join(folder, 'p.reel')).join() === 'x')
      })
    },
  },
  {
    name: 'codes of a terminal in everything that is printed',
    slow: true,
    run: async ({ folder }) => {
      const evil = '\u001b]0;owned\u0007\u001b[31m\u009b2J'
      writeFileSync(join(folder, `${evil}.csv`), `id,title,plot,genres\nm0,${evil}t,${evil}a plot that is long enough,Dr${evil}ama\n`)
      const project = join(folder, `p${evil}.reel`)
      await expectEnd(0, folder, ['import', project, join(folder, `${evil}.csv`)])
      await expectEnd(0, folder, ['label', project, 'm0', '--note', `a note ${evil}`])
      return each({ show: ['m0'], history: [], triage: [], runs: [], backups: [], label: ['m7', '--note', evil] }, async (more, verb) => {
        const { code, text } = await reelabel(folder, [verb, project, ...more])
        hold(text, code === 0 || code === 3)
        // eslint-disable-next-line no-control-regex
        hold(`printed by ${verb}`, !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text))
      })
    },
  },
  {
    name: 'looking at a path that is not there makes no folder',
    slow: true,
    run: async ({ folder }) => {
      await expectEnd(3, folder, ['runs', 'no/such/path/p.reel'])
      hold('folders were made', !existsSync(join(folder, 'no')))
      return 'none made'
    },
  },
  {
    name: 'an export in the place of a pipe, a device or a side file of a database',
    slow: true,
    run: async ({ folder }) => {
      await importProject(folder)
      pipe(join(folder, 'pipe'))
      writeFileSync(join(folder, 'x.db'), 'a database')
      return each({ pipe: '', '/dev/null': '', 'p.reel-wal': '', 'p.reel-journal': '', 'x.db-wal': '' }, async (_, target) => {
        await expectEnd(3, folder, ['export', 'p.reel', '--out', target])
        hold('/dev/null is a file', !statSync('/dev/null').isFile())
      })
    },
  },
  {
    name: 'a note of another user in a folder with the sticky bit, and private folders',
    slow: true,
    run: async ({ folder }) => {
      const path = await importProject(folder)
      hold('the data folder can be read by others', (statSync(join(folder, 'data')).mode & 0o077) === 0)
      if (process.getuid?.() !== 0) return 'the data folder is private; another user needs root'
      await killedWindow(folder, path)
      for (const [file, mode] of [
        [folder, 0o1777],
        [path, 0o666],
      ] as const)
        chmodSync(file, mode)
      for (const suffix of ['-wal', '-shm']) if (existsSync(path + suffix)) chmodSync(path + suffix, 0o666)
      mkdirSync(join(folder, 'data-of-65534'))
      chmodSync(join(folder, 'data-of-65534'), 0o777)
      const { code, text } = await reelabel(folder, ['runs', path], 65534)
      hold(text, code === 0)
      return 'the data folder is private; the other user opens the project'
    },
  },
  {
    name: 'another project in the place of an open one',
    slow: true,
    run: ({ folder }) =>
      replacing(
        folder,
        async (own, path, replace) => {
          const engine = await Engine.start({ dataDir: join(own, 'window'), open: path, spawn: forkProcess, remembers: false })
          try {
            await noted(engine, 'mine 1')
            replace()
            const refused = await noted(engine, 'mine 2').then(
              () => false,
              (error: unknown) => error instanceof UserError,
            )
            hold('a decision was confirmed', refused)
          } finally {
            await engine.close()
          }
        },
        (own, how) => (how === 'copied into it' ? hasLogAside(own) : notesIn(join(own, 'mine rescued.reel')).join() === 'mine 1'),
      ),
  },
  {
    name: 'another project in the place of one whose window was killed',
    slow: true,
    run: ({ folder }) =>
      replacing(
        folder,
        async (own, path, replace) => {
          await killedWindow(own, path)
          replace()
        },
        hasLogAside,
      ),
  },
  {
    name: 'random values in random columns',
    slow: true,
    run: async ({ folder }) => {
      const sound = await importProject(folder)
      await expectEnd(0, folder, ['label', sound, 'm0', '+Drama', '--note', 'odd', '--reviewed'])
      let opened = 0
      const raw: string[] = []
      for (let seed = 1000; seed < 1010; seed++) {
        const path = join(folder, `${seed}.reel`)
        copyFileSync(sound, path)
        const what = spoil(path, seed)
        const engine = await Engine.start({ dataDir: join(folder, 'window'), open: path, spawn: forkProcess, remembers: false }).catch(
          (error: unknown) => {
            if (!(error instanceof UserError)) raw.push(`${what}: ${String(error)}`)
            return null
          },
        )
        if (!engine) continue
        opened++
        raw.push(...(await rawErrors(engine, [...CALLS])).map((text) => `${what}: ${text}`))
        await engine.close()
      }
      hold(raw.join('; '), raw.length === 0)
      return `${opened} of 10 opened, the others refused; no raw error`
    },
  },
]

/** Windows has no pipes with names, and renames nothing over a file that is open. */
export const attacks = process.platform === 'win32' ? [] : all
