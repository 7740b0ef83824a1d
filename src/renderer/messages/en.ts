/**
 * Every text of the window that a user can read or hear, in English. One section per screen or concept; a leaf is a string, or a function of
 * typed parameters. Sentences start with a capital letter and end with a full stop; a button says what it does.
 */
import {
  GENRE_SEPARATORS,
  ENCODING_NAMES,
  wordEvidence,
  type BytePlace,
  type Delimiter,
  type Encoding,
  type EvidenceWording,
  type GenreSeparator,
  type ImportForecast,
  type ReasonWording,
} from '../../contract/importing.ts'
import type { Bin } from '../../contract/error-analysis.ts'
import type { AnswerableScores, ChangeEntry } from '../../contract/records.ts'
import type { Health, SuspectConfig } from '../../contract/suspects.ts'
import { STRATEGIES, type CalibrationChange } from '../../contract/thresholds.ts'
import { bytes, count, day, duration, figure, memory, percent, plural, signed } from './format.ts'

const movies = (n: number): string => plural(n, { one: '# movie', other: '# movies' })
const genres = (n: number): string => plural(n, { one: '# genre', other: '# genres' })
const records = (n: number): string => plural(n, { one: '# record', other: '# records' })
const files = (n: number): string => plural(n, { one: '# file', other: '# files' })
const corrections = (n: number): string => plural(n, { one: '# correction', other: '# corrections' })
const decisions = (n: number): string => plural(n, { one: '# decision', other: '# decisions' })
/** For use within a sentence: `Added Drama to X` becomes `added Drama to X`. */
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
const perMinute = (rate: number): string => `${rate.toFixed(rate < 10 ? 1 : 0)} per minute`
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
/** `42.3%`, `0.31%`: a rate that is known more exactly than {@link percent} tells. */
const points = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1)}%`
const parts = { test: 'test part', valid: 'validation part', oof: 'training part, out of fold' }

const encodings: Readonly<Record<Encoding, string>> = {
  ...ENCODING_NAMES,
  'utf-16le': 'UTF-16, little-endian',
  'utf-16be': 'UTF-16, big-endian',
  'iso-8859-1': 'Latin-1 (ISO 8859-1)',
}
const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`
const place = ({ byte, offset }: BytePlace): string => `byte ${hex(byte)} at offset ${count(offset)}`
const looksLike = (encoding: string | null): string =>
  encoding === null ? '' : `. If the letters look wrong, the file may be ${encoding}: choose that encoding, or save it as UTF-8`
const evidence: EvidenceWording = {
  'byte-order-mark': ({ encoding }) => `${encodings[encoding]}, by its byte order mark`,
  'zero-bytes': ({ encoding, percent: share, position }) =>
    `${encodings[encoding]}: ${share}% of the ${position} bytes of all pairs are zero`,
  ascii: () => 'UTF-8 (only ASCII characters)',
  'valid-utf-8': () => 'UTF-8: all bytes are valid',
  'valid-beginning': ({ megabytes }) => `UTF-8: the first ${count(megabytes)} MB are valid`,
  'mostly-utf-8': ({ invalid, first }) =>
    `UTF-8 with ${plural(invalid, { one: '# invalid byte', other: '# invalid bytes' })}, first ${place(first)}. These records are rejected unless you fix garbled text`,
  letters: ({ encoding, at }) =>
    `${encodings[encoding]}, by its letters: ${place(at)} is not UTF-8. If they look wrong, choose another encoding`,
  'not-windows-1252': ({ at, firstInvalid, similarTo }) =>
    `${encodings['iso-8859-1']}: ${place(at)} does not exist in Windows-1252, and ${place(firstInvalid)} is not UTF-8${looksLike(similarTo)}`,
  'windows-1252': ({ at, character, inLatin1, similarTo }) =>
    `Windows-1252: ${place(at)} is “${character}”${inLatin1 ? ', as in Latin-1,' : ''} and is not UTF-8${looksLike(similarTo)}`,
}
const separators: Readonly<Record<Delimiter, string>> = {
  ',': 'Comma',
  ';': 'Semicolon',
  '\t': 'Tab',
  '|': 'Vertical bar',
  ', ': 'Comma and space',
  '; ': 'Semicolon and space',
  ' ::: ': 'Three colons between spaces',
  ':::': 'Three colons',
  '::': 'Two colons',
}
const separatedGenres = Object.fromEntries(Object.entries(GENRE_SEPARATORS).map(([name, text]) => [name, `Drama${text}Comedy`])) as Record<
  GenreSeparator,
  string
>
/** Why an import plan is as it is. Beside a column its name is shown already. */
const reasons: ReasonWording = {
  'memory-damaged': ({ file }) => `Your settings of earlier imports could not be read (${file} is damaged or of a newer version).`,
  remembered: ({ at }) => `Using your settings of ${day(at)} for this header.`,
  format: ({ by, columns }) =>
    ({
      choice: 'As chosen',
      columns: `By the columns ${columns.join(', ')}`,
      'no-other': 'No known format has these columns',
    })[by],
  csv: ({ file, delimiter, escape, columns, records: all, alike }) =>
    `${file}: ${separators[delimiter]}. ${
      columns < 2 ? 'One column.' : `${count(alike)} of the first ${records(all)} have the ${count(columns)} cells of the header.`
    }${escape === '\\' ? ' Quotes inside cells are written \\".' : ''}`,
  sheet: ({ file, rows }) => `${file}: ${plural(rows, { one: '# row', other: '# rows' })} of an Excel sheet.`,
  'table-kind': ({ file, kind }) =>
    `${file}: ${{ json: 'a JSON list of objects', jsonl: 'JSON objects, one after another', parquet: 'a Parquet table' }[kind]}.`,
  encoding: ({ file, chosen, evidence: found }) =>
    chosen === null
      ? `${file}: ${wordEvidence(evidence, found)}.`
      : `${file}: ${encodings[chosen]}, as chosen. Detected: ${wordEvidence(evidence, found)}.`,
  'no-header': ({ file, because, cell }) =>
    `${file}: no column names, because the first row contains ${because === 'number' ? `the number ${cell}` : `“${cell}…”`}. The columns are called column 1, column 2 and so on.`,
  'header-line': ({ file, line }) => `${file}: the table begins in line ${count(line)}. The lines above are kept and are not imported.`,
  joined: ({ file, role }) => `${file}: a list of ${role}, joined by id.`,
  'left-out': ({ file, unlike }) => `${file} is left out: its columns are not those of ${unlike}.`,
  hidden: ({ file }) => `${file} is left out: its workbook hides it.`,
  unreadable: ({ message }) => `Left out: ${message}`,
  plot: ({ characters, tags }) =>
    `${plural(characters, { one: '# character', other: '# characters' })} on average${tags ? ', with HTML tags, which cleaning can remove' : ''}`,
  genres: ({ perCell, examples }) => `${perCell.toFixed(1)} on average, such as ${examples.join(', ')}`,
  'genre-columns': ({ columns, perMovie, examples }) =>
    `${perMovie.toFixed(1)} per movie on average: ${examples.join(', ')}${columns > examples.length ? ` and ${count(columns - examples.length)} more` : ''}`,
  title: ({ column }) => (column === null ? 'Movies have no title' : ''),
  id: ({ column, repeats, of, joined }) => {
    if (column === null) return joined ? 'Rows with the same title and plot are one movie' : 'Movies are numbered row-1, row-2, …'
    if (repeats === 0) return 'Unique in the first records'
    return `Not unique: ${count(repeats)} of the first ${count(of)} repeat an earlier one; ${
      joined ? 'their rows are joined' : 'the second movie of an id is called ID#2, the third ID#3'
    }`
  },
  split: () => 'Kept as it is',
  'filter-column': ({ filter, column }) => `${filter === 'year' ? 'Years' : 'Types'}: ${column}, for filters of cleaning.`,
  rejected: ({ count: n, of, whole, reasons: whys }) => {
    const [first, ...others] = whys
    const more = others.reduce((sum, other) => sum + other.count, 0)
    return `${count(n)} of ${counted(of, whole, records)} will be rejected: ${first?.why ?? ''}${more > 0 ? ` (${count(more)} for other reasons)` : ''}.`
  },
  incomplete: ({ lacks, count: n, of, whole }) =>
    `${count(n)} of ${counted(of, whole, movies)} ${plural(n, { one: 'has', other: 'have' })} no ${lacks} and will be removed by cleaning.`,
  'joined-names': ({ example, names, separator }) =>
    `“${example}” and ${plural(names - 1, { one: '# other name', other: '# other names' })} look like several genres each. If they are, choose the genre format “${separatedGenres[separator]}”.`,
  'numbered-genres': ({ examples }) =>
    `The genres are numbers, such as ${examples.join(', ')}. Choose a file with their names under “Genres”, or name them in the rule “Genre table” of the Clean screen.`,
  'same-genres': ({ genres: names }) =>
    `Every movie has the same ${plural(names.length, { one: 'genre', other: 'genres' })} (${names.slice(0, 5).join(', ')}): a model can learn nothing from them.`,
}
/** `52 records`, `the first 52 records`. */
function counted(n: number, whole: boolean, name: (n: number) => string): string {
  return whole ? name(n) : `the first ${name(n)}`
}

type Change = { readonly difference: number; readonly low: number; readonly high: number }

