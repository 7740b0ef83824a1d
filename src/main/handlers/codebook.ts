/** The codebook: its entries are kept in all their versions, and its rules are evidence on labels. */
import {
  currentEntries,
  MAX_VERSIONS,
  rulesIn,
  ruleText,
  type CODEBOOK_METHODS,
  type CodebookCounts,
  type CodebookEntry,
  type CodebookVersion,
} from '../../contract/codebook.ts'
import { UserError } from '../../contract/errors.ts'
import { genreTerm } from '../../contract/filter.ts'
import { genreOfEntry } from '../catalogue/codebook.ts'
import { timeAfter } from '../store/changes.ts'
import type { Workspace } from '../workspace.ts'
import type { Context, Handlers } from './context.ts'

export function codebookHandlers(c: Context): Handlers<typeof CODEBOOK_METHODS> {
  return {
    'codebook.get': () => {
      const w = c.workspace()
      const { genres } = w.catalogue
      return { entries: currentEntries(versionsOf(w)).map((entry) => ({ ...entry, id: genreOfEntry(genres, entry.genre)?.id ?? null })) }
    },
    'codebook.counts': async () => {
      const w = c.workspace()
      const counted = async (field: 'outdated' | 'breaks', genre: string): Promise<number> =>
        (await w.index.matching(genreTerm(field, genre))).count()
      const counts: Record<string, CodebookCounts> = {}
      for (const entry of currentEntries(versionsOf(w))) {
        const genre = genreOfEntry(w.catalogue.genres, entry.genre)
        if (genre) counts[entry.genre] = { outdated: await counted('outdated', genre.name), breaks: await counted('breaks', genre.name) }
      }
      return counts
    },
    'codebook.versions': ({ genre }) =>
      versionsOf(c.workspace())
        .filter((version) => version.genre === genre)
        .reverse(),
    'codebook.set': async ({ entries, wording }) => {
      const w = c.workspace()
      const { store, catalogue } = w
      const known = (name: string): string => genreOfEntry(catalogue.genres, name)?.name ?? name
      const wanted = entries.map((entry) => withNames(entry, known))
      const last = store.changes.lastBatch()
      const at = timeAfter(store.changes.batch(last)?.at ?? null)
      const changed: string[] = []
      store.transaction(() => {
        const before = versionsOf(w)
        const versions = [...before]
        for (const entry of wanted) {
          const old = versions.findLast(({ genre }) => genre === entry.genre)
          if (old && same(old, entry)) continue
          changed.push(entry.genre)
          versions.push({ ...entry, version: (old?.version ?? 0) + 1, at, who: c.who(), wording })
        }
        checkRules(currentEntries(versions))
        if (versions.length > MAX_VERSIONS)
          throw new UserError('bad-codebook', `The codebook would have more than ${MAX_VERSIONS} versions. Nothing was changed.`)
        if (changed.length > 0) store.meta.set('codebook', versions)
      })
      if (changed.length > 0) {
        // rules are evidence on labels
        await w.reloadRunInTurns()
        c.emit('changed', { what: 'catalogue' })
      }
      const named = wanted.flatMap(({ genre, parent, implies, excludes }) => [genre, ...(parent === null ? [] : [parent]), ...implies, ...excludes]) // prettier-ignore
      return { changed, unknown: [...new Set(named)].filter((name) => !genreOfEntry(catalogue.genres, name)) }
    },
  }
}

const versionsOf = (w: Workspace): readonly CodebookVersion[] => w.store.meta.get('codebook') ?? []

/** The entry with the names of the catalogue's genres, each once. */
function withNames(entry: CodebookEntry, known: (name: string) => string): CodebookEntry {
  const names = (list: readonly string[]): string[] => [...new Set(list.map(known))]
  const { genre, parent, implies, excludes } = entry
  return {
    ...entry,
    genre: known(genre),
    parent: parent === null ? null : known(parent),
    implies: names(implies),
    excludes: names(excludes),
  }
}

const same = (a: CodebookEntry, b: CodebookEntry): boolean =>
  (Object.keys(b) as (keyof CodebookEntry)[]).every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]))

/** @throws UserError `bad-codebook` if a movie with some genre would break a rule whatever its other labels are */
function checkRules(entries: readonly CodebookEntry[]): void {
  const refuse = (why: string): never => {
    throw new UserError('bad-codebook', `${why} Nothing was changed.`)
  }
  const rules = rulesIn(entries)
  for (const rule of rules) if (rule.genre === rule.other) refuse(`"${ruleText(rule)}" is about one genre: name another one.`)
  for (const { genre } of entries) {
    const implied = new Set([genre])
    for (const each of implied) for (const rule of rules) if (rule.kind === 'implies' && rule.genre === each) implied.add(rule.other)
    const broken = rules.find(({ kind, genre: a, other }) => kind === 'excludes' && implied.has(a) && implied.has(other))
    if (broken)
      refuse(`No movie could have ${genre}: it implies ${[...implied].slice(1).join(', ') || 'nothing'}, and "${ruleText(broken)}".`)
    const line = [genre]
    for (let at = parentOf(entries, genre); at !== null; at = parentOf(entries, at)) {
      if (line.includes(at)) refuse(`${[...line, at].join(' is below ')}: a genre cannot be above itself.`)
      line.push(at)
    }
  }
}
const parentOf = (entries: readonly CodebookEntry[], genre: string): string | null =>
  entries.find((entry) => entry.genre === genre)?.parent ?? null
