/**
 * Every text of the window that a user can read or hear, in English. One section per screen or concept; a leaf is a string, or a function of
 * typed parameters. Sentences start with a capital letter and end with a full stop; a button says what it does.
 */
import { plural } from './format.ts'

const movies = (n: number): string => plural(n, { one: '# movie', other: '# movies' })
const genres = (n: number): string => plural(n, { one: '# genre', other: '# genres' })
const records = (n: number): string => plural(n, { one: '# record', other: '# records' })
const files = (n: number): string => plural(n, { one: '# file', other: '# files' })
const decisions = (n: number): string => plural(n, { one: '# decision', other: '# decisions' })

export const en = {
  /** Words that several screens share. */
  common: {
    close: 'Close',
    cancel: 'Cancel',
    tryAgain: 'Try again',
    /** In the place of an empty cell. */
    none: '–',
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
      train: 'Train',
      try: 'Try',
      export: 'Export',
    },
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
    },
    project: {
      button: (name: string | null) => `Project: ${name ?? 'none'}`,
      none: 'No project',
      list: 'Projects',
      empty: 'No other projects yet.',
      openSample: 'Open the sample project',
      import: 'Import files…',
      current: 'This project',
      update: 'Update from files…',
      backups: 'Backups…',
      saveAs: 'Save as…',
      exportAll: 'Export everything…',
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
  connection: {},

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
      backup: 'Backing up',
      restore: 'Restoring',
      copy: 'Copying',
      salvage: 'Salvaging',
      everything: 'Exporting everything',
      download: 'Downloading a model',
      'export-model': 'Exporting a model',
    },
  },

  /** Undo, redo, and the history of decisions. */
  labels: {},

  import: {},

  /** Records that an import rejected. */
  rejected: {},

  /** Updating a project from newer files. */
  merge: {},

  clean: {},

  overview: {},

  review: {},

  train: {},

  /** Settings of a training, by the name of the parameter. */
  recipe: {},

  /** Pre-trained models on this computer. */
  models: {
    exportedFiles: 'Files of the model',
  },

  /** Downloads from the Hugging Face Hub. */
  hub: {},

  tryIt: {},

  export: {
    what: 'What to export',
    contents: {
      catalogue: { label: 'Cleaned catalogue', help: 'your file with every original column and the corrected genres' },
      changes: { label: 'Change log', help: 'every decision: movie, genre, from, to, who, when' },
      predictions: { label: 'Predictions', help: 'the probability of every genre for every movie' },
    },
    extraColumns: 'Extra columns',
    columns: {
      previous: { label: 'Previous genres', help: 'as in the source' },
      verdict: { label: 'Verdict', help: 'the model’s verdict and your decision' },
      probability: { label: 'Probability', help: 'of each label, from a model that did not learn from the movie' },
      who: { label: 'Who', help: 'made the last change' },
      when: { label: 'When', help: 'the last change was made' },
    },
    escapeFormulas: 'Escape formulas',
    escapeFormulasHelp:
      'Adds an apostrophe to cells that a spreadsheet would run, such as “=cmd…”. Off: unchanged cells stay byte-identical.',
    run: 'Export',
    corrections: (n: number) => plural(n, { one: '# correction so far.', other: '# corrections so far.' }),
    done: 'Exported',
    written: (n: number) => `${records(n)}.`,
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
    },
  },

  /** Backups, restoring, damaged projects. */
  safety: {
    title: 'Backups',
    confirm: 'Restore this backup?',
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

  charts: {},

  /** Parts that several screens use: dialogs, lists, fields, progress. */
  components: {
    files: {
      toSave: (n: number) => plural(n, { one: 'Save this file:', other: 'Save these # files:' }),
      file: 'File',
      rows: 'Rows',
      size: 'Size',
      save: 'Save',
      saveThis: (name: string) => `Save ${name}`,
    },
  },
}