export const en = {
  /** Words that several screens share. */
  common: {
    close: 'Close',
    cancel: 'Cancel',
    tryAgain: 'Try again',
    /** In the place of an empty cell. */
    none: '–',
    /** Part of a file's name where the project has none. */
    fileName: 'movies',
    projectFileName: 'project',
    counting: 'Counting…',
    loading: 'Loading…',
    nothing: 'none',
    genre: 'Genre',
    movies,
    genres,
    records,
    files,
  },

  /** Header, navigation, project menu, keyboard shortcuts, first steps. */
  shell: {
    appName: 'Reelabel',
    windowTitle: (screen: string, project: string) => `${screen} – ${project}`,
    screens: 'Screens',
    titles: {
      import: 'Import',
      clean: 'Clean',
      overview: 'Overview',
      review: 'Review',
      audit: 'Audit',
      errors: 'Errors',
      slices: 'Slices',
      train: 'Train',
      thresholds: 'Thresholds',
      try: 'Try',
      export: 'Export',
    },
    skip: 'Skip to the content',
    undo: 'Undo',
    redo: 'Redo',
    failedTitle: 'This screen failed to load',
    failedText: (error: string) => `Your decisions are saved. The error: ${error}`,
    keys: {
      title: 'Keyboard shortcuts',
      tooltip: 'Keyboard shortcuts (?)',
      key: 'Key',
      action: 'Action',
      genres: 'Genres',
      genresHelp: 'In Review, one key adds or removes a genre of the selected movie.',
      without: (n: number) =>
        plural(n, { one: '# genre has no key.', other: '# genres have no key.' }) +
        ' Choose the genres of the digits by typing their names.',
      digit: (digit: string) => `Key ${digit}`,
    },
    project: {
      button: (name: string | null) => `Project: ${name ?? 'none'}`,
      none: 'No project',
      list: 'Projects',
      openSample: 'Open the sample project',
      import: 'Import files…',
      current: 'This project',
      update: 'Update from files…',
      backups: 'Backups…',
      saveAs: 'Save a copy…',
      others: (programs: readonly string[]) =>
        `This project is also open in another program: ${programs.join('; ')}. Labels can be changed in both; other work needs the project to itself.`,
      exportAll: 'Export everything…',
      openFile: 'Open a project file…',
      openFileBrowser: 'In a browser: reelabel serve P.reel',
      rename: 'Rename…',
      delete: 'Delete…',
      asked: {
        renameTitle: (name: string) => `Rename “${name}”`,
        name: 'Name of the project',
        rename: 'Rename',
        deleteTitle: (name: string) => `Delete “${name}”?`,
        deleteText: (n: number) =>
          `The project with ${movies(n)}, all decisions, runs and backups leaves the list. Its files are moved to the folder “deleted” inside the projects folder, from which you can put them back.`,
        delete: 'Delete the project',
        deleted: (name: string, path: string) => `“${name}” is deleted. Until you remove it there, it is kept as ${path}.`,
        restore: 'Put it back',
      },
    },
    firstSteps: {
      title: 'First steps',
      close: 'Close the first steps',
      steps: [
        { name: 'Import', text: 'your file.' },
        { name: 'Train', text: 'a model.' },
        { name: 'Review', text: 'the doubtful labels.' },
        { name: 'Retrain', text: 'and compare.' },
        { name: 'Export', text: 'the cleaned catalogue.' },
      ],
    },
  },

  /** The connection to the engine, and how it ended. */
  connection: {
    stopped: 'Reelabel has stopped',
    stoppedText: (reason: string) => `${reason} Reconnect to continue. Everything shown as saved is safe.`,
    stoppedPage: 'Everything shown as saved is safe. Restart Reelabel and open the address it prints.',
    reconnect: 'Reconnect',
    tryAddress: 'Try this address again',
    noToken: 'This address is incomplete',
    noTokenText: 'Open the whole address that Reelabel printed when it started.',
    unreachable: 'Can’t reach Reelabel',
    unreachableText:
      'Check that Reelabel is running and that this is the address it printed last. If not, restart it and open the address it prints.',
    failed: 'Reelabel could not start',
    otherProject: 'Another project was opened in the meantime.',
    tooLarge: (megabytes: number) => `This is more than ${megabytes} MB, too much for one step. Do it in smaller parts.`,
  },

  /** Background work: names, phases, ends. */
  jobs: {
    /** Shown while a job of this kind runs. */
    names: {
      import: 'Importing',
      clean: 'Cleaning',
      preview: 'Counting',
      compare: 'Comparing',
      merge: 'Updating',
      repair: 'Adding records',
      train: 'Training',
      retrain: 'Retraining',
      recipe: 'Running a recipe',
      suspects: 'Searching for suspects',
      faithfulness: 'Measuring explanations',
      backup: 'Backing up',
      restore: 'Restoring',
      copy: 'Copying',
      salvage: 'Salvaging',
      export: 'Exporting',
      everything: 'Exporting everything',
      download: 'Downloading a model',
      'export-model': 'Exporting a model',
    },
    cancel: {
      title: 'Cancel the training?',
      text: (elapsedMs: number) => `It has run for ${duration(elapsedMs)}. A cancelled training keeps no result and cannot be resumed.`,
      keep: 'Keep training',
      confirm: 'Cancel the training',
    },
  },

  /** Undo, redo, and the history of decisions. */
  sweep: {
    open: 'Sweep a genre',
    another: 'Sweep another genre',
    help: 'One question for each doubtful movie of a genre: has it the genre?',
    column: 'Sweep',
    of: (genre: string) => `Sweep ${genre}`,
    title: (genre: string) => `Sweep: ${genre}`,
    end: 'Back to the list',
    progress: (answered: number, total: number, changed: number, rate: number | null) =>
      `${count(answered)} of ${movies(total)} answered, ${plural(changed, { one: '# label changed', other: '# labels changed' })}${rate === null ? '' : `, ${perMinute(rate)}`}`,
    given: (genre: string, given: boolean) => (given ? `It is labelled ${genre}.` : `It is not labelled ${genre}.`),
    doubt: {
      suspects: (p: string) => `${p} that this is wrong.`,
      model: (p: string) => `The model contradicts it by ${p} (50% is its threshold).`,
    },
    because: (reasons: readonly string[]) => `${sentence(reasons.join('; '))}.`,
    question: (genre: string) => `Is it ${genre}?`,
    yes: 'Yes',
    no: 'No',
    notSure: 'Not sure',
    labels: (names: readonly string[]) => `All its genres: ${names.join(', ') || 'none'}`,
    none: (genre: string) => `No movie is doubtful for ${genre}`,
    noneHelp: 'Movies that are reviewed, and labels that you decided, are not asked about.',
    done: (genre: string) => `The sweep of ${genre} is done`,
    doneHelp: (answered: number, changed: number, open: number) =>
      `${movies(answered)} answered, ${plural(changed, { one: '# label', other: '# labels' })} changed${open > 0 ? `, ${count(open)} left without an answer` : ''}.`,
    again: (n: number) => plural(n, { one: 'Go through # again', other: 'Go through # again' }),
    answers: {
      yes: (movie: string, genre: string) => `“${movie}” is ${genre}`,
      no: (movie: string, genre: string) => `“${movie}” is not ${genre}`,
    },
    why: (genre: string) => `Sweep of ${genre}`,
    keys: {
      yes: 'Sweep: the movie has the genre',
      no: 'Sweep: it does not have the genre',
      next: 'Sweep: not sure, next movie',
      previous: 'Sweep: previous movie',
      end: 'Sweep: back to the list',
    },
  },
  labels: {
    undid: (what: string) => `Undid: ${lowerFirst(what)}`,
    redid: (what: string) => `Redid: ${lowerFirst(what)}`,
    /** Entries of the change log; `movie` is its title. */
    accepted: {
      add: (movie: string, genre: string) => `Added ${genre} to “${movie}”`,
      remove: (movie: string, genre: string) => `Removed ${genre} from “${movie}”`,
      impossible: (movie: string, genre: string) => `Marked ${genre} as impossible for “${movie}”`,
      replace: (movie: string, removed: string, added: string) => `Replaced ${removed} by ${added} for “${movie}”`,
    },
    /** The reason in the change log of a decision on a suggestion. */
    suggested: (suggestion: string, pWrong: number | null) =>
      pWrong === null ? `Suggested: ${suggestion}` : `Suggested: ${suggestion} (${percent(pWrong)} that the label is wrong)`,
    possible: (movie: string, genre: string) => `Cleared “impossible” on ${genre} for “${movie}”`,
    acceptedAll: (movie: string) => `Accepted the suggestions for “${movie}”`,
    kept: (movie: string) => `Kept the labels of “${movie}”`,
    keptOne: (movie: string, genre: string) => `Kept ${genre} as it is on “${movie}”`,
    marks: {
      reviewed: {
        on: (movie: string) => `Marked “${movie}” as reviewed`,
        off: (movie: string) => `Marked “${movie}” as not reviewed`,
      },
      skipped: { on: (movie: string) => `Skipped “${movie}”`, off: (movie: string) => `Brought back “${movie}”` },
      flagged: { on: (movie: string) => `Flagged “${movie}”`, off: (movie: string) => `Removed the flag from “${movie}”` },
    },
    broughtBack: (n: number) => `Brought back ${movies(n)}`,
    note: (movie: string) => `Added a note to “${movie}”`,
    noteRemoved: (movie: string) => `Removed the note from “${movie}”`,
  },

  /** What runs, their models and their parts are called. */
  runs: {
    name: (id: number) => `Run ${id}`,
    nameWithModel: (id: number, model: string) => `Run ${id} (${model})`,
    linear: 'Linear',
    ensemble: { mean: (runs: string) => `Mean of runs ${runs}`, stack: (runs: string) => `Stack of runs ${runs}` },
    small: 'Small transformer',
    modes: { lora: 'LoRA', head: 'head only', top: 'top layers', full: 'full' },
    topLayers: (n: number) => plural(n, { one: 'top layer', other: 'top # layers' }),
    architectures: { bert: 'BERT', distilbert: 'DistilBERT', llama: 'Llama' },
    parameters: (n: number) => plural(n, { one: '# parameter', other: '# parameters' }),
    millionParameters: (n: string) => `${n} million parameters`,
    billionParameters: (n: string) => `${n} billion parameters`,
    parts: {
      final: 'Final model',
      fold: (fold: number) => `Fold ${fold + 1}`,
      warmUp: (fold: number | null) => (fold === null ? 'Warm-up' : `Warm-up, fold ${fold + 1}`),
    },
    exportFolder: (id: number, what: string) => `Run ${id} ${what}`,
    noExplanation: 'Train a model to see the words for and against a genre.',
  },

  import: {
    purpose: 'What the files are for',
    newProject: 'New project',
    update: 'Update this project',
    updateHelp: (project: string) => `New, changed and missing movies of “${project}”`,
    done: (project: string, n: number) => `“${project}” is imported: ${movies(n)}.`,
    open: 'Open',
    next: 'Next:',
    checkCleaning: 'check the cleaning',
    trainModel: 'train a model',
    drop: {
      label: 'Files to import',
      text: 'Drop files anywhere in the window, or',
      choose: 'Choose files…',
      input: 'Files',
      help: 'CSV, TSV, JSON, JSON Lines, Parquet or Excel, also in .gz or .zip; several at once if they belong together. Your files are only read, never changed.',
    },
    uploads: {
      label: 'Chosen files',
      reading: (name: string) => `Reading ${name}`,
      remove: (name: string) => `Remove ${name}`,
    },
    detect: 'Detect',
    detected: (value: string) => `Detected: ${value}`,
    plan: {
      detectAgain: 'Detect again',
      notReady: 'Not ready to import',
      warnings: 'Before you import',
      forecast: ({ records: n, movies: made, whole }: ImportForecast) =>
        `${sentence(counted(n, whole, records))} will become ${movies(made)}.`,
      format: 'Format',
      genreFormat: 'Genre format',
      genreColumns: 'Genre columns',
      addColumn: 'Add a column…',
      columns: {
        plot: 'Plot column',
        genres: 'Genres column',
        title: 'Title column',
        id: 'Id column',
        split: 'Split column',
      },
      noColumn: { plot: 'None', genres: 'None', title: 'None', id: 'None (use row numbers)', split: 'None (create one)' },
    },
    reasons,
    formats: {
      '9000-movies': '9000+ Movies Dataset',
      'imdb-by-genre': 'IMDb by genre, one file per genre',
      'movies-dataset': 'The Movies Dataset',
      'letterboxd-three': 'Letterboxd, three files',
      'letterboxd-one': 'Letterboxd, one file',
      table: 'Generic table',
      'joined-tables': 'Plots and genres in two tables, joined by id',
    },
    genreFormats: {
      ...separatedGenres,
      'line-break': 'Drama ↵ Comedy',
      json: 'JSON list',
      python: 'Python list',
      single: 'One genre',
      long: 'One row per movie and genre',
      'one-hot': 'One column per genre',
    },
    preview: {
      title: 'Preview',
      id: 'Id',
      name: 'Title',
      genres: 'Genres',
      plot: 'Plot',
      empty: 'No movie could be read with these settings.',
      rejected: 'Rejected records',
      line: 'Line',
      why: 'Reason',
      text: 'Text',
    },
    files: {
      title: 'File settings',
      tables: (n: number) => plural(n, { one: '# table', other: '# tables' }),
      tablesToImport: 'Tables to import',
      encoding: 'Encoding',
      separator: 'Separator',
      header: 'First row',
      headers: { yes: 'Column names', none: 'Data' },
      headerLine: 'Table begins in line',
      file: 'File',
      contents: 'Contents',
      type: 'Type',
      columns: 'Columns',
      size: 'Size',
      roles: { movies: 'Movies', genres: 'Genres', themes: 'Themes' },
      types: { csv: 'CSV', json: 'JSON', jsonl: 'JSON Lines', parquet: 'Parquet', xlsx: 'Excel' },
      packings: { none: '', gzip: ' in .gz', zip: ' in .zip' },
      withBom: (encoding: string) => `${encoding} with BOM`,
      encodings,
      separators,
      details: 'Details',
      detailsNote: 'How the files were read, and why',
    },
    genres: {
      title: 'Genres',
      note: (n: number, unusual: number, { records: of, whole }: Pick<ImportForecast, 'records' | 'whole'>) =>
        `${genres(n)} in ${counted(of, whole, records)}${unusual === 0 ? '' : `, ${count(unusual)} to check`}`,
      protected: 'Genres whose name contains the separator',
      times: (n: number, why: string) => `${plural(n, { one: '# time', other: '# times' })}; ${why}`,
      names: 'Names of genres',
      chooseNames: 'Names of genres from a file…',
      namesHelp: 'For genres that are ids: a table with the columns id and name, or JSON such as {"28": "Action"}.',
      withoutNames: 'Do not use it',
      noneProtected: 'None: every separator separates two genres.',
      detectAgain: 'Detect again',
      search: 'Search genres',
      searchPlaceholder: 'Search',
      protect: 'Treat as one genre',
      protectLabel: 'A genre name that contains the separator',
      protectPlaceholder: 'Arts, Entertainment, and Culture',
      table: 'Genres of the records',
      genre: 'Genre',
      records: 'Records',
      renamed: 'Renamed to',
      check: 'Check',
      dropped: 'Dropped',
      notFound: 'No genre matches.',
      more: (n: number) => `Show more (${count(n)} left)`,
      help: 'You can merge, split and drop genres on the Clean screen after the import, with a preview.',
    },
    repairs: {
      title: 'Repairs',
      note: (problems: number, rejected: number, { records: of, whole }: Pick<ImportForecast, 'records' | 'whole'>) =>
        problems + rejected === 0
          ? `No problems in ${counted(of, whole, records)}`
          : `In ${counted(of, whole, records)}: ${[
              problems > 0 ? plural(problems, { one: '# problem to fix', other: '# problems to fix' }) : '',
              rejected > 0 ? plural(rejected, { one: '# record rejected', other: '# records rejected' }) : '',
            ]
              .filter((part) => part !== '')
              .join(', ')}`,
      names: {
        mojibake: { label: 'Fix garbled text', help: 'Text was read in the wrong encoding: “PokÃ©mon” becomes “Pokémon”.' },
        torn: { label: 'Rejoin split records', help: 'A line break inside a cell split them.' },
        'broken-quotes': {
          label: 'Fix broken quotes',
          help: 'A conversion broke quotes or separators. Cells are rebuilt where that is safe.',
        },
      },
      places: (n: number) => plural(n, { one: '# place', other: '# places' }),
      placesIn: (n: number, file: string) => `${plural(n, { one: '# place', other: '# places' })} in ${file}`,
      line: (line: number) => `Line ${count(line)}`,
      help: 'Rejected records are kept: you can edit them and try again. The import log lists every entry by line.',
      examples: (n: number) => plural(n, { one: 'This entry is an example.', other: 'These # entries are examples.' }),
    },
    log: {
      title: 'Import log',
      entries: (n: number) => plural(n, { one: '# entry', other: '# entries' }),
      times: (n: number) => plural(n, { one: '# time', other: '# times' }),
      group: (kind: string, why: string) => `${kind}: ${why}`,
      kinds: { repaired: 'Repaired', rejected: 'Rejected', padded: 'Padded', 'renamed-column': 'Column renamed' },
      line: (file: string, line: number) => `${file}, line ${count(line)}`,
      lines: (file: string, from: number, to: number) => `${file}, lines ${count(from)} to ${count(to)}`,
    },
    start: {
      label: 'Start the import',
      name: 'Project name',
      cleaning: 'Cleaning',
      defaultRules: 'Default rules',
      ruleSet: (name: string) => `Rule set: ${name}`,
      help: 'You can change every rule later on the Clean screen. Nothing is lost.',
    },
    bar: {
      label: 'Import or start over',
      import: 'Import',
      /** Where much would be lost, the button says what remains. */
      importRest: ({ records: n, movies: made, whole, noPlot, noGenre, rejected }: ImportForecast) => {
        const lost = rejected.reduce((sum, { count: some }) => sum + some, 0)
        if (!whole) return 'Import anyway'
        if (lost > 0) return `Import ${count(n - lost)} of ${records(n)}`
        return `Import ${movies(made)}, ${noGenre > noPlot ? `${count(noGenre)} without a genre` : `${count(noPlot)} without a plot`}`
      },
      compare: 'Compare',
      update: 'Update the project',
      updateAnyway: 'Update with the rest',
      startOver: 'Start over',
      importing: 'Importing…',
      comparing: 'Comparing…',
      updating: 'Updating…',
      notChanged: 'Nothing has changed yet.',
      compareFirst: 'Comparing changes nothing.',
    },
    missing: {
      reading: 'Reading the files…',
      problemFile: 'Remove the marked file to continue.',
      problems: 'Not ready to import: see above.',
      name: 'Enter a project name.',
    },
    newProjectName: 'New project',
    projectNameOfSeveral: (first: string, others: number) => `${first} and ${count(others)} more`,
    report: {
      title: 'Source files',
      summary: (nRecords: number, nMovies: number, noPlot: number, placeholders: number, noGenre: number) =>
        `${records(nRecords)} became ${movies(nMovies)}; ${count(noPlot)} without a plot, ${placeholders === 0 ? '' : `${count(placeholders)} with a placeholder for one, `}${count(noGenre)} without a genre.`,
      splitFromFile: 'The split comes from the file.',
      splitMade: 'Reelabel made the split; every genre appears in each part where possible.',
      file: 'File',
      records: 'Records',
      rejected: 'Rejected',
    },
  },

  /** Records that an import rejected. */
  rejected: {
    title: 'Rejected records',
    addFixed: (n: number) => (n === 0 ? 'Add fixed records' : plural(n, { one: 'Add # fixed record', other: 'Add # fixed records' })),
    help: 'They could not be read as movies. Nothing is lost: fix a record here and add it.',
    lineOf: (line: number, file: string) => `Line ${count(line)} of ${file}`,
    inList: (file: string, line: number) => `${file}, line ${count(line)}`,
    fixed: 'Fixed',
    edited: 'Edited',
    editor: (line: number) => `The record at line ${count(line)}`,
    header: 'Header:',
    valid: 'The record is valid now.',
    notYet: (why: string) => `Not yet: ${why}`,
    checking: 'Checking…',
    add: 'Add',
    revert: 'Revert',
    joins: 'Adds to the movie',
    creates: 'Creates the movie',
    noGenre: 'no genre',
    cells: 'Cells of the record',
    column: 'Column',
    cell: 'Cell',
    missing: 'Missing',
    moreColumns: (n: number) => plural(n, { one: '# more column.', other: '# more columns.' }),
  },

  /** Updating a project from newer files. */
  merge: {
    title: 'What the update would do',
    added: { label: 'New', help: 'only in the files' },
    changed: { label: 'Changed', help: 'differ from the project' },
    removed: { label: 'Missing', help: 'only in the project' },
    same: { label: 'Unchanged', help: 'nothing to do' },
    notInFiles: (n: number) => plural(n, { one: '# movie is not in the new files', other: '# movies are not in the new files' }),
    keep: { label: 'Keep', help: 'the files add to the project' },
    remove: { label: 'Remove', help: 'the files replace the catalogue; decisions are kept' },
    noCorrections: 'No movie of the project has a correction yet.',
    corrections: (unchanged: number, changed: number, missing: number) =>
      `Corrections stay: ${count(unchanged)} on unchanged movies, ${count(changed)} on changed ones, ${count(missing)} on missing ones.`,
    agreed: (n: number) => `The new files already agree with ${corrections(n)}.`,
    correctionsOf: corrections,
    examples: { changed: 'Examples of changed movies', added: 'Examples of new movies', removed: 'Examples of missing movies' },
    fields: { title: 'Title', plot: 'Plot', genres: 'Genres', columns: 'Other columns' },
    more: (n: number) => `Show ${count(n)} more`,
    backedUp: 'The project is backed up first. “Backups…” in the project menu restores it.',
  },

  clean: {
    kept: (kept: number, all: number) => `${count(kept)} of ${movies(all)} stay.`,
    help: 'The rules run from top to bottom. Nothing is lost: turning a rule off brings back its movies with their labels and verdicts.',
    rules: 'Rules, in the order in which they run',
    loading: 'Reading the rules…',
    addRule: 'Add a rule',
    bar: {
      label: 'Apply the rules',
      preview: 'Preview',
      cancelPreview: 'Cancel preview',
      apply: 'Apply',
      discard: 'Discard changes',
      cleaning: 'Cleaning…',
      counting: (phase: string | null) => (phase === null ? 'Counting…' : `Counting: ${phase}`),
      applied: 'All rules applied.',
      notApplied: 'Not applied yet. Preview counts what would change.',
      difference: (kept: number, all: number, by: number) =>
        by === 0
          ? `${count(kept)} of ${movies(all)} would stay: no change.`
          : `${count(kept)} of ${movies(all)} would stay: ${count(Math.abs(by))} ${by > 0 ? 'more' : 'fewer'} than now.`,
    },
    rule: {
      moveUp: (rule: string) => `Move up: ${rule}`,
      moveUpTooltip: 'Move up (Alt+↑)',
      moveDown: (rule: string) => `Move down: ${rule}`,
      moveDownTooltip: 'Move down (Alt+↓)',
      details: 'Settings and examples',
      detailsOf: (rule: string) => `Settings and examples: ${rule}`,
      remove: 'Remove rule',
      notCounted: 'Preview counts this rule.',
      count: 'Count',
      countThis: (rule: string) => `Count: ${rule}`,
      beforeAndAfter: 'Movies before and after:',
      noMovies: 'No movies',
      removed: (n: number) => `${movies(n)} removed`,
      changed: (n: number) => `${movies(n)} changed`,
      wouldAffect: (n: number) => `Would affect ${movies(n)}`,
      anyChoice: 'Any',
      chooseColumn: 'Choose a column',
    },
    examples: {
      label: (rule: string) => `Examples of ${rule}`,
      removed: 'Examples of removed movies',
      changed: 'Examples of changed movies',
      reason: 'Removed',
      more: (n: number) => `Show ${count(n)} more`,
    },
    duplicates: {
      label: (rule: string) => `${rule}: groups with different genres`,
      title: (groups: number, different: number) =>
        `${plural(groups, { one: '# group', other: '# groups' })} with the same plot, ${count(different)} with different genres`,
      help: 'One movie of each group stays. Open a movie to decide which genres are right.',
      similar: (share: string) => `${share} similar`,
      similarHelp: 'Share of word sequences that the plots have in common',
      first: (n: number) => `The first ${count(n)} are shown.`,
    },
    genres: {
      search: 'Search genres',
      searchPlaceholder: (n: number) => `Search ${genres(n)}`,
      select: 'Select',
      selectThis: (name: string) => `Select ${name}`,
      source: 'Genre in the source',
      movies: 'Movies',
      becomes: 'Becomes',
      becomesOf: (name: string) => `what ${name} becomes`,
      dropped: 'Dropped',
      withOtherRules: (result: string) => `(with the other rules: ${result})`,
      change: (name: string) => `Change what ${name} becomes`,
      done: (name: string) => `Done with ${name}`,
      notKnown: 'The genres have not been counted yet.',
      notFound: 'No genre matches.',
      more: (n: number) => `Show more (${count(n)} left)`,
      summary: (before: number, after: number, changed: number, emptied: number) =>
        `${genres(before)} become ${count(after)}; ${plural(changed, { one: '# movie changes', other: '# movies change' })}, ${count(emptied)} would be left without a genre`,
      actions: 'Change the selected genres',
      selected: (n: number) => `${count(n)} selected:`,
      target: 'Genre',
      targetPlaceholder: 'Genre…',
      merge: 'Merge',
      addParent: 'Add as parent',
      addParentHelp: 'The selected genres stay and get this one in addition',
      drop: 'Drop',
      reset: 'Reset',
    },
    ruleSets: {
      button: 'Rule sets',
      saved: 'Saved rule sets',
      help: 'A rule set is this list of rules with its settings. Saved rule sets are available in every project.',
      on: (n: number) => plural(n, { one: '# rule on', other: '# rules on' }),
      delete: (name: string) => `Delete the rule set ${name}`,
      empty: 'None yet.',
      name: 'Name of the rule set',
      namePlaceholder: 'Name',
      save: 'Save',
      savedNotice: (name: string) => `Saved the rule set “${name}”.`,
      restoreDefaults: 'Restore defaults',
      saveFile: 'Save as file',
      fileName: (project: string) => `${project} cleaning`,
      loadFile: 'Load a file…',
      file: 'Rule set file',
    },
  },

  overview: {
    title: 'Overview',
    summary: (n: number, genreCount: number, correctionCount: number, reviewed: number) =>
      `${movies(n)}, ${genres(genreCount)}, ${corrections(correctionCount)}, ${count(reviewed)} reviewed.`,
    disagreement: (bad: number, impossible: number) =>
      `The model disagrees with at least one label of ${movies(bad)}; in ${count(impossible)} the plot does not support a label. Most disagreements are errors of the model, not of the labels.`,
    oneGenre: (genre: string) => `Every movie has the genre ${genre}: a model can learn nothing from one genre.`,
    wrong: {
      title: 'How many labels are wrong?',
      about: (expected: string, labels: string) => `About ${expected} of ${labels} labels are wrong or missing`,
      range: (low: string, high: string, least: string, most: string) =>
        `(${low} to ${high} by other readings of the same scores, ${least} to ${most} by chance), if wrong labels look like planted errors;`,
      first: (n: string, share: string) => `the first ${n} suspects hold about ${share} of them.`,
      show: 'Show the suspects',
      since: (n: number) => (n === 0 ? 'No decisions since the search.' : `${decisions(n)} since the search.`),
      again: 'Search again',
      search: 'Search for suspects',
      none: 'The labels have not been checked yet',
      noneHelp:
        'The search finds the labels that are probably wrong, says why, and estimates how many there are. Every training ends with it.',
      afterTraining: 'The training ends with a search for suspects.',
      perGenre: 'Wrong labels per genre',
      perGenreHelp:
        'Rough numbers of labels that are wrong or missing. The interval (95%, bootstrap over movies) covers which movies the catalogue happens to have and where errors were planted, not that wrong labels may look unlike planted errors.',
      columns: { movies: 'Movies', wrong: 'Wrong', range: 'Interval', note: 'Note' },
      fromTo: (low: string, high: string) => `${low} to ${high}`,
      unreliable: 'too few movies to rely on',
      learnt: 'What the search has learnt',
      recipe: ({ linear, divisions, neighbours, plantedRate, plantedKinds, family }: SuspectConfig) =>
        `Errors were planted in ${percent(plantedRate)} of the movies to learn how wrong labels look (${plantedKinds.join(', ')}). ${family ? `Run ${family.run} (${family.name}) is a second opinion.` : 'No run of another family gives a second opinion.'} Text model: ${plural(linear.folds, { one: '# fold', other: '# folds' })}, ${plural(divisions, { one: '# division', other: '# divisions' })}, regularisation C ${linear.c}. ${count(neighbours)} similar movies. Seed ${linear.seed}. Log-odds that a label is wrong = intercept + sum of features times weights; a logit is positive where it supports the label:`,
      intercept: 'Intercept',
      planted: ({ errors, called, found }: Health['model']['planted']) =>
        `Of ${count(errors)} planted wrong labels it finds ${percent(found / Math.max(1, errors))}, and ${percent(found / Math.max(1, called))} of what it calls wrong is planted (from a probability of 50% on; each half of the movies by what was learnt from the other). Labels that were wrong before count as right here.`,
      decisions: ({ answers, wrong, offsets }: Health['model']['decisions']) =>
        answers === 0
          ? 'After every 25 answers to suspects it also learns from them.'
          : `From ${plural(answers, { one: '# answer', other: '# answers' })} to suspects (${count(wrong)} were wrong) it has learnt how often each kind of label is wrong here. Most was added to the log-odds of: ${offsets
              .flatMap(({ name, absent, present }) => [
                { label: `missing ${name}`, offset: absent },
                { label: `${name} where it is given`, offset: present },
              ])
              .sort((a, b) => Math.abs(b.offset) - Math.abs(a.offset))
              .slice(0, 5)
              .map(({ label, offset }) => `${label} ${signed(offset)}`)
              .join(', ')}.`,
      /** Facts among the engine's features; the others are sources, which say themselves how they are computed. */
      features: {
        present: 'The movie has the label',
        frequency: 'Frequency of the genre',
        labels: 'Number of labels of the movie',
        aboveWorst: 'Distance to the movie’s most contradicted label',
      } as Readonly<Record<string, string>>,
    },
    left: {
      about: {
        audit: (left: string, low: string, high: string) =>
          `About ${left} wrong labels are left (${low} to ${high}, the 95% interval of the audit less what was changed since).`,
        search: (left: string, low: string, high: string) =>
          `Perhaps ${left} wrong labels are left (${low} to ${high}, a rough range without an audit).`,
      },
      lately: (corrected: number, looked: number) => `Of the last ${movies(looked)} looked at, ${count(corrected)} had one.`,
    },
    history: {
      title: (n: number) => `How this has developed (${plural(n, { one: '# entry', other: '# entries' })})`,
      alt: (n: number) =>
        `Estimated wrong labels and corrections after each of ${count(n)} searches and audits; the table below has the figures.`,
      axis: 'Search or audit',
      table: 'History of the wrong labels',
      series: { search: 'Wrong labels, by the search', audit: 'Wrong labels, by an audit', corrections: 'Corrections' },
      from: { search: 'Search', audit: 'Audit' },
      columns: ['When', 'After', 'Wrong, by the search', 'Wrong, by the audit', 'Labels', 'Reviewed', 'Corrections'],
      estimate: (expected: string, low: string, high: string) => `${expected} (${low} to ${high})`,
    },
    quality: 'How good is the model?',
    measuredOn: (run: number, n: number | null) => `Run ${run}${n === null ? '' : `, ${movies(n)}`}`,
    part: 'Part',
    test: 'Test part',
    outOfFold: 'Out of fold',
    against: 'Measured against',
    corrected: 'Corrected labels',
    source: 'Source labels',
    scores: {
      micro: { name: 'Micro-F1', help: 'Over all pairs of movie and genre' },
      macro: { name: 'Macro-F1', help: 'Mean of the F1 of each genre' },
      jaccard: { name: 'Jaccard', help: 'Mean overlap per movie' },
      hamming: { name: 'Hamming loss', help: 'Share of wrong labels; lower is better' },
      atLeastOne: { name: 'At least one', help: 'Movies with at least one genre right' },
      subset: { name: 'Subset accuracy', help: 'Movies with every genre right' },
    },
    interval: ({ low, high }: { readonly low: number; readonly high: number }) => `${figure(low)} to ${figure(high)}`,
    baselines: (majority: number, always: number) =>
      `Ranges: 95 % bootstrap over the movies. Without a model: micro-F1 ${figure(majority)} if every movie gets the most frequent genre, ${figure(always)} if it gets all of them.`,
    answerable: ({ micro_f1, macro_f1, marked, estimated }: AnswerableScores) =>
      `Without the labels that plots do not carry (${count(marked)} marked by you, ${count(estimated)} estimated): micro-F1 ${figure(micro_f1)}, macro-F1 ${figure(macro_f1)}.${estimated > 0 ? ' The estimate looks only at labels that the model misses, so these are upper bounds.' : ''}`,
    hard: {
      title: 'Genres that plots hardly carry',
      help: 'Less than half of their labels are found in plots. A missing prediction of such a genre says little about the label.',
      share: (carried: string, labels: string, impossible: number) =>
        `${carried} of ${labels} labels found; ${count(impossible)} ${impossible === 1 ? 'is' : 'are'} probably not in the plot`,
    },
    trainingNow: 'The scores appear here when the training is finished. You can use the other screens in the meantime.',
    noModel:
      'Train a model to see which labels it agrees with, which are suspect and which the plot does not support. It runs on this computer.',
    perGenre: 'Per genre',
    perGenreHelp: (r: { readonly movies: number; readonly part: 'test' | 'valid' | 'oof'; readonly labels: 'corrected' | 'source' }) =>
      `Support, precision, recall, F1: ${movies(r.movies)} of the ${parts[r.part]}, ${r.labels} labels. Missing? to Impossible: whole catalogue.`,
    columns: {
      name: { label: 'Genre', help: '' },
      support: { label: 'Support', help: 'Movies with the genre in this part' },
      precision: { label: 'Precision', help: 'Share of the predictions of this genre that are right' },
      recall: { label: 'Recall', help: "Share of the genre's movies that are found" },
      f1: { label: 'F1', help: 'Harmonic mean of precision and recall' },
      threshold: { label: 'Threshold', help: 'Lowest probability at which the genre is predicted' },
      missing: { label: 'Missing?', help: 'Predicted, but not a label' },
      spurious: { label: 'Spurious?', help: 'A label, but not predicted' },
      swapped: { label: 'Swapped?', help: 'Another genre is predicted instead' },
      impossible: { label: 'Impossible', help: 'The plot does not support the label' },
    },
    perGenreChart: 'Movies per genre',
    perGenreAlt: 'Bar chart: movies per genre, source and corrected labels. The table of genres that occur together has the numbers.',
    sourceSeries: 'Source',
    correctedSeries: 'Corrected',
    supportChart: 'F1 against the number of movies',
    supportHelp: 'Common genres that score low are at the bottom right: check their labels first.',
    supportAlt: 'Scatter chart: F1 of each genre against its number of movies. The table above has the numbers.',
    mostFrequent: (n: number, of: number) => `The figures below show the ${count(n)} most frequent of ${count(of)} genres.`,
    showAll: (n: number) => `Show all ${count(n)} genres`,
    together: 'Genres that occur together',
    togetherHelp:
      'Movies with both genres, corrected labels. Darker: a larger share of the rarer genre. A number opens the movies with both.',
    pair: (row: string, column: string | null, n: number) => `${row}${column === null ? '' : ` and ${column}`}: ${count(n)}`,
  },

  /** The blind audit. */
  audit: {
    title: 'Audit',
    help: 'Label a random sample without seeing its labels. It tells how many labels of the whole catalogue are really wrong, with an interval.',
    size: 'Movies to label',
    width: 'Or until the interval is ± points',
    widthHelp: 'Percentage points of the movies with a wrong label. Empty: the number of movies is fixed.',
    more: 'Seed of the draw',
    seedHelp: 'The same seed draws the same movies.',
    start: 'Start the audit',
    draw: 'What is drawn',
    basis: {
      suspects: 'Movies are drawn from four strata by P(a label is wrong), which also serves as the prediction.',
      run: 'Movies are drawn from four strata by the label quality of the current run. A search for suspects would make the interval narrower.',
      none: 'All movies are equally likely. A search for suspects would make the interval narrower.',
    },
    progress: (answered: number, limit: number) => `${count(answered)} of ${movies(limit)} labelled`,
    untilNarrow: (answered: number, width: number, left: number | null) =>
      `${movies(answered)} labelled${left === null ? '' : `, about ${count(left)} more`} until the interval is ±${(100 * width).toFixed(1)} points.`,
    which: 'Which genres does it have?',
    find: 'Genre by name',
    next: 'Next',
    none: 'No genre fits',
    back: 'Previous',
    keys: 'A genre’s key switches it, / finds one by name, Enter goes on, Backspace goes back.',
    decide: 'Answer',
    found: 'What the audit found',
    headline: (rate: number, low: number, high: number) =>
      `${points(rate)} of the movies have a wrong label (${points(low)} to ${points(high)})`,
    soFar: (low: number, high: number) => `So far: ${points(low)} to ${points(high)} of the movies have a wrong label.`,
    resultSoFar: 'Result so far',
    labels: (expected: number, low: number, high: number) =>
      `About ${count(Math.round(expected))} labels are wrong or missing (${count(Math.round(low))} to ${count(Math.round(high))}).`,
    how: (fixed: boolean, powered: boolean) =>
      `${fixed ? '95% interval for the number of movies fixed at the start.' : '95% interval that holds whenever you stop.'} ${
        powered
          ? 'Prediction-powered (PPI++): the answers correct P(wrong) of all movies. Beside it the mean of the answers alone.'
          : 'The mean of the answers over the strata.'
      } It takes your answers as the truth, and the labels as they were on the day of the draw.`,
    columns: { what: 'What', rate: 'Share', interval: 'Interval', alone: 'Answers alone', labelled: 'Labelled', note: 'Note' },
    rates: {
      movies: 'Movies with a wrong label',
      cells: 'Wrong cells',
      missing: 'Missing labels, of all cells',
      spurious: 'Spurious labels, of all cells',
    },
    interval: (low: number, high: number) => `${points(low)} to ${points(high)}`,
    points: (share: number) => points(share),
    perGenre: 'Per genre',
    perGenreHelp: 'Share of all movies whose label of the genre is wrong or missing.',
    unreliable: 'too few of the labelled movies',
    searchSaid: (share: number, audit: number) =>
      `The search for suspects expected ${points(share)}: ${share > audit ? 'more' : 'less'} than the audit found.`,
    reviewSaid: (reviewed: number, share: number) =>
      `Of ${movies(reviewed)} reviewed outside the sample, ${points(share)} had a wrong label: a review that begins with the suspects meets more of them than there are.`,
    apply: (labels: number, n: number) =>
      `Apply the audit’s answers as corrections (${plural(labels, { one: '# label', other: '# labels' })} of ${movies(n)})`,
    nothing: 'The answers are applied.',
    applied: (labels: number, n: number) => `Applied the audit: ${plural(labels, { one: '# label', other: '# labels' })} of ${movies(n)}`,
    narrower: 'Go on until ± points',
    goOn: 'Go on',
    another: 'New audit…',
    again: {
      title: 'Give up this audit?',
      text: 'A new audit replaces its answers. Answers that were applied stay decisions.',
      confirm: 'Begin a new audit',
    },
  },

  filter: {
    label: 'Filter: words of titles, plots and notes, ids, or conditions such as genre:Horror',
    hint: 'Words, or conditions such as genre:Horror p(Comedy)>0.4   (/)',
    edit: 'Edit this condition',
    remove: (chip: string) => `Remove the condition ${chip}`,
    completions: 'Completions',
    count: (text: string, n: number) => `${text} ${n === 1 ? 'movie' : 'movies'}`,
    back: 'Previous filter (Alt+←)',
    forward: 'Next filter (Alt+→)',
    copy: 'Copy the filter as text',
    copied: 'The filter is on the clipboard; `reelabel list PROJECT.reel --where` takes it too.',
    slices: {
      button: 'Slices',
      title: 'Slices',
      open: 'Save, rename or delete slices…',
      name: 'Name',
      save: 'Save the filter',
      replace: 'Replace',
      what: (where: string) => `Saves ${where}`,
      nothing: 'A slice is a filter with a name. There is no condition to save now.',
      rename: (name: string) => `Name of the slice ${name}`,
      delete: (name: string) => `Delete the slice ${name}`,
    },
    notes: { genre: 'genre', movies: 'movies with this genre', person: 'person', slice: 'slice', any: 'any value' },
    types: { number: 'column of numbers', date: 'column of dates', category: 'column of categories', text: 'column of texts' },
    fields: {
      genre: 'has the genre',
      predicted: 'the model predicts it',
      suspected: 'its label is suspicious',
      about: 'has it, predicted, or decided',
      good: 'the model agrees on it',
      bad: 'the model disagrees on it',
      impossible: 'not in the plot',
      missing: 'predicted, not labelled',
      spurious: 'labelled, not predicted',
      swapped: 'one for the other',
      bucket: 'what the model says',
      kind: 'finding of any genre',
      p: 'probability of a genre',
      pwrong: 'P(a label is wrong)',
      split: 'train, valid or test',
      reviewed: 'yes or no',
      skipped: 'yes or no',
      flagged: 'yes or no',
      verdict: 'keep or impossible',
      note: 'words of the note',
      who: 'who decided last',
      when: 'date of the last decision',
      text: 'title, plot or note',
      title: 'words of the title',
      plot: 'words of the plot',
      id: 'id of the movie',
      length: 'words of the plot, counted',
      genres: 'number of genres',
      duplicates: 'repeats or is repeated',
      run: 'predicted otherwise by this run, or by one of two: 2..3',
      slice: 'saved filter',
    },
  },
  review: {
    title: 'Review',
    buckets: { all: 'All', bad: 'Disagrees', impossible: 'Not in the plot', good: 'Agrees' },
    /** The three are statements about the model's errors; suspects are statements about the labels. */
    bucketHelp: {
      all: 'All movies. In the queue “Suspects”, the labels that are probably wrong come first.',
      bad: 'The model disagrees with a label. This says where the model errs, and most of these labels are right: wrong labels are in the queue “Suspects”.',
      impossible:
        'The plot does not support a label, so the model cannot find it. The label can be right all the same: wrong labels are in the queue “Suspects”.',
      good: 'The model agrees with every label. A label can be wrong all the same: wrong labels are in the queue “Suspects”.',
    },
    allMovies: 'There is no model yet, so these are all movies. Train a model to find doubtful labels; it takes seconds to minutes.',
    moviesToReview: 'Movies to review',
    selectedMovie: 'Selected movie',
    noMatch: 'No movie matches',
    noMatchHelp: 'Choose another list, or clear the filters.',
    noneLeft: 'Nothing left to review',
    noneLeftHelp: 'This list is empty. Choose another list to go on.',
    clearFilters: 'Clear filters',

    filterMovies: 'Filter movies',
    bucket: 'What the model says',
    allGenres: 'All genres',
    kind: 'Finding',
    kinds: { any: 'All findings', missing: 'Missing?', spurious: 'Spurious?', swapped: 'Swapped?' },
    reviewed: 'Reviewed',
    reviewStates: { any: 'Reviewed or not', no: 'Not reviewed', yes: 'Reviewed' },
    mark: 'Mark',
    markStates: { any: 'Any mark', flagged: 'Flagged', skipped: 'Skipped' },
    split: 'Split',
    splits: { any: 'All splits', train: 'Train', valid: 'Validation', test: 'Test' },

    position: (at: number, of: number | null) => `${count(at)} of ${of === null ? '…' : count(of)}`,
    queues: {
      title: 'Queue',
      other: 'Other orders',
      others: {
        'suspects down': { title: 'Suspects last', first: 'Movies whose labels are most probably right.' },
        'probability down': { title: 'Highest probability', first: 'Movies with the highest probability of the chosen genre.' },
        probability: { title: 'Lowest probability', first: 'Movies with the lowest probability of the chosen genre.' },
        flagged: { title: 'Flagged first', first: 'Movies with a flag, then the others by suspicion.' },
        title: { title: 'Title', first: 'By title; numbers by their value.' },
        file: { title: 'File order', first: 'As in the imported file.' },
      },
      needsGenre: 'Choose a genre in the filter first.',
      shares: 'Shares of the mixed queue',
      byModel: 'By agreement with the model. Search for suspects on Overview for a better order.',
    },
    reordered: (n: number) =>
      n === 0
        ? 'Your last 25 answers changed the probabilities, and no movie moved into the next 100.'
        : `${movies(n)} moved up into the next 100 after your last 25 answers.`,
    refresh: 'Refresh',
    outdated: 'Refresh: the results are newer than this list',
    reload: 'Reload the list',
    departed: (n: number) => plural(n, { one: '# no longer matches: reload', other: '# no longer match: reload' }),
    movies: 'Movies',
    noGenre: 'no genre',
    marks: { reviewed: 'reviewed', skipped: 'skipped', flagged: 'flagged' },
    impossibleGuess: (genre: string) => `${genre} impossible?`,
    impossibleMark: (genre: string) => `${genre}: impossible`,
    qualityHelp: 'Label quality: 0 worst, 1 best',
    qualityName: 'Label quality',
    quality: (score: number) => `Label quality ${score.toFixed(2)}`,
    wrongHelp: 'Probability that at least one label is wrong',

    suspects: {
      title: 'Suspicious labels',
      /** In a project in which suspects were never searched for. */
      titleOfModel: 'Suggestions of the model',
      movie: (p: number) => `${percent(p)} that at least one label is wrong`,
      none: 'No single label is suspicious.',
      noneOfModel: 'The model agrees with every label, or you have decided it.',
      keep: 'Keep',
      keepThis: (genre: string) => `Keep ${genre} as it is`,
      wrong: 'that the label is wrong',
      proof: {
        words: 'Show the words for and against it',
        genres: 'List the movies that have these genres together',
        neighbours: 'Show the most similar movies',
        movie: 'Show that movie',
        run: 'Show the runs',
        records: 'Show the imported records',
      },
    },
    similar: {
      button: 'Similar',
      title: 'Most similar movies',
      help: 'By the words of title and plot. The selected genre is marked.',
      similarity: 'Similarity',
      movie: 'Movie',
      labels: 'Labels',
      close: 'Close the similar movies',
      none: 'No movie shares enough words with this one.',
      unknown: 'Similar movies are found by the search for suspects: train a model, or start the search on Overview.',
    },
    back: (title: string) => `Back to “${title}”`,
    backToList: 'Back',
    backKey: 'Backspace',

    session: {
      title: 'This session',
      help: 'Since this window opened the project. The rate counts movies that you decided on and leaves out breaks of more than a minute; an error is a movie with a label that you corrected.',
      line: (reviewed: number, rate: number | null, looked: number, corrected: number) =>
        [
          `${count(reviewed)} reviewed`,
          ...(rate === null ? [] : [perMinute(rate)]),
          ...(looked === 0 ? [] : [`${count(Math.round((100 * corrected) / looked))} errors per 100 looked at`]),
        ].join(', ') + '.',
      left: (n: number) => `${count(n)} left in this queue.`,
      bringBack: (n: number) => plural(n, { one: 'Bring back # skipped movie', other: 'Bring back # skipped movies' }),
    },

    decision: 'Decision',
    primary: { next: 'Next suggestion', review: 'Mark reviewed' },
    markGenreImpossible: (genre: string) => `Mark ${genre} impossible`,
    acceptAll: (n: number) => `Accept all (${n})`,
    keep: 'Keep as is',
    space: 'Space',
    markImpossible: 'Mark impossible',
    notImpossible: 'Not impossible',
    skip: 'Skip',
    skipHelp: 'Puts the movie behind the rest of the list, until you bring it back',
    bringBack: 'Bring back',
    flag: 'Flag',
    flagHelp: 'Marks the movie, to find it again with the filter “Flagged”',
    note: 'Note',
    previous: 'Previous',
    previousKeys: 'Previous (K or ↑)',
    next: 'Next',
    nextKeys: 'Next (J or ↓)',

    genresOfMovie: 'Genres of the movie',
    key: 'Key',
    label: 'Label',
    probability: 'Probability',
    probabilityHelp: "Out of fold; the mark is the genre's threshold",
    finding: 'Finding',
    findingHelp: 'Where the prediction differs from the label: a statement about the model’s errors. Suspicious labels are listed above.',
    findings: { impossible: 'impossible?', swapped: 'swapped?', spurious: 'spurious?', missing: 'missing?' },
    swappedWith: (genre: string) => `swapped with ${genre}?`,
    explain: (genre: string) => `Explain ${genre}`,
    kept: 'kept',
    impossible: 'impossible',
    added: 'added',
    removed: 'removed',

    explaining: (genre: string) => `Computing the words for and against ${genre}…`,
    words: 'Words',
    sides: { for: 'for', against: 'against' },
    and: 'and',
    strongestMarked: '; the strongest are marked.',
    strongestTerms: 'Strongest terms',
    plot: 'Plot',
    marked: (wordsFor: readonly string[], against: readonly string[]) =>
      `For: ${wordsFor.join(', ') || 'none'}. Against: ${against.join(', ') || 'none'}.`,
    /** Its spaces are the ends of a word. */
    partOfWord: (characters: string) => `part of a word: ${characters.replaceAll(' ', '·')}`,
    otherTerms: 'all other terms',
    intercept: 'intercept',
    sumOfTerms: (logit: string, probability: string, calibrated: boolean) =>
      `The sum is the logit ${logit}, a probability of ${probability}${calibrated ? ' on the scale of the model, before its calibration' : ''}.`,
    explainedBy: {
      fold: 'Explained by the model that made this prediction, which did not learn from this movie.',
      final: 'Explained by the final model, which made this prediction and did not learn from this movie.',
      learned:
        'These words explain the final model, which learned from this movie. The prediction was made by a model that did not, which is not stored with this run.',
    },

    sourceLabels: 'Source labels',
    correctedLabels: 'Corrected labels',
    predicted: 'Predicted',
    originalColumns: (n: number) => `Original columns (${n})`,
    column: (n: number) => `column ${n}`,
    history: (n: number) => `History (${n})`,
    byWhom: ({ who, why }: Pick<ChangeEntry, 'who' | 'why'>) => (why === '' ? who : `${who} (${lowerFirst(why)})`),
    noHistory: 'No decisions on this movie yet.',
    /** One line of the history: `Drama added`, `Undo / Redo: Drama added`. */
    change: ({ field, genre, to, undoes }: Pick<ChangeEntry, 'field' | 'genre' | 'to' | 'undoes'>) => {
      const verdicts: Readonly<Record<string, string>> = { keep: 'kept as it is', impossible: 'marked impossible', '': 'verdict cleared' }
      const text = {
        label: () => `${genre ?? ''} ${to === '1' ? 'added' : 'removed'}`,
        verdict: () => `${genre ?? ''} ${verdicts[to] ?? to}`,
        reviewed: () => (to === '1' ? 'reviewed' : 'not reviewed'),
        skipped: () => (to === '1' ? 'skipped' : 'brought back'),
        flagged: () => (to === '1' ? 'flagged' : 'flag removed'),
        note: () => `note: ${to === '' ? 'removed' : to}`,
      }[field]()
      return undoes === null ? text : `Undo / Redo: ${text}`
    },

    bulk: {
      open: 'Bulk edit…',
      title: (n: number | null) => (n === null ? 'Edit all movies in this list' : `Edit all ${movies(n)} in this list`),
      change: 'Change',
      add: 'Add',
      remove: 'Remove',
      genre: 'Genre to change',
      choose: 'Choose a genre',
      filter: (conditions: readonly string[]) => `Filter: ${conditions.join(', ')}.`,
      first: (titles: readonly string[]) => `The list begins with ${titles.map((title) => `“${title}”`).join(', ')}.`,
      effect: {
        add: (matched: number, n: number) =>
          `Adds the genre to ${movies(n)}.${matched > n ? plural(matched - n, { one: ' # movie already has it.', other: ' # movies already have it.' }) : ''}`,
        remove: (matched: number, n: number) =>
          `Removes the genre from ${movies(n)}.${matched > n ? plural(matched - n, { one: ' # movie does not have it.', other: ' # movies do not have it.' }) : ''}`,
      },
      apply: { add: (n: number) => `Add to ${movies(n)}`, remove: (n: number) => `Remove from ${movies(n)}` },
      done: {
        add: (genre: string, n: number) => `Added ${genre} to ${movies(n)}. Undo reverts it in one step.`,
        remove: (genre: string, n: number) => `Removed ${genre} from ${movies(n)}. Undo reverts it in one step.`,
      },
    },

    keys: {
      accept: 'Accept the suggestion for the selected genre and move on',
      acceptAll: 'Accept every suggestion and move on to the next movie',
      keep: 'Keep the labels as they are and move on to the next movie',
      impossible: 'Mark the selected genre as impossible to tell from the plot',
      skip: 'Skip the movie: it comes after the rest of the list; again: bring it back',
      flag: 'Flag the movie, or remove its flag',
      similar: 'Show or hide the most similar movies',
      back: 'Go back to the movie or list that you left for a similar movie or a reason',
      nextGenre: 'Select the next genre',
      previousGenre: 'Select the previous genre',
      next: 'Next movie',
      previous: 'Previous movie',
      note: 'Write a note',
      search: 'Search',
      undo: 'Undo',
      redo: 'Redo',
      help: 'Show the keyboard shortcuts',
    },
  },

  /** Recipe files on the Train screen. */
  recipes: {
    title: 'Recipes',
    note: 'published experiments, repeated on this project',
    recipe: 'Recipe',
    run: 'Run the recipe',
    open: 'Open a file…',
    save: 'Save as a file',
    file: 'Recipe file',
    all: 'all',
    about: (source: string, about: string) => `${source}: ${about} The project keeps its own split and its current run.`,
    steps: 'Step by step',
    report: 'Report',
    reportOf: (title: string, at: string) => `${title}, ${at}`,
    delete: 'Delete the report',
    rows: (n: number, kept: number, train: number, valid: number, test: number) =>
      `${movies(n)} of the project, ${count(kept)} after the rules of the recipe: ${count(train)} to train, ${count(valid)} to validate, ${count(test)} to test.`,
    took: (time: string, sample: number, split: number, training: number) =>
      `It took ${time}. Seeds: sample ${sample}, split ${split}, training ${training}.`,
    results: 'Results of the recipe on its test part',
    model: 'Model',
    thresholds: 'Thresholds',
    leftOut: 'left out',
    published: (value: string) => `published ${value}`,
    noteOf: (model: string, note: string) => `${model}: ${note}`,
    confusion: 'Confusion by genre',
    cells: { tp: 'Found', fp: 'False', fn: 'Missed', tn: 'Rightly not' },
    comparison: (fresh: string, old: string, micro: Change, macro: Change) =>
      `${fresh} against ${old}, genre by genre: micro-F1 ${signed(micro.difference)} (${signed(micro.low)} to ${signed(micro.high)}), macro-F1 ${signed(macro.difference)} (${signed(macro.low)} to ${signed(macro.high)})`,
    changes: ['Genre', 'Movies', 'F1 before', 'after', 'Difference', 'Interval'],
  },

  train: {
    title: 'Train',
    startLabel: 'Start',
    start: 'Train',
    startWith: (model: string) => `Train ${model}`,
    retrain: 'Retrain',
    training: 'Training',
    noModel: 'No model yet',
    show: 'Show the comparison',
    startHelp: 'Learns genres from plots, and checks every label with models that have not seen the movie.',
    /** What the two buttons do. */
    modes: (recipe: string) =>
      `Retrain: the current run's recipe (${recipe}) on the corrected labels, without impossible labels and with a higher weight for reviewed movies. Train: from scratch, with the model and the settings below.`,
    tryIt: 'Try it on a plot of your own',
    comparing: 'Comparing…',
    offer: {
      button: (n: number) => `Retrain with ${corrections(n)}`,
      same: 'No decisions since the current run: a retrain would give the same model.',
      changed: 'Your decisions have changed since the current run.',
      more: (n: number) => `${corrections(n)} since the current run.`,
      fewer: (n: number) => `${corrections(n)} fewer than in the current run.`,
    },
    cost: {
      unknown: 'not known',
      estimating: 'estimating…',
      short: (seconds: number, mb: number) => `about ${duration(seconds * 1000)}, ${memory(mb)}`,
      sentence: (seconds: number, mb: number, freeMb: number) =>
        `Takes about ${duration(seconds * 1000)} and needs about ${memory(mb)} of memory (${memory(freeMb)} free).`,
      basis: (runs: number) =>
        runs === 0
          ? 'This is rough: no such training has run on this machine yet.'
          : plural(runs, { one: 'From # such training on this machine.', other: 'From # such trainings on this machine.' }),
      tooLarge: (mb: number) => `does not fit: ${memory(mb)}`,
      tooLargeHelp: (mb: number, freeMb: number) =>
        `Does not fit: it needs ${memory(mb)} of memory, and ${memory(freeMb)} are free. Close other programs, or choose a smaller model, LoRA, shorter plots or fewer tokens at once.`,
    },
    settings: (edited: boolean) => `Settings${edited ? ' (changed)' : ''}`,
    advanced: 'Advanced settings',
    advancedOf: (group: string) => `${group}, advanced`,
    reset: 'Restore defaults',
    other: 'Other',

    comparison: {
      title: (a: string, b: string) => `${b} against ${a}`,
      change: (d: Change) => `micro-F1 ${signed(d.difference)}, between ${signed(d.low)} and ${signed(d.high)}`,
      better: (a: string, b: string, change: string) => `Better: ${b} fits the corrected labels better than ${a} (${change}).`,
      worse: (a: string, b: string, change: string) =>
        `Worse: ${b} fits the corrected labels less well than ${a} (${change}). The list of runs shows which one is current; you can change it there.`,
      same: (a: string, b: string) => `No difference: ${b} and ${a} have the same scores.`,
      undecided: (_a: string, _b: string, change: string) =>
        `Undecided: the difference could be chance (${change}). More corrections may decide it.`,
      method: (n: number, part: 'test' | 'valid' | 'oof', resamples: number) =>
        `Both runs predict the same ${movies(n)} of the ${parts[part]}. Intervals: 95%, ${count(resamples)} resamples.`,
      score: 'Score',
      labels: 'Labels',
      old: 'Old',
      new: 'New',
      difference: 'Difference',
      interval: 'Interval',
      range: (low: number, high: number) => `${signed(low)} to ${signed(high)}`,
      corrected: 'Corrected',
      source: 'Source',
      scores: { microF1: 'Micro-F1', macroF1: 'Macro-F1', jaccard: 'Jaccard' },
      perGenre: 'Change per genre',
      perGenreAlt: (changes: readonly { readonly name: string; readonly change: number }[]) =>
        `Bar chart: change of F1 per genre. ${changes.map((g) => `${g.name} ${signed(g.change)}`).join(', ')}.`,
      changeInF1: 'Change in F1 (new minus old)',
      differing: (n: number) => `Open the ${movies(n)} for which they predict different genres`,
      alike: 'Both runs predict the same genres for every one of these movies.',
      f1: 'F1',
      support: 'Support',
      movies: 'Movies that differ',
      differingIn: (genre: string, n: number) => `Open the ${movies(n)} for which the runs differ in ${genre}`,
    },

    curves: {
      title: (run: string) => `Curves of ${run}`,
      part: 'Part of the training',
      loss: 'Loss',
      f1: 'F1 on the validation part',
      series: { trainLoss: 'Training loss', validLoss: 'Validation loss', microF1: 'Micro-F1', macroF1: 'Macro-F1' },
      alt: (part: string, epoch: number, ends: readonly string[]) =>
        `Line chart of ${part}: after epoch ${epoch}, ${ends.join(', ')}. The table below has every epoch.`,
      end: (series: string, value: number | null) => `${series.toLowerCase()} ${value === null ? 'not measured' : figure(value)}`,
      epoch: 'Epoch',
      status: (part: string, pieces: readonly string[]) => `${part}: ${pieces.join('; ')}`,
      epochOf: (epoch: number, epochs: number) => `Epoch ${epoch} of ${epochs}`,
      bestEpoch: (epoch: number, live: boolean) => `best${live ? ' so far' : ''}: epoch ${epoch}`,
      rate: (rate: string) => `learning rate ${rate}`,
      speed: (tokensPerSecond: number) => `${count(Math.round(tokensPerSecond))} tokens per second`,
      memory: (mb: number) => `${memory(mb)} of memory`,
      elapsed: (ms: number, live: boolean) => `${duration(ms)}${live ? ' so far' : ''}`,
      table: 'Every epoch as a table',
      tableLabel: 'Every epoch',
      partColumn: 'Part',
      best: 'best',
      learningRate: 'Learning rate',
      tokensPerSecond: 'Tokens per second',
      memoryColumn: 'Memory',
      elapsedColumn: 'Elapsed',
      firstEpoch: 'The first epoch is running.',
      noEpoch: 'This run finished no epoch.',
      notes: 'Notes on this training',
    },

    ensemble: {
      title: 'Combine runs',
      note: 'An ensemble of finished trainings, such as a linear model and a transformer',
      runs: 'Runs to combine',
      score: (microF1: number | null) => (microF1 === null ? '' : `, micro-F1 ${microF1.toFixed(3)}`),
      how: 'By',
      kinds: { stack: 'Stack: learn from the scores of all genres', mean: 'Mean of their scores' },
      start: (n: number) => (n < 2 ? 'Combine runs' : `Combine ${n} runs`),
      help: 'Their predictions are combined, nothing is trained again: corrections made since reach the thresholds and the stack, not the members. Runs must read the same text.',
    },
    runs: {
      title: 'Runs',
      none: 'No runs yet',
      noneHelp: 'Each training is kept here with its scores, so that you can compare and go back.',
      run: 'Run',
      model: 'Model',
      when: 'When',
      statusColumn: 'Status',
      took: 'Took',
      corrections: 'Corrections',
      currentColumn: 'Current',
      note: 'Scores use the labels at the time of the training, on the test part if there is one. Compare scores both runs on the current labels.',
      oldRun: 'Old run',
      newRun: 'New run',
      compare: 'Compare',
      status: { running: 'running', done: 'done', cancelled: 'cancelled', failed: 'failed', interrupted: 'interrupted' },
      error: (status: string, error: string) => `${status}: ${error}`,
      current: 'current',
      makeCurrent: 'Make current',
      resume: 'Resume',
      /** Names a button of a row for screen readers. */
      of: (action: string, run: number) => `${action}: Run ${run}`,
      moreAbout: (run: number) => `More about Run ${run}`,
      curves: 'Curves and notes',
      rename: 'Rename…',
      delete: 'Delete…',
      deleteCurrent: 'Make another run current first',
      asked: {
        renameTitle: (run: string) => `Rename ${run}`,
        name: 'Name',
        rename: 'Rename',
        deleteTitle: (run: string) => `Delete ${run}?`,
        deleteText:
          'Its scores, predictions, model, curves and checkpoints are lost; this cannot be undone. Decisions and other runs stay.',
        delete: 'Delete the run',
        left: (run: string, folder: string) =>
          `${run} is deleted. Its model was too large for the project file and stays in ${folder}, because copies and backups of the project may use it: delete the folder if none does.`,
      },
      export: 'Export',
      exports: {
        merged: { label: 'Whole model…', help: 'A folder that Transformers loads' },
        adapter: { label: 'Adapter…', help: 'In the format of PEFT, without the base model' },
        onnx: { label: 'ONNX graph…', help: 'One .onnx file for any ONNX Runtime' },
      },
    },
  },

  /** Settings of a training, by the name of the parameter. */
  recipe: {
    groups: { trained: 'What is trained', optimiser: 'Optimiser', batches: 'Batches', outOfFold: 'Out of fold', device: 'Device' },
    off: 'Off',
    all: 'All',
    never: 'Never',
    dampened: 'Dampened',
    countedFully: 'Counted fully',
    noDecay: 'Do not decay',
    decay: 'Decay them',
    characters: (a: number, b: number) => (a === b ? `${a} characters` : `${a} to ${b} characters`),
    atMost: (n: number) => count(n),
    members: {
      combined: 'Logistic regression, NB-SVM and naive Bayes',
      nbSvm: 'NB-SVM',
      logistic: 'Logistic regression',
    },
    size: (layers: number, dim: number) => plural(layers, { one: `# layer of ${dim}`, other: `# layers of ${dim}` }),
    afterEpochs: (n: number) => plural(n, { one: 'After # epoch', other: 'After # epochs' }),
    devices: { auto: 'Fastest that passes its test', cpu: 'CPU', webgpu: 'GPU (WebGPU)', cuda: 'GPU (CUDA)' },
    notAvailable: (device: string) => `${device}: not available`,
    /** Choices of an enumerated parameter, by its values. */
    options: {
      classWeight: { none: 'Count the same', log: 'Somewhat more', balanced: 'Balanced' },
      reads: { 'title-plot': 'Title and plot', plot: 'The plot alone' },
      stopWords: { none: 'Keep all words', english: 'Leave out English ones' },
      mode: { lora: 'Adapters (LoRA)', head: 'Head only', top: 'Top layers', full: 'Everything' },
      loss: {
        bce: 'Every label the same',
        'pos-weight': 'Rare genres more (pos_weight)',
        'log-weight': 'Rare genres somewhat more (log)',
        focal: 'Hard labels more (focal)',
        asymmetric: 'Missing labels less (asymmetric)',
      },
      schedule: { linear: 'Linear', cosine: 'Cosine', constant: 'Constant' },
      keep: { 'micro-f1': 'Micro-F1', 'macro-f1': 'Macro-F1' },
      outOfFold: { folds: 'One training per fold', head: 'Heads on the frozen model' },
    },
    fields: {
      ratioShare: {
        label: 'Members',
        help: 'Models whose log-odds are added. All three together are the most accurate and take about twice as long',
      },
      c: { label: 'Strength of fit (C)', help: 'Higher follows the labels more closely' },
      classWeight: { label: 'Rare genres', help: 'How much more a rare genre counts' },
      wordNgrams: { label: 'Longest word n-gram', help: '2 also learns pairs such as “high school”' },
      charNgrams: { label: 'Character n-grams', help: 'Help with names and inflections, but take time: off above 250,000 training movies' },
      minDf: { label: 'Ignore words in fewer movies than', help: '1 keeps every word' },
      maxFeatures: {
        label: 'Maximum number of n-grams',
        help: 'Of words and of characters each; the most frequent are kept. Fewer need less memory',
      },
      sublinearTf: { label: 'Repeated words', help: 'How much a word counts that occurs several times in a plot' },
      reads: { label: 'Reads', help: 'What of a movie the model reads. Published recipes read the plot alone' },
      columns: {
        label: 'Also reads',
        help: 'Original columns that the model reads after the plot, such as a tagline. A column that tells the genre would give the answer away',
        empty: 'nothing else',
      },
      dropWords: {
        label: 'Leaves out',
        help: 'Words that the model does not read, such as a word that tells the genre by accident',
        empty: 'no word',
      },
      stopWords: { label: 'Stop words', help: 'Leave out “the”, “and” and similar words' },
      reviewedWeight: { label: 'Weight of reviewed movies', help: 'In a retrain; other movies have the weight 1' },
      folds: { label: 'Folds', help: 'More folds give better estimates and take longer' },
      seed: { label: 'Seed', help: 'The same seed gives the same run' },
      mode: {
        label: 'What is trained',
        help: 'LoRA trains small adapters and is the best compromise; the head takes seconds, everything takes longest',
      },
      topLayers: { label: 'Top layers', help: 'Number of trained layers, counted from the top' },
      'lora.rank': { label: 'Rank of the adapters', help: 'Higher learns more and takes more memory' },
      'model.layers': { label: 'Size', help: 'Larger models learn more from many movies and take longer' },
      'model.warmUpEpochs': {
        label: 'Warm-up epochs',
        help: 'Epochs of pre-training on hidden words of all plots, before the model sees genres',
      },
      'lora.alpha': { label: 'Alpha of the adapters', help: 'The output of the adapters is multiplied by alpha divided by the rank' },
      'lora.dropout': { label: 'Dropout of the adapters', help: 'Share of their input that is dropped at random, against overfitting' },
      'lora.targets': { label: 'Layers with adapters', help: 'Last parts of layer names', empty: 'query and value' },
      'model.vocabulary': { label: 'Vocabulary size', help: 'Word pieces that the tokenizer learns from the plots' },
      dropout: {
        label: 'Dropout',
        help: 'Share of activations that is dropped at random; empty: as in the model',
        empty: 'as in the model',
      },
      epochs: { label: 'Epochs', help: 'Passes over the training movies, at most' },
      learningRate: { label: 'Learning rate', help: 'Size of the steps: too high forgets what the model knows, too low learns nothing' },
      patience: { label: 'Early stopping', help: 'Stops when the validation score has not improved for this many epochs' },
      loss: { label: 'Loss', help: 'How much rare genres and hard labels count' },
      'focal.alpha': { label: 'Focal loss: alpha', help: 'Weight of movies with the genre, compared with movies without it' },
      'focal.gamma': { label: 'Focal loss: gamma', help: 'Higher reduces the weight of easy labels' },
      schedule: { label: 'Learning rate schedule', help: 'How the learning rate falls after its warm-up' },
      warmUp: { label: 'Warm-up of the learning rate', help: 'Share of all steps in which it rises' },
      weightDecay: { label: 'Weight decay', help: 'Pulls weights towards zero, against overfitting' },
      decayAll: { label: 'Decay of norms and biases', help: 'Usually they do not decay' },
      clip: { label: 'Clip gradients at', help: 'Longer gradients are scaled down to this norm; empty: never', empty: 'never' },
      keep: { label: 'Best epoch by', help: 'Validation score that decides which epoch is kept' },
      batch: { label: 'Movies per step', help: 'Movies in each update of the weights' },
      maxTokens: { label: 'Longest plot, in tokens', help: 'The rest of a longer plot is cut off; a token is a word or a part of one' },
      microTokens: { label: 'Tokens computed at once', help: 'Fewer need less memory and give the same result' },
      validation: { label: 'Held back for validation', help: 'Share of the training part, if the catalogue has no validation part' },
      outOfFold: {
        label: 'Judge labels by',
        help: 'One training per fold is exact; heads on the frozen model are faster and less accurate',
      },
      device: { label: 'Device', help: 'Where the training runs; a device whose results differ from those of the CPU is not used.' },
      threads: { label: 'Threads', help: 'Of the CPU; empty: one per core', empty: 'one per core' },
      cacheMb: { label: 'Cache for frozen layers, in MB', help: 'Disk space for the output of layers that are not trained; 0: no cache' },
    },
  },

  /** Parts of the catalogue that the model does worse on than elsewhere. */
  slices: {
    title: 'Slices',
    noModel: 'Train a model to see on which movies it does worse than elsewhere: by genre, year, language, length, words.',
    prefer: 'Prefer',
    preferences: { large: 'Large slices', balanced: 'Balanced', small: 'Small slices' },
    against: 'Compare with',
    noRun: 'no other run',
    finding: 'Looking for slices…',
    failed: 'The slices could not be found',
    about: (run: number, n: string, error: string, microF1: string) =>
      `Run ${run}, ${n} movies, corrected labels: mean error ${error}, micro-F1 ${microF1}. The error of a movie is 1 − the Jaccard index of its labels and predictions.`,
    found: 'Where the model does worse',
    foundOf: (run: number) => `Where run ${run} did worse`,
    help: (tests: string, compared: boolean) =>
      `Found among genres, lengths, words, original columns, and pairs of these. Listed if the difference is more than chance, with ${tests} possible slices counted as tests. A slice opens its movies.${compared ? ' They were chosen because they were bad, so a part of an improvement is chance; saved slices are free of this.' : ''}`,
    noneFound: (least: string) => `No slice of at least ${least} movies has more errors than the rest beyond chance.`,
    saved: 'Saved slices',
    noneSaved: 'A found slice, or any filter of Review, can be saved under a name. It is then measured here after each training.',
    problem: (name: string, problem: string) => `“${name}” is not measured. ${problem}`,
    slice: 'Slice',
    movies: 'Movies',
    error: 'Error',
    errorHelp: 'Mean of 1 − Jaccard index',
    elsewhere: 'Elsewhere',
    microF1: 'Micro-F1',
    effect: 'Effect',
    effectHelp: 'Difference of the mean errors in standard deviations',
    q: 'q',
    qHelp: 'Chance of such a difference without a cause, adjusted for the number of tests',
    qValue: (q: number) => (q < 0.001 ? '< 0.001' : q.toFixed(3)),
    now: (run: number) => `Error of run ${run}`,
    change: (after: number, outcome: 'better' | 'worse' | 'undecided') => `${percent(after)}, ${outcome}`,
    save: 'Save',
    saveThis: (where: string) => `Save the slice ${where}`,
  },

  /** Where the model errs. These are statements about the model; which labels are wrong is what suspects say. */
  errors: {
    title: 'Errors',
    noModel: 'Train a model to see which genres it misses, which it gives in their place, and by which words.',
    about: (run: number, n: string) =>
      `Run ${run}, ${n} movies, corrected labels. These are the model’s errors: which labels are wrong is what the order “Suspects first” of Review says.`,
    matrix: 'Matrix',
    none: 'None',
    kinds: {
      confusion: {
        label: 'Confusions',
        title: 'Which genre is given for which',
        help: 'Rows: a genre that the movie has and the model misses. Columns: a genre that the model gives and the movie does not have. A movie with several errors counts in each pair. On the diagonal: rightly predicted. A number opens its movies.',
      },
      given: {
        label: 'Labels together',
        title: 'Genres that occur together',
        help: 'Movies that have both genres. A number opens its movies.',
      },
      predicted: {
        label: 'Predictions together',
        title: 'Genres that are predicted together',
        help: 'Movies that are predicted both genres. Compare it with the labels: a pair that is predicted far more often is a habit of the model.',
      },
      overlap: {
        label: 'Neighbourhoods',
        title: 'Genres that live in the same neighbourhoods',
        help: 'Of the ten most similar movies of a movie with the genre of the row, the share that has the genre of the column. Where it is close to the diagonal, words hardly tell the two apart.',
      },
    },
    measure: 'Measure',
    measures: { count: 'Movies', conditional: 'Share of the row’s movies', lift: 'Lift (1: by chance)' },
    order: 'Order',
    orders: { support: 'Most movies first', clustered: 'Similar genres together' },
    search: 'Find a genre',
    most: (most: number, k: string) => `The ${most} first of ${k} genres are shown; find the others by name.`,
    noGenre: (wanted: string) => `No genre is called “${wanted}”.`,
    right: (genre: string, n: number) => `${genre} rightly predicted: ${movies(n)}`,
    allRight: (n: number) => `Every genre right: ${movies(n)}`,
    confused: (missed: string | null, wrong: string | null, n: number) =>
      `${missed === null ? 'Nothing missed' : `${missed} missed`}, ${wrong === null ? 'nothing wrongly given' : `${wrong} wrongly given`}: ${movies(n)}`,
    together: (a: string, b: string | null, n: number, conditional: number, lift: number) =>
      b === null ? `${a}: ${movies(n)}` : `${a} and ${b}: ${movies(n)}, ${percent(conditional)} of ${a}, ${lift.toFixed(1)} times chance`,
    overlaps: (a: string, b: string, share: number) => `${percent(share)} of the most similar movies of ${a} have ${b}`,
    outcomesTitle: 'Each genre',
    outcomesHelp: 'With the rule that every movie has at least one genre. A number opens its movies.',
    outcomes: { hit: 'Right', miss: 'Missed', 'false-alarm': 'Wrongly given', rest: 'Rightly not given' },
    outcome: (genre: string, outcome: string, n: number) => `${genre}, ${outcome.toLowerCase()}: ${movies(n)}`,
    scores: {
      title: 'Scores by a property of the movies',
      help: 'Each bin is scored by itself, with a 95% bootstrap interval. A bar or a number opens its movies. Where the intervals of two bins overlap widely, their difference can be chance.',
      by: 'By',
      genres: 'Number of genres',
      length: 'Words of the plot',
      of: (by: string) => ({ genres: 'Number of genres', length: 'Words of the plot' })[by] ?? by,
      figure: 'Score',
      bin: ({ value, from, to }: Bin) =>
        value !== null
          ? value === ''
            ? 'no value'
            : value
          : from === null
            ? `under ${to}`
            : to === null
              ? `${from} and more`
              : `${from} to under ${to}`,
      alt: (score: string, by: string) => `Bar chart: ${score} by ${lowerFirst(by)}, with intervals. The table has every figure.`,
      movies: 'Movies',
      interval: (score: string) => `Interval of ${score}`,
      range: (low: number, high: number) => `${figure(low)} to ${figure(high)}`,
      open: (bin: string, n: number) => `Open the ${movies(n)}: ${bin}`,
      heat: 'F1 of each genre',
      which: 'Genres',
      high: (n: number) => `The ${count(n)} with most movies`,
      low: (n: number) => `The ${count(n)} with fewest`,
      cell: (genre: string, bin: string, f1: number | null, n: number) =>
        `${genre}, ${bin}: ${f1 === null ? 'no movie has it' : `F1 ${figure(f1)}, ${movies(n)}`}`,
    },
    words: {
      title: 'Words behind right and wrong predictions',
      help: 'Up to 200 movies of each kind are explained; contributions to a word are added up.',
      find: (genre: string) => (genre === '' ? 'Find the words' : `Find the words of ${genre}`),
      finding: 'Explaining movies…',
      outcomes: {
        hit: (genre: string) => `For ${genre}, rightly`,
        'false-alarm': (genre: string) => `For ${genre}, wrongly`,
        miss: (genre: string) => `Against ${genre}, where it is missed`,
      },
      explained: (n: string, total: string) => `${n} of ${total} movies explained`,
      explainedBy: {
        fold: 'Explained by the models that made these predictions, which did not learn from the movies.',
        final: 'Explained by the final model, which made these predictions and did not learn from the movies.',
        learned:
          'These words explain the final model, which learned from these movies. The predictions were made by models that did not, which are not stored with this run.',
      },
      word: 'Word',
      contribution: 'Log-odds',
      movies: 'Movies',
      reliance: (n: number, flipped: number) =>
        n === 0
          ? 'No movie is predicted this genre.'
          : `${count(flipped)} of ${plural(n, { one: '# prediction rests', other: '# predictions rest' })} on one word: without it they are not made.`,
      alone: (word: string, n: number) => `${word} (${count(n)})`,
      drop: 'Words to leave out',
      dropNone: 'no word',
      retrain: (words: readonly string[]) =>
        words.length === 0 ? 'Leave out and retrain' : `Leave out ${words.map((word) => `“${word}”`).join(', ')} and retrain`,
    },
    faithfulness: {
      title: 'How far the words can be trusted',
      help: 'The words that an explanation names first are deleted, or kept alone, and the plot is predicted again. A faithful explanation names words without which the probability falls, and which are enough by themselves.',
      measure: 'Measure on a sample of predictions',
      again: 'Measure again',
      methods: { exact: 'Terms of the sum', ig: 'Integrated gradients', gradient: 'Gradient × input', occlusion: 'Occlusion' },
      random: 'Random order',
      said: (method: string, score: string, random: string, run: number) =>
        `Between the worst order of the words (0%) and the best one (100%), “${method}” reaches ${score}, a random order ${random}. Explanations of run ${run} use this method.`,
      method: 'Method',
      score: 'Score',
      without: 'Fall without the words',
      alone: 'Fall with them alone',
      bounds: (predictions: number, exact: number, refused: number) =>
        `Mean of ${plural(predictions, { one: '# prediction', other: '# predictions' })}, over the first 1, 5, 10, 20 and 50% of their words. The best and the worst order were ${exact === predictions ? 'found by trying all' : `found by a beam search${exact > 0 ? `; for ${count(exact)} short texts by trying all` : ''}`}.${refused > 0 ? ` ${count(refused)} more could not be explained by every method.` : ''}`,
    },
    taught: {
      ask: 'Movies that taught it',
      help: (genre: string) =>
        `Training movies whose words count for and against ${genre} as those of this movie do (100%: just the same).`,
      none: 'No training movie counts on the same words.',
    },
    flip: {
      ask: (genre: string) => `What would change ${genre}?`,
      asking: 'Deleting words…',
      none: (genre: string) => `No deletion of words would change ${genre}.`,
      /** Said of a model that learned from the movie: the movie's own prediction is another one. */
      learned: (genre: string, before: number) => `The final model, which learned from this movie, gives ${genre} ${percent(before)}.`,
      words: (words: readonly string[], genre: string, after: number, predicted: boolean) =>
        `Without ${words.map((word) => `“${word}”`).join(', ')} the probability of ${genre} would be ${percent(after)}: ${predicted ? 'no longer predicted' : 'predicted'}.`,
      edit: 'Edit this plot',
    },
  },

  thresholds: {
    title: 'Thresholds',
    noModel: 'A threshold says from which probability on a genre is predicted. Train a model first.',
    help: (run: number, n: string, total: string | null) =>
      `Run ${run}, ${n}${total === null ? '' : ` of ${total}`} out-of-fold movies, corrected labels. Move a threshold and every number follows; nothing is stored until you say so. The test part is not looked at here, so that it stays a fair judge.`,
    figures: 'Figures with these thresholds',
    scores: {
      microF1: 'Micro-F1',
      macroF1: 'Macro-F1',
      jaccard: 'Jaccard',
      atLeastOne: 'At least one',
      subset: 'Subset accuracy',
      hamming: 'Hamming loss',
    },
    same: 'as stored',
    use: (n: number) =>
      n === 0 ? 'Use these thresholds' : plural(n, { one: 'Use these thresholds (# changed)', other: 'Use these thresholds (# changed)' }),
    discard: 'Discard changes',
    origin: (origin: string) => `In use: ${origin}.`,
    restore: 'Back to those of the training',
    byHand: 'set by hand',
    perGenre: 'Per genre',
    order: 'Order of the genres',
    orders: { support: 'Most movies', f1: 'Lowest F1', name: 'Name' },
    threshold: 'Threshold',
    thresholdOf: (genre: string) => `Threshold of ${genre}`,
    valueText: (threshold: number, precision: number, recall: number) =>
      `${threshold.toFixed(3)}: precision ${percent(precision)}, recall ${percent(recall)}`,
    precision: 'Precision',
    recall: 'Recall',
    support: 'Movies',
    curve: (genre: string) => `Precision and recall of ${genre}`,
    curveSeries: 'All thresholds',
    here: 'This threshold',
    curveAlt: (genre: string, precision: string, recall: string) =>
      `Precision-recall curve of ${genre}. At this threshold: precision ${precision}, recall ${recall}.`,
    sides: (n: number) => (n === 0 ? 'Movies that change side' : `${movies(n)} change${n === 1 ? 's' : ''} side`),
    noSides: (genre: string) => `Move the threshold of ${genre} to see which movies get or lose it.`,
    gains: (genre: string) => `They would be predicted ${genre}. The nearest to the stored threshold:`,
    loses: (genre: string) => `They would no longer be predicted ${genre}. The nearest to the stored threshold:`,
    openSides: 'Open all of them in Review',
    labelled: (genre: string) => `labelled ${genre}`,
    notLabelled: (genre: string) => `not labelled ${genre}`,
    strategiesTitle: 'Ways to choose',
    strategiesHelp: (n: string) =>
      `On ${n} out-of-fold movies. Held out: chosen on four fifths, scored on the other fifth, five times; this is what to go by. A larger figure where they were chosen is overfitting.`,
    strategy: 'Strategy',
    heldOut: 'Held out',
    chosenOn: 'Where they were chosen',
    strategies: STRATEGIES,
    valueOf: (name: string) => `Number for: ${name}`,
    try: 'Try',
    tryThis: (name: string) => `Try: ${name}`,
    comparing: 'Comparing strategies…',
    calibration: {
      title: 'Calibration',
      help: 'Of movies that a calibrated model gives 30 %, 30 % have the genre. Scales are fitted on four fifths of the movies and drawn for the other fifth. If you use one, all probabilities of the run change, and each threshold moves with them.',
      of: 'Calibration of',
      allGenres: 'All genres',
      said: 'Probability',
      share: 'Share with the genre',
      cells: 'Pairs of movie and genre',
      kinds: { none: 'The model', platt: 'Platt scaling', temperature: 'Temperature' },
      use: 'Use',
      useThis: (kind: string) => `Use probabilities: ${kind}`,
      inUse: 'in use',
      changed: (kind: string, { part, model, now, changed }: CalibrationChange) =>
        `Probabilities: ${kind}. ECE ${figure(now.ece)}, by the model ${figure(model.ece)} (${parts[part]}). ${plural(changed, { one: '# movie', other: '# movies' })} without a genre at its threshold changed the most probable genre.`,
      perfect: 'Perfect',
      errors: 'Calibration errors',
      ece: 'ECE',
      brier: 'Brier',
      eceHelp: 'Expected calibration error over ten bins: lower is better',
      brierHelp: 'Mean squared difference of probability and label: lower is better',
      alt: (name: string, before: string, after: string) =>
        `Reliability diagram of ${name}: expected calibration error ${before} by the model, ${after} after Platt scaling.`,
      threshold: (threshold: number, calibrated: number, half: number) =>
        `The model's threshold ${threshold.toFixed(3)} is ${calibrated.toFixed(3)} after Platt scaling. Half of the F1 is ${half.toFixed(3)}: where the two agree, the threshold is the best one for F1.`,
      bins: 'Ten bins of the model',
    },
  },

  /** Pre-trained models on this computer. */
  models: {
    exportedFiles: 'Files of the model',
    legend: 'Model',
    linear: 'Words and character n-grams. Nothing to download, exact explanations; a good start for every catalogue.',
    scratch: 'Learns its vocabulary and everything else from your plots. Nothing to download.',
    entry: (pieces: readonly string[]) => pieces.join(', '),
    sources: { scratch: '', folder: 'in a folder of this computer', hub: 'from the Hub' },
    licence: (licence: string | null) => (licence === null ? 'no licence given' : `licence ${licence}`),
    remove: 'Remove',
    removeThis: (name: string) => `Remove ${name}`,
    deleteThis: (name: string) => `Delete ${name}?`,
    confirm: 'Delete its files from this computer?',
    delete: 'Delete',
    keep: 'Keep',
    addFolder: 'Add a folder…',
    fromHub: 'Download from the Hub…',
    supported: 'Hugging Face model folders: BERT, DistilBERT or Llama.',
    folder: {
      title: 'Add a folder with a model',
      before: 'A folder with',
      and: 'and',
      or: 'or',
      adapter: ', or a PEFT adapter',
      after: 'of a model that is on this computer. It stays where it is; nothing is copied.',
      path: 'Path of the folder',
      choose: 'Choose…',
      input: 'Folder',
      unreadable: 'The folder is empty, or its path could not be read: choose another one.',
      reading: 'Reading…',
      add: 'Add',
    },
  },

  /** Downloads from the Hugging Face Hub. */
  hub: {
    title: 'Hugging Face Hub',
    name: 'Name of a model',
    placeholder: 'distilbert',
    search: 'Search',
    offline: (hub: string) => `Stay offline: do not contact ${hub}`,
    offlineNow: 'You are offline: no search and no download. Models on this computer, folders and the small transformer still work.',
    consent: 'Before anything is sent',
    consentScope: 'Further searches from this window are then sent without asking again; each download asks again.',
    agree: 'Agree',
    refuse: "Don't send",
    searching: 'Searching the Hub…',
    noResults: 'No model has that name. Try a shorter one, such as “distilbert”.',
    results: 'Models found',
    model: 'Model',
    family: 'Family',
    size: 'Size',
    licence: 'Licence',
    downloads: 'Downloads',
    updated: (date: string) => `updated ${date}`,
    noLicence: 'none given',
    get: 'Get…',
    getThis: (id: string) => `Get ${id}`,
    downloadThis: (id: string) => `Download ${id}?`,
    question: (id: string, size: number) => `Download ${id}, ${bytes(size)}?`,
    licenceUnknown: 'It names no licence: find out whether you may use it.',
    licenceIs: (licence: string) => `Its licence is ${licence}: read its conditions.`,
    sent: (hub: string | null) =>
      `${hub ?? 'The Hub'} and its download servers receive the name of the model and the address of this computer, and nothing of your project.`,
    storedIn: (folder: string) => `The files are stored in ${folder}.`,
    download: 'Download',
    notNow: 'Not now',
  },

  tryIt: {
    title: 'Try',
    heading: 'Predict genres for a plot',
    label: 'Type or paste a plot: each trained model predicts its genres',
    placeholder: 'A retired detective returns to the harbour town where his brother was murdered…',
    predict: 'Predict',
    predicting: 'Predicting…',
    updates: 'Updates as you type;',
    atOnce: 'predicts at once.',
    trainingNow: 'When the training is finished, the model predicts genres for any plot here.',
    noModel: 'Train a model first: then it predicts the genres of any plot that you type or paste here.',
    genres: 'Genres',
    previousText: 'for the previous text',
    noGenre: 'no genre reaches its threshold',
    probabilities: 'Probabilities',
    probabilityOfEach: 'Probability of each genre',
    predicted: ', predicted',
    unknownGenre: 'not in this model',
    topOnly: 'Top genres only',
    allGenres: (n: number) => `All ${genres(n)}`,
    thresholdHelp: "The mark on each bar is the genre's threshold: genres that reach the mark are coloured and predicted.",
  },

  export: {
    what: 'What to export',
    contents: {
      catalogue: { label: 'Cleaned catalogue', help: 'your file with every original column and the corrected genres' },
      changes: { label: 'Change log', help: 'every decision: movie, genre, from, to, who, when' },
      predictions: { label: 'Predictions', help: 'the probability of every genre for every movie' },
      report: {
        label: 'Report',
        help: 'one HTML page for readers without Reelabel: figures, wrong labels, slices, audit, retrains, data card',
      },
      'report-pdf': {
        label: 'Report as PDF',
        help: 'the same page, printed; outside the desktop app it needs Chromium, Chrome or Edge on this computer',
      },
    },
    /** In the names of files. */
    names: { catalogue: 'cleaned', changes: 'change log', predictions: 'predictions', report: 'report', 'report-pdf': 'report' },
    withRemoved: (n: number) =>
      `The cleaned catalogue also holds ${plural(n, { one: 'the # movie that cleaning removes', other: 'the # movies that cleaning removes' })}: every record of your file stays.`,
    extraColumns: 'Extra columns',
    columns: {
      previous: { label: 'Previous genres', help: 'as in the source' },
      verdict: { label: 'Verdict', help: 'the model’s verdict and your decision' },
      probability: { label: 'Probability', help: 'of each label, from a model that did not learn from the movie' },
      who: { label: 'Who', help: 'made the last change' },
      when: { label: 'When', help: 'the last change was made' },
    },
    severalGenres: 'Several genres in a cell',
    severalGenresHelp: 'For a file with one genre in each cell: writes “Drama|War”. Off: an export with such movies is refused.',
    escapeFormulas: 'Escape formulas',
    escapeFormulasHelp:
      'Adds an apostrophe to cells that a spreadsheet would run, such as “=cmd…”. Off: unchanged cells stay byte-identical.',
    run: 'Export',
    corrections: (n: number) => plural(n, { one: '# correction so far.', other: '# corrections so far.' }),
    done: 'Exported',
    written: (n: number) => `${records(n)}.`,
    writtenReport: 'One file that can be read without Reelabel.',
    writtenCatalogue: (n: number, changed: number) =>
      `${records(n)}; ${plural(changed, { one: '# differs', other: '# differ' })} from the source.`,
    noFormulas: 'No cell had to be escaped.',
    escaped: (n: number) => plural(n, { one: '# cell was escaped with an apostrophe.', other: '# cells were escaped with an apostrophe.' }),
    downloaded: (size: string) => `${size}, downloaded`,
    writtenTo: (size: string, path: string) => `${size}, ${path}`,
    everything: {
      title: 'Full export',
      help: 'The original rows, the cleaned movies, every decision and each model’s predictions as CSV and JSON files, with a README that explains them.',
      run: 'Export everything',
      files: 'Files of the export',
      folder: (project: string) => `${project} everything`,
    },
  },

  /** Backups, restoring, damaged projects. */
  safety: {
    title: 'Backups',
    copyName: (project: string) => `${project} copy.reel`,
    copied: (path: string) => `The copy is saved as ${path}. The original stays open.`,
    openCopy: 'Open the copy',
    confirmQuestion: (at: string) => `Restore the backup of ${at}?`,
    lostUnknown: 'Its contents could not be read. If restoring it fails, nothing changes.',
    lostNothing: 'It holds every decision of the project.',
    lost: (n: number) =>
      plural(n, { one: 'It lacks the last decision of the project.', other: 'It lacks the last # decisions of the project.' }),
    backedUpFirst: 'The current project is backed up first, so you can return to it.',
    restore: 'Restore',
    keepCurrent: 'Keep the current project',
    automatic: 'Back up automatically, hourly and daily, while something changes',
    summary: (n: number, size: string, folder: string) =>
      `${plural(n, { one: '# backup', other: '# backups' })}, ${size}, in ${folder}. Old backups are deleted.`,
    loading: 'Looking for backups…',
    backUpNow: 'Back up now',
    table: {
      label: 'Backups of this project',
      when: 'When',
      reason: 'Reason',
      contents: 'Contents',
      size: 'Size',
      unreadable: 'Could not be read',
      decisionsOnly: (n: number) => `${decisions(n)}, without the movies`,
      whole: (nMovies: number, nDecisions: number) => `${movies(nMovies)}, ${decisions(nDecisions)}`,
      restore: 'Restore…',
      restoreThis: (at: string) => `Restore the backup of ${at}`,
      empty: 'No backup yet. The first one is made with the first decisions.',
    },
    reasons: {
      hourly: 'Hourly',
      daily: 'Daily',
      'before-merge': 'Before an update from files',
      'before-restore': 'Before restoring a backup',
      'before-migration': 'Before a newer version changed the file',
      asked: 'Manual',
    },
    trouble: {
      damaged: 'This project is damaged',
      damagedHelp:
        'Reelabel can read it page by page and save what is left to a new folder: decisions first, then movies. The damaged file is not changed.',
      newer: 'This project was made by a newer version',
      newerHelp: 'Update Reelabel to open it. The file was not changed.',
      readOnly: 'This project is read-only',
      readOnlyHelp: 'Allow writing to the file and its folder, or copy it to another folder, and try again.',
      busy: 'This project is open elsewhere',
      busyHelp: 'Close it there and try again. Two programs would overwrite each other’s work.',
      openIn: 'Open in',
      holder: (user: string, host: string, since: string, pid: number) => `by ${user} on ${host} since ${since} (process ${pid}).`,
      orRestore: 'Or restore a backup. The damaged file is kept beside it.',
      salvage: 'Salvage what can be read',
      openSalvaged: 'Open the salvaged project',
    },
    salvaged: {
      folder: (folder: string) => `Written to ${folder}`,
      noProject: 'Too little could be read to make a project.',
      label: 'Salvaged tables',
      table: 'Table',
      rows: 'Rows read',
      lost: 'Lost',
      nothingLost: 'Nothing found missing',
    },
  },

  charts: {
    support: 'Movies with the genre (logarithmic scale)',
    f1: 'F1',
    png: 'PNG',
    csv: 'CSV',
    savePicture: (name: string) => `PNG: save ${name} as a picture`,
    saveTable: (name: string) => `CSV: save ${name} as a table`,
    ends: { low: 'Interval from', high: 'Interval to' },
    point: (p: { readonly name: string; readonly f1: number; readonly low: number; readonly high: number; readonly support: number }) =>
      `${p.name}: F1 ${figure(p.f1)} (${figure(p.low)} to ${figure(p.high)}), ${movies(p.support)}`,
  },

  /** Parts that several screens use: dialogs, lists, fields, progress. */
  components: {
    noCount: '·',
    previousPage: 'Previous',
    nextPage: 'Next',
    rowsOf: (from: number, to: number, all: number) => `${count(from)} to ${count(to)} of the first ${count(all)}`,
    files: {
      toSave: (n: number) => plural(n, { one: 'Save this file:', other: 'Save these # files:' }),
      file: 'File',
      rows: 'Rows',
      size: 'Size',
      save: 'Save',
      saveThis: (name: string) => `Save ${name}`,
    },
    before: 'Before:',
    after: 'After:',
    noText: 'nothing',
    newName: (name: string) => `Use “${name}” as a new name`,
    noMatch: 'No match',
    moreOptions: (n: number) => `${count(n)} more: type to narrow the list`,
    notices: { error: 'Errors', info: 'Messages', news: 'News' },
    dismiss: 'Dismiss',
    soFar: (ms: number) => `${duration(ms)} so far`,
    left: (ms: number) => `about ${duration(ms)} left`,
    progressOf: (label: string) => `${label}: progress`,
    threshold: (t: number) => `, threshold ${percent(t)}`,
    add: 'Add…',
    addTo: (label: string) => `Add to ${label}`,
    removeFrom: (value: string, label: string) => `Remove ${value} from ${label}`,
  },
}
